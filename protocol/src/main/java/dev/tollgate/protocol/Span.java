package dev.tollgate.protocol;

/**
 * A stretch of a request body, in bytes.
 *
 * @param start first byte
 * @param end one past the last byte
 */
public record Span(int start, int end) {}
