package dev.tollgate.config;

import dev.tollgate.config.GeneralSettings.Retention;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads how long spend rows are kept: {@code 30d} and the like, as LiteLLM writes durations. */
final class RetentionReader {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6})(s|m|h|d|w|mo)");
    private static final String PERIOD = "maximum_spend_logs_retention_period";
    private static final String INTERVAL = "maximum_spend_logs_retention_interval";

    private final Section general;
    private final Problems problems;

    RetentionReader(Section general, Problems problems) {
        this.general = general;
        this.problems = problems;
    }

    @Nullable Retention read() {
        Duration period = duration(PERIOD);
        Duration interval = duration(INTERVAL);
        return period == null ? null : new Retention(period, interval == null ? Duration.ofDays(1) : interval);
    }

    private @Nullable Duration duration(String key) {
        String text = general.text(key);
        if (text == null) {
            return null;
        }
        Matcher form = FORM.matcher(text.strip());
        long count = form.matches() ? Long.parseLong(form.group(1)) : 0;
        if (count == 0) {
            problems.error(general.origin(key), "`" + key + "` must be a time such as 30d, 12h or 1mo");
            return null;
        }
        return switch (form.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            case "d" -> Duration.ofDays(count);
            case "w" -> Duration.ofDays(7 * count);
            default -> Duration.ofDays(30 * count);
        };
    }
}
