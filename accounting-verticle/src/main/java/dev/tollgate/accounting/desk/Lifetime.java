package dev.tollgate.accounting.desk;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long something lasts from now on: LiteLLM's {@code duration} and {@code grace_period}. Unlike a budget's period it does not
 * follow the clock, and months are the calendar's.
 *
 * @param count how many units
 * @param unit {@code s}, {@code m}, {@code h}, {@code d}, {@code w} or {@code mo}
 */
record Lifetime(int count, String unit) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6})\\s*(s|m|h|d|w|mo)");
    private static final long DAY = 86_400;
    private static final DateTimeFormatter ISO =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneOffset.UTC);

    /** Reads {@code 30s}, {@code 24h} or {@code 1mo}; empty: it is none of them. */
    static Optional<Lifetime> parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        return form.matches()
                ? Optional.of(new Lifetime(Integer.parseInt(form.group(1)), form.group(2)))
                : Optional.empty();
    }

    /** When it ends. */
    Instant from(Instant now) {
        return unit.equals("mo")
                ? now.atOffset(ZoneOffset.UTC).plusMonths(count).toInstant()
                : now.plusSeconds(seconds());
    }

    /** About how long it is; a month counts as 30 days, as in LiteLLM. */
    long seconds() {
        return count
                * switch (unit) {
                    case "s" -> 1;
                    case "m" -> 60;
                    case "h" -> 3_600;
                    case "d" -> DAY;
                    case "w" -> 7 * DAY;
                    default -> 30 * DAY;
                };
    }

    /** A time as LiteLLM writes it. */
    static String iso(Instant time) {
        return ISO.format(time).replace("Z", "+00:00");
    }

    /** A time of the documents. */
    static Instant time(String iso) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(iso, Instant::from);
    }
}
