package dev.tollgate.protocol;

import java.util.Map;

/**
 * A read-only question of the control plane to the room that owns the answer, such as the spend rows.
 *
 * @param what which question: {@link #SPEND_LOGS} or {@link #STORE}
 * @param parameters its parameters, as in the query string
 */
public record Query(String what, Map<String, String> parameters) {
    /** Spend rows, filtered by LiteLLM's parameters of {@code GET /spend/logs}. Answered as a JSON array. */
    public static final String SPEND_LOGS = "spend/logs";

    /** Whether the spend store took what it was last given; answered at once, as {@code {"works": true}}. */
    public static final String STORE = "store";

    public Query {
        parameters = Map.copyOf(parameters);
    }
}
