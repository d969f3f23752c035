package dev.tollgate.config;

import java.util.List;
import java.util.regex.Pattern;

/** Reads {@link MakingSettings}. */
final class MakingReader {
    private static final Pattern DURATION = Pattern.compile("[1-9]\\d{0,5}\\s*(s|m|h|d|w|mo)");
    private static final List<String> AMOUNTS =
            List.of("max_budget", "soft_budget", "tpm_limit", "rpm_limit", "max_parallel_requests");
    private static final List<String> DURATIONS = List.of("duration", "budget_duration");

    private final Section library;
    private final Problems problems;

    MakingReader(Section library, Problems problems) {
        this.library = library;
        this.problems = problems;
    }

    MakingSettings read() {
        return new MakingSettings(
                object("default_key_generate_params"),
                object("upperbound_key_generate_params"),
                object("key_generation_settings"),
                object("default_internal_user_params"),
                object("default_team_params"));
    }

    /** A limit that cannot be read must not be no limit, so it is an error. */
    private String object(String name) {
        Section section = library.section(name);
        AMOUNTS.forEach(section::number);
        for (String duration : DURATIONS) {
            String text = section.text(duration);
            if (text != null && !DURATION.matcher(text.strip()).matches()) {
                problems.error(
                        section.origin(duration),
                        "`" + name + "." + duration + "` must be a number and s, m, h, d, w or mo, such as 30d, not `"
                                + text + "`");
            }
        }
        return library.node(name) instanceof ConfigNode.Mapping mapping ? JsonText.of(mapping) : "{}";
    }
}
