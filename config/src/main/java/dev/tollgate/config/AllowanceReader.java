package dev.tollgate.config;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@link Allowance}s. LiteLLM has two pairs of names for the same: {@code budget_limit, time_period} and {@code max_budget, budget_duration}. */
final class AllowanceReader {
    private static final Pattern DURATION = Pattern.compile("[1-9]\\d{0,5}\\s*(s|m|h|d|w|mo)");
    private static final List<String> NAMES = List.of("budget_limit", "time_period", "max_budget", "budget_duration");

    private AllowanceReader() {}

    /** A mapping of names to budgets, such as {@code provider_budget_config}. */
    static Map<String, Allowance> named(Section section, String key, Problems problems) {
        Map<String, Allowance> found = new LinkedHashMap<>();
        Section all = section.section(key);
        for (String name : all.keys()) {
            Section one = all.section(name);
            for (String member : one.keys()) {
                if (!NAMES.contains(member)) {
                    problems.error(
                            one.keyOrigin(member),
                            "unknown member `" + member + "` of a budget" + Nearest.hint(member, NAMES));
                }
            }
            Allowance allowance = read(one, "budget_limit", "time_period", problems);
            allowance = allowance != null ? allowance : read(one, "max_budget", "budget_duration", problems);
            if (allowance != null) {
                found.put(name, allowance);
            } else if (!one.has("budget_limit")
                    && !one.has("max_budget")
                    && !one.unset("budget_limit")
                    && !one.unset("max_budget")
                    && all.node(name) instanceof ConfigNode.Mapping) {
                problems.error(
                        all.keyOrigin(name),
                        "the budget of `" + name + "` needs a `"
                                + (key.startsWith("tag") ? "max_budget" : "budget_limit") + "` in USD");
            }
        }
        return found;
    }

    /** What these two members of a section say; null when they say nothing. */
    static @Nullable Allowance read(Section from, String limit, String period, Problems problems) {
        BigDecimal most = from.number(limit);
        String duration = duration(from, period, problems);
        return most == null ? null : new Allowance(most, duration);
    }

    static @Nullable String duration(Section from, String key, Problems problems) {
        String text = from.text(key);
        if (text == null || DURATION.matcher(text.strip()).matches()) {
            return text == null ? null : text.strip();
        }
        problems.error(
                from.origin(key),
                "`" + key + "` must be a number and s, m, h, d, w or mo, such as 30d, not `" + text + "`");
        return null;
    }
}
