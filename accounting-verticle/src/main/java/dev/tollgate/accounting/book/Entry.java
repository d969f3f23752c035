package dev.tollgate.accounting.book;

import io.vertx.core.json.JsonObject;

/**
 * One entry of the book as the admin API sees it.
 *
 * @param kind what it is about
 * @param id its id among those
 * @param version how often it was written, from 1; a change names the version that it is based on
 * @param document LiteLLM's fields, without spend and without any clear key
 */
public record Entry(Kind kind, String id, long version, JsonObject document) {}
