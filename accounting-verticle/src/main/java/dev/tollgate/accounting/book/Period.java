package dev.tollgate.accounting.book;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often spend begins anew: LiteLLM's {@code budget_duration}. Its rules: seconds, minutes and hours end at multiples of
 * themselves of the clock, {@code 1d} at midnight, {@code 7d} and {@code 1w} at the midnight before Monday, {@code 30d} and
 * {@code 1mo} before the first of the month, other days every so many since 1970-01-01, other months by the calendar year's count.
 *
 * @param count how many units
 * @param unit which
 */
public record Period(int count, Unit unit) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6})\\s*(s|m|h|d|w|mo)");

    /** Units of {@link Period}. */
    public enum Unit {
        /** {@code s}. */
        SECONDS("s"),
        /** {@code m}. */
        MINUTES("m"),
        /** {@code h}. */
        HOURS("h"),
        /** {@code d}. */
        DAYS("d"),
        /** {@code mo}. */
        MONTHS("mo");

        private final String letters;

        Unit(String letters) {
            this.letters = letters;
        }
    }

    /** Reads {@code 30s}, {@code 15m}, {@code 1h}, {@code 7d}, {@code 2w} or {@code 1mo}; empty: it is none of them. */
    public static Optional<Period> parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches() || Integer.parseInt(form.group(1)) == 0) {
            return Optional.empty();
        }
        int count = Integer.parseInt(form.group(1));
        return Optional.of(
                switch (form.group(2)) {
                    case "s" -> new Period(count, Unit.SECONDS);
                    case "m" -> new Period(count, Unit.MINUTES);
                    case "h" -> new Period(count, Unit.HOURS);
                    case "d" -> count == 30 ? new Period(1, Unit.MONTHS) : new Period(count, Unit.DAYS);
                    case "w" -> new Period(7 * count, Unit.DAYS);
                    default -> new Period(count, Unit.MONTHS);
                });
    }

    /** When the period that {@code now} is in began. */
    public Instant start(Instant now, ZoneId zone) {
        LocalDateTime here = LocalDateTime.ofInstant(now, zone);
        return switch (unit) {
            case SECONDS, MINUTES -> clock(now);
            case HOURS -> count == 1 ? clock(now) : firstHour(here).atZone(zone).toInstant();
            case DAYS -> firstDay(here.toLocalDate()).atStartOfDay(zone).toInstant();
            case MONTHS -> firstMonth(here.toLocalDate()).atStartOfDay(zone).toInstant();
        };
    }

    /** When it ends and the next begins. */
    public Instant end(Instant now, ZoneId zone) {
        LocalDateTime here = LocalDateTime.ofInstant(now, zone);
        return switch (unit) {
            case SECONDS, MINUTES -> clock(now).plusSeconds(seconds());
            case HOURS ->
                count == 1
                        ? clock(now).plusSeconds(seconds())
                        : firstHour(here).plusHours(count).atZone(zone).toInstant();
            case DAYS ->
                firstDay(here.toLocalDate()).plusDays(count).atStartOfDay(zone).toInstant();
            case MONTHS ->
                firstMonth(here.toLocalDate())
                        .plusMonths(count)
                        .atStartOfDay(zone)
                        .toInstant();
        };
    }

    /** Up to an hour, the clock of UTC: a local one shows some minutes twice when summer time ends. */
    private Instant clock(Instant now) {
        return Instant.ofEpochSecond(Math.floorDiv(now.getEpochSecond(), seconds()) * seconds());
    }

    private long seconds() {
        return switch (unit) {
            case SECONDS -> count;
            case MINUTES -> count * 60L;
            default -> count * 3_600L;
        };
    }

    /** Longer ones by the local clock, so that 12 hours end at noon and midnight all year. */
    private LocalDateTime firstHour(LocalDateTime here) {
        long hours = Math.floorDiv(here.toEpochSecond(ZoneOffset.UTC), 3_600L);
        return LocalDateTime.ofEpochSecond(Math.floorDiv(hours, (long) count) * count * 3_600L, 0, ZoneOffset.UTC);
    }

    private LocalDate firstDay(LocalDate today) {
        if (count == 7) {
            return today.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
        }
        return LocalDate.ofEpochDay(Math.floorDiv(today.toEpochDay(), (long) count) * count);
    }

    private LocalDate firstMonth(LocalDate today) {
        long months = today.getYear() * 12L + today.getMonthValue() - 1;
        long first = Math.floorDiv(months, (long) count) * count;
        return LocalDate.of((int) Math.floorDiv(first, 12L), (int) Math.floorMod(first, 12L) + 1, 1);
    }

    @Override
    public String toString() {
        return count + unit.letters;
    }
}
