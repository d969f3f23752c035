package dev.tollgate.protocol;

/**
 * An attempt may generate fewer tokens than its call asks for: router to the gateway of the same lane, which can change bodies and
 * answers with the {@link Call} to be made.
 *
 * @param call the call
 * @param cap the most that it may generate
 */
public record Capping(Call call, Admission.Cap cap) {}
