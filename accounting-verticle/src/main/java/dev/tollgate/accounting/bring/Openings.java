package dev.tollgate.accounting.bring;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Period;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What counts as spent from the first call on. LiteLLM's {@code spend} is that since its last reset, and {@code budget_reset_at} says
 * when the next one is due, on the row or on the budget that it points to. Where that time has passed, the period is over, though
 * nobody set the figure back. Else it counts for the period that runs here.
 */
final class Openings {
    private final Instant now;
    private final ZoneId zone;
    private final Map<String, Term> budgets = new HashMap<>();

    /** A budget's own duration and end of its period. */
    private record Term(@Nullable String duration, @Nullable Instant resetAt) {}

    Openings(Instant now, ZoneId zone) {
        this.now = now;
        this.zone = zone;
    }

    /** Remembers a budget that others point to. */
    void budget(String id, LiteLlmRow row) {
        budgets.put(id, new Term(row.text("budget_duration"), row.time("budget_reset_at")));
    }

    Brought.@Nullable Opening of(Holder holder, LiteLlmRow row, JsonObject document) {
        Term budget = budgets.getOrDefault(String.valueOf(document.getValue("budget_id")), new Term(null, null));
        String own = row.text("budget_duration");
        Instant resetAt = row.time("budget_reset_at");
        return of(
                holder,
                row.spentNanos(),
                own == null ? budget.duration : own,
                resetAt == null ? budget.resetAt : resetAt);
    }

    Brought.@Nullable Opening of(Holder holder, long nanos, @Nullable String duration, @Nullable Instant resetAt) {
        Period period = duration == null ? null : Period.parse(duration).orElse(null);
        boolean over = period != null && resetAt != null && !resetAt.isAfter(now);
        if (nanos == 0 || over) {
            return null;
        }
        long start = period == null ? 0 : period.start(now, zone).toEpochMilli();
        return new Brought.Opening(new Charge(holder, start), nanos);
    }
}
