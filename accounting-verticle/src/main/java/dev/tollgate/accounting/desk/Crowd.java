package dev.tollgate.accounting.desk;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** People of one request, each dealt with by itself: who cannot be is named, and does not hinder the others. */
final class Crowd {
    private final JsonArray results = new JsonArray();
    private final Set<String> addresses = new HashSet<>();
    private int done;

    /** What is to be done with each; answers the user's id. */
    @FunctionalInterface
    interface Step {
        String with(JsonObject person) throws Refusal;
    }

    /** Does it with all of them, in their order. */
    Crowd(JsonArray people, Step step) {
        for (Object each : people) {
            JsonObject person = each instanceof JsonObject object ? object : new JsonObject();
            JsonObject result = new JsonObject()
                    .put("user_id", person.getValue("user_id"))
                    .put("user_email", person.getValue("user_email"));
            try {
                once(person);
                result.put("user_id", step.with(person)).put("success", true);
                done++;
            } catch (Refusal refusal) {
                result.put("success", false).put("error", refusal.reason());
            }
            results.add(result);
        }
    }

    /** Nothing of this request is in the book yet, so what it gives to one user is not seen there by the next. */
    private void once(JsonObject person) throws Refusal {
        if (person.getValue("user_email") instanceof String email && !addresses.add(email.toLowerCase(Locale.ROOT))) {
            throw Refusal.bad("The email " + email + " is in this request twice", "user_email");
        }
    }

    /** What came of each: {@code user_id}, {@code user_email}, {@code success}, {@code error}. */
    JsonArray results() {
        return results;
    }

    /** The results and how many there are, as LiteLLM shows them; both names are of what was done. */
    JsonObject json(String successful, String failed) {
        return new JsonObject()
                .put("results", results)
                .put("total_requested", results.size())
                .put(successful, done)
                .put(failed, results.size() - done);
    }
}
