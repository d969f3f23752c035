package dev.tollgate.accounting.price;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Prices that replace the usual ones at some hours: the field {@code off_peak_pricing} of a row, which is JSON. Its {@code *cost*} members
 * are prices. Its {@code windows} are the hours: each has {@code hours_utc}, one text or a list of them such as {@code 16:30-00:30}, whose
 * end is no longer part of it, and {@code weekdays} from 1, Monday, to 7; without them it is of every day. A row of one window may have
 * its two members beside the prices. {@code weekday_timezone} tells where it is that weekday; it is UTC otherwise. Hours are UTC anyway.
 *
 * <p>Who cannot read all of it knows nothing: a member with another name could as well say that the prices are over.
 *
 * @param prices by LiteLLM's field name, in USD
 * @param windows when they hold; outside all of them they do not
 * @param weekdayZone where a weekday begins
 */
record OffPeak(Map<String, BigDecimal> prices, List<Window> windows, ZoneId weekdayZone) {
    static final String FIELD = "off_peak_pricing";

    private static final String WINDOWS = "windows";
    private static final String HOURS = "hours_utc";
    private static final String WEEKDAYS = "weekdays";
    private static final String ZONE = "weekday_timezone";
    private static final Pattern SPAN = Pattern.compile("\\d\\d:\\d\\d-\\d\\d:\\d\\d");

    OffPeak {
        prices = Map.copyOf(prices);
        windows = List.copyOf(windows);
    }

    /**
     * Some hours of some weekdays.
     *
     * @param from its first moment, in UTC
     * @param until the first moment after it; not after {@code from}: on the next day
     */
    record Window(LocalTime from, LocalTime until, Set<DayOfWeek> days) {
        private boolean has(LocalTime time) {
            return from.isBefore(until)
                    ? !time.isBefore(from) && time.isBefore(until)
                    : !time.isBefore(from) || time.isBefore(until);
        }
    }

    /** Those of a row; null where it has none, or none that can be read. */
    static @Nullable OffPeak of(Map<String, String> row) {
        String text = row.get(FIELD);
        return text == null ? null : read(text);
    }

    static @Nullable OffPeak read(String text) {
        try {
            return read(PriceRow.JSON.readTree(text));
        } catch (JsonProcessingException | DateTimeException | IllegalArgumentException _) {
            // As with every field that cannot be read: the usual prices are left, and hold always.
            return null;
        }
    }

    private static OffPeak read(JsonNode all) {
        check(all.isObject());
        Map<String, BigDecimal> prices = new HashMap<>();
        List<Window> windows = new ArrayList<>();
        all.properties().forEach(member -> {
            JsonNode value = member.getValue();
            switch (member.getKey()) {
                case WINDOWS -> {
                    check(value.isArray());
                    value.forEach(each -> {
                        check(each.properties().stream().allMatch(part -> ofWindow(part.getKey())));
                        windows.addAll(windows(each));
                    });
                }
                case HOURS -> windows.addAll(windows(all));
                case WEEKDAYS -> check(all.has(HOURS));
                case ZONE -> check(value.isTextual());
                default -> prices.put(member.getKey(), price(member.getKey(), value));
            }
        });
        check(!prices.isEmpty() && !windows.isEmpty());
        ZoneId zone = all.has(ZONE) ? ZoneId.of(all.get(ZONE).textValue()) : ZoneOffset.UTC;
        return new OffPeak(prices, windows, zone);
    }

    private static boolean ofWindow(String member) {
        return member.equals(HOURS) || member.equals(WEEKDAYS);
    }

    private static BigDecimal price(String name, JsonNode value) {
        check(name.contains("cost") && value.isNumber() && value.decimalValue().signum() >= 0);
        return value.decimalValue();
    }

    private static List<Window> windows(JsonNode from) {
        Set<DayOfWeek> days = from.has(WEEKDAYS) ? days(from.get(WEEKDAYS)) : EnumSet.allOf(DayOfWeek.class);
        JsonNode hours = from.path(HOURS);
        check(hours.isTextual() || hours.isArray() && !hours.isEmpty());
        List<Window> windows = new ArrayList<>();
        for (JsonNode each : hours.isTextual() ? List.of(hours) : hours) {
            check(each.isTextual());
            windows.add(window(each.textValue(), days));
        }
        return windows;
    }

    private static Set<DayOfWeek> days(JsonNode numbers) {
        check(numbers.isArray() && !numbers.isEmpty());
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (JsonNode number : numbers) {
            check(number.isInt());
            days.add(DayOfWeek.of(number.intValue()));
        }
        return days;
    }

    private static Window window(String span, Set<DayOfWeek> days) {
        check(SPAN.matcher(span).matches());
        LocalTime from = LocalTime.parse(span.substring(0, 5));
        LocalTime until = LocalTime.parse(span.substring(6));
        // From midnight to midnight is a day; from any other time to itself may as well be nothing.
        check(!from.equals(until) || from.equals(LocalTime.MIDNIGHT));
        return new Window(from, until, days);
    }

    private static void check(boolean readable) {
        if (!readable) {
            throw new IllegalArgumentException("An " + FIELD + " that cannot be read");
        }
    }

    /** Whether they hold then. */
    boolean at(Instant instant) {
        LocalTime time = LocalTime.ofInstant(instant, ZoneOffset.UTC);
        DayOfWeek day = instant.atZone(weekdayZone).getDayOfWeek();
        for (Window window : windows) {
            if (window.days.contains(day) && window.has(time)) {
                return true;
            }
        }
        return false;
    }

    /** All prices at these hours, when those are the usual ones. */
    Map<String, BigDecimal> over(Map<String, BigDecimal> usual) {
        Map<String, BigDecimal> all = new HashMap<>(usual);
        all.putAll(prices);
        return all;
    }

    /** The same without some prices; null when no other is left. */
    @Nullable OffPeak without(Predicate<String> names) {
        Map<String, BigDecimal> left = new HashMap<>(prices);
        left.keySet().removeIf(names);
        return left.isEmpty() ? null : new OffPeak(left, windows, weekdayZone);
    }
}
