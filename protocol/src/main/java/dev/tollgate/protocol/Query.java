package dev.tollgate.protocol;

import java.util.Map;

/**
 * A read-only question of the control plane to the room that owns the answer, such as the spend rows.
 *
 * @param what which question, one of the constants of {@link Addresses}' owners: {@code spend/logs}
 * @param parameters its parameters, as in the query string
 */
public record Query(String what, Map<String, String> parameters) {}
