package dev.tollgate.accounting.report;

import dev.tollgate.accounting.ledger.SpendSums;
import dev.tollgate.accounting.ledger.SpendSums.Condition;
import dev.tollgate.accounting.ledger.SpendSums.Part;
import dev.tollgate.accounting.price.Money;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code GET /global/all_end_users}, and {@code POST /global/spend/end_users}: those who spent most with all keys, or with one. */
final class EndUsers {
    private static final int MOST = 100;

    private EndUsers() {}

    /** All that rows name. */
    static JsonObject all(Ask ask) {
        List<String> names = ask.between(List.of(Part.END_USER)).stream()
                .map(sum -> sum.text(Part.END_USER))
                .filter(name -> !name.isEmpty())
                .sorted()
                .toList();
        return new JsonObject().put("end_users", new JsonArray(names));
    }

    /** Calls of no end user stand under an empty name, as LiteLLM's do. */
    static JsonArray highest(Ask ask) {
        JsonObject body = body(ask.query().body());
        String key = text(body, "api_key");
        Condition[] only = key == null ? new Condition[0] : new Condition[] {Condition.of(Part.KEY, key)};
        List<SpendSums.Sum> sums = ask.lately(
                List.of(Part.END_USER),
                SpendSums.time("startTime", text(body, "startTime"), 0),
                SpendSums.time("endTime", text(body, "endTime"), 1),
                only);
        JsonArray rows = new JsonArray();
        Reports.highest(sums, Part.END_USER)
                .limit(MOST)
                .forEach(sum -> rows.add(new JsonObject()
                        .put("end_user", sum.text(Part.END_USER))
                        .put("total_count", sum.requests())
                        .put("total_spend", Money.dollars(sum.nanos()))));
        return rows;
    }

    private static JsonObject body(@Nullable Buffer body) {
        try {
            return body == null || body.length() == 0 ? new JsonObject() : new JsonObject(body);
        } catch (DecodeException | ClassCastException e) {
            throw new IllegalArgumentException("The body must be a JSON object, such as {\"api_key\": \"sk-...\"}", e);
        }
    }

    private static @Nullable String text(JsonObject body, String name) {
        Object value = body.getValue(name);
        if (value != null && !(value instanceof String)) {
            throw new IllegalArgumentException("`" + name + "` must be a text");
        }
        return value == null || value.toString().isBlank() ? null : value.toString();
    }
}
