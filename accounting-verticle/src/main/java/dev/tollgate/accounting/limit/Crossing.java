package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.price.Money;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sees when spend passes a soft budget, or leaves nothing of a budget, or so little that a call is refused: calls may cost only what is
 * left, so that the end is hardly ever reached to the nano-dollar. Where nodes divide budgets, a node hears only now and then what
 * others have spent, so each says it once it knows; that it is sent only once is somebody else's business.
 */
final class Crossing {
    private Crossing() {}

    /** What a cost that is in the purse brought about, or null. All in nano-dollars. */
    static @Nullable Alert of(Party party, Purse purse, Instant now, long cost, long periodMillis) {
        Limits limits = party.limits();
        if (!party.enforced()) {
            return null;
        }
        long spent = purse.spentAt(now);
        if (purse.crossed(limits.budgetNanos(), spent, cost)) {
            return alert(party, "budget_crossed", "has spent its budget", limits.budgetNanos(), spent, periodMillis);
        }
        if (purse.crossed(limits.softNanos(), spent, cost)) {
            return alert(
                    party,
                    "soft_budget_crossed",
                    "has passed its soft budget",
                    limits.softNanos(),
                    spent,
                    periodMillis);
        }
        return null;
    }

    /** A call was refused for this party's budget; of a thousand such calls in a period one is told. */
    static void refused(Party party, Purse purse, long spent, Consumer<Alert> alerts) {
        long limit = party.limits().budgetNanos();
        long periodMillis = purse.refused(limit, spent);
        if (periodMillis >= 0) {
            String what = spent >= limit ? "has spent its budget" : "has too little left of its budget for a call";
            alerts.accept(alert(party, "budget_crossed", what, limit, spent, periodMillis));
        }
    }

    private static Alert alert(Party party, String event, String what, long limit, long spent, long periodMillis) {
        String shown = Refusals.shown(party);
        JsonObject fields = new JsonObject()
                .put("event_group", party.descriptor().equals("api_key") ? "key" : party.descriptor())
                .put("spend", Money.dollars(spent))
                .put(event.startsWith("soft") ? "soft_budget" : "max_budget", Money.dollars(limit))
                .put(field(party.descriptor()), shown);
        return new Alert(
                event,
                party.holder() + "@" + periodMillis,
                Refusals.name(party) + " " + what + ": " + Money.text(spent) + " of " + Money.text(limit) + " USD",
                fields);
    }

    private static String field(String descriptor) {
        return switch (descriptor) {
            case "api_key", "model_per_key" -> "key_alias";
            case "team" -> "team_id";
            case "user", "team_member" -> "user_id";
            case "end_user" -> "customer_id";
            case "organization" -> "organization_id";
            default -> descriptor;
        };
    }
}
