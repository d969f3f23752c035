package dev.tollgate.accounting.report;

import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SpendSums;
import dev.tollgate.accounting.ledger.SpendSums.Condition;
import dev.tollgate.accounting.ledger.SpendSums.Part;
import dev.tollgate.protocol.Query;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One question for a report: its parameters, understood, and the ledger's sums within what the caller may see. That scope is set here
 * and nowhere else, so that no report can forget it; one that goes by {@link #ofAll} says itself what is left out. A parameter that cannot be understood is an {@link IllegalArgumentException} with
 * words for the client.
 */
record Ask(Query query, Ledger ledger, Clock clock) {
    private static final int USUAL_DAYS = 30;

    /** The parameter, or null when it is missing or empty. */
    @Nullable String given(String name) {
        String value = query.parameters().get(name);
        return value == null || value.isBlank() ? null : value.strip();
    }

    /** Parts of the parameter between commas; empty: it was not given. */
    List<String> list(String name) {
        String value = given(name);
        return value == null
                ? List.of()
                : Stream.of(value.split(","))
                        .map(String::strip)
                        .filter(part -> !part.isEmpty())
                        .toList();
    }

    /** The day of a date or time, or null. */
    @Nullable LocalDate day(String name) {
        String text = given(name);
        try {
            return text == null ? null : LocalDate.parse(text.substring(0, Math.min(text.length(), 10)));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("`" + name + "` must be a date such as 2026-01-31", e);
        }
    }

    /** A whole number from 1, or {@code usual}. */
    int limit(int usual) {
        String text = given("limit");
        try {
            int limit = text == null ? usual : Integer.parseInt(text);
            if (limit < 1) {
                throw new IllegalArgumentException("`limit` must be 1 or more");
            }
            return limit;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("`limit` must be a whole number, such as 10", e);
        }
    }

    /** The same question about everybody's spend. */
    Ask ofAll() {
        return new Ask(query.within(Query.Scope.ALL), ledger, clock);
    }

    /** Sums between the two dates of the query, each of which may be missing. */
    List<SpendSums.Sum> between(List<Part> by, Condition... conditions) {
        return sums(by, day("start_date"), day("end_date"), conditions);
    }

    /** The same; both dates must be given. */
    List<SpendSums.Sum> betweenGiven(List<Part> by, Condition... conditions) {
        if (given("start_date") == null || given("end_date") == null) {
            throw new IllegalArgumentException("Please provide start_date and end_date");
        }
        return between(by, conditions);
    }

    /** Sums of the last 30 days and today. */
    List<SpendSums.Sum> lately(List<Part> by, Condition... conditions) {
        return sums(by, LocalDate.now(clock).minusDays(USUAL_DAYS), null, conditions);
    }

    private List<SpendSums.Sum> sums(
            List<Part> by, @Nullable LocalDate from, @Nullable LocalDate until, Condition... conditions) {
        return sums(by, start(from), until == null ? null : start(until.plusDays(1)), conditions);
    }

    private static @Nullable Instant start(@Nullable LocalDate day) {
        return day == null ? null : day.atStartOfDay().toInstant(ZoneOffset.UTC);
    }

    /** Sums from one time to another, each of which may be missing. */
    List<SpendSums.Sum> sums(List<Part> by, @Nullable Instant from, @Nullable Instant until, Condition... conditions) {
        return ledger.sums(new SpendSums(by, from, until, List.of(conditions)).within(query.scope()));
    }

    /** The same from 30 days ago, unless something else is given. */
    List<SpendSums.Sum> lately(
            List<Part> by, @Nullable Instant from, @Nullable Instant until, Condition... conditions) {
        return sums(by, from == null ? clock.instant().minus(Duration.ofDays(USUAL_DAYS)) : from, until, conditions);
    }

    /** Conditions for those of these parameters that were given. */
    Condition[] only(Filter... filters) {
        List<Condition> conditions = new ArrayList<>();
        for (Filter filter : filters) {
            String value = given(filter.parameter());
            if (value != null) {
                conditions.add(Condition.of(filter.part(), value));
            }
        }
        return conditions.toArray(Condition[]::new);
    }

    /** A parameter and what it limits. */
    record Filter(String parameter, Part part) {}
}
