package dev.tollgate.accounting.book;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What somebody may use.
 *
 * @param budgetNanos most to spend in each period in nano-dollars, or {@link #NONE}
 * @param softNanos spend that is worth an alert in nano-dollars, or {@link #NONE}
 * @param period when spend begins anew, or null: never
 * @param rpm requests a minute, or {@link #NONE}
 * @param tpm tokens a minute, or {@link #NONE}
 * @param parallel calls at once, or {@link #NONE}
 * @param models limits for single models or patterns of names; usually none
 * @param windows more budgets beside the first, each with a period of its own; usually none
 */
public record Limits(
        long budgetNanos,
        long softNanos,
        @Nullable Period period,
        long rpm,
        long tpm,
        long parallel,
        Map<String, Limits> models,
        List<Window> windows) {
    /** No limit. Zero is a limit: nothing is allowed. */
    public static final long NONE = -1;

    /** None at all. */
    public static final Limits UNLIMITED = new Limits(NONE, NONE, null, NONE, NONE, NONE, Map.of());

    /** Most to spend in each period in nano-dollars: one of {@code budget_limits}. */
    public record Window(long budgetNanos, Period period) {}

    public Limits {
        models = Map.copyOf(models);
        windows = List.copyOf(windows);
    }

    /** Without more windows. */
    public Limits(
            long budgetNanos,
            long softNanos,
            @Nullable Period period,
            long rpm,
            long tpm,
            long parallel,
            Map<String, Limits> models) {
        this(budgetNanos, softNanos, period, rpm, tpm, parallel, models, List.of());
    }

    /** Of the names with limits of their own the one whose limits hold for a model: its own, or the longest pattern that fits it. */
    public static @Nullable String named(Collection<String> names, String model) {
        if (names.contains(model)) {
            return model;
        }
        String found = null;
        for (String pattern : names) {
            boolean fits = pattern.endsWith("*")
                    ? model.startsWith(pattern.substring(0, pattern.length() - 1))
                    : model.endsWith("/" + pattern);
            if (fits && (found == null || pattern.length() > found.length())) {
                found = pattern;
            }
        }
        return found;
    }

    /** Whether a call must be counted before it is made. */
    public boolean limited() {
        return budgetNanos != NONE || rpm != NONE || tpm != NONE || parallel != NONE || inParts();
    }

    /** Whether some of it is counted apart from the rest. */
    public boolean inParts() {
        return !models.isEmpty() || !windows.isEmpty();
    }
}
