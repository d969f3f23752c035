package dev.tollgate.accounting.ledger;

import dev.tollgate.protocol.Query;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A question for sums of spend: of some time, grouped by some of {@link Part}, and of some keys, users … only. It is answered from
 * {@code spend_daily} unless it is about what only rows know, or about other times than whole UTC days; sums therefore reach further back
 * than tags and end users do where old rows are deleted.
 *
 * @param by what each sum is for; none: one sum of all
 * @param from when it begins, or null: from the beginning
 * @param until when it is over, or null: never
 * @param conditions all of which must hold
 */
public record SpendSums(
        List<Part> by, @Nullable Instant from, @Nullable Instant until, List<Condition> conditions) {

    /** What sums are grouped by. */
    public enum Part {
        /** UTC day, such as {@code 2026-01-31}. */
        DAY("day"),
        /** Hash of the key, or an empty text. */
        KEY("api_key"),
        /** User, or an empty text. */
        USER("user_id"),
        /** Team, or an empty text. */
        TEAM("team_id"),
        /** Name under which deployments stand together. */
        MODEL_GROUP("model_group"),
        /** Concrete model. */
        MODEL("model"),
        /** Provider. */
        PROVIDER("provider"),
        /** All tags of a call, with commas in between; only rows know. */
        TAGS("request_tags"),
        /** End user, or an empty text; only rows know. */
        END_USER("end_user");

        private final String column;

        Part(String column) {
            this.column = column;
        }

        private boolean inSums() {
            return this != TAGS && this != END_USER;
        }
    }

    /** The part is one of these values, or the team is one of these teams. */
    public record Condition(Part part, List<String> values, List<String> orTeams) {
        /** Whatever the team. */
        public Condition(Part part, List<String> values) {
            this(part, values, List.of());
        }

        /** Of one; a key itself is known by its hash. */
        public static Condition of(Part part, String value) {
            return new Condition(part, List.of(part == Part.KEY ? SpendQuestion.hash(value) : value));
        }
    }

    /**
     * One answer.
     *
     * @param of what it is the sum of
     * @param requests how many calls
     * @param failed how many of them failed
     * @param promptTokens their tokens
     * @param completionTokens their tokens
     * @param nanos what they cost, in nano-dollars
     */
    public record Sum(
            Map<Part, String> of, long requests, long failed, long promptTokens, long completionTokens, long nanos) {
        /** Text of a part that was asked for. */
        public String text(Part part) {
            return of.getOrDefault(part, "");
        }

        /** All tokens. */
        public long tokens() {
            return promptTokens + completionTokens;
        }
    }

    public SpendSums {
        by = List.copyOf(by);
        conditions = List.copyOf(conditions);
    }

    /**
     * A time as clients write it, with or without an offset, or the start of a date that is {@code days} later; null: none was given.
     *
     * @throws IllegalArgumentException with words for the client that call it {@code name}
     */
    public static @Nullable Instant time(String name, @Nullable String given, int days) {
        return SpendQuestion.instant(name, given, days);
    }

    /** The same, of what the scope allows only. */
    public SpendSums within(Query.Scope scope) {
        List<Condition> more = new ArrayList<>(conditions);
        if (scope.user() != null) {
            more.add(new Condition(Part.USER, List.of(scope.user()), scope.teams()));
        }
        if (scope.keyHash() != null) {
            more.add(new Condition(Part.KEY, List.of(scope.keyHash())));
        }
        return new SpendSums(by, from, until, more);
    }

    private boolean fromSums() {
        return wholeDay(from)
                && wholeDay(until)
                && Stream.concat(by.stream(), conditions.stream().map(Condition::part))
                        .allMatch(Part::inSums);
    }

    private static boolean wholeDay(@Nullable Instant time) {
        return time == null || time.toEpochMilli() % DailySpend.DAY_MILLIS == 0;
    }

    String statement(Sql sql) {
        boolean sums = fromSums();
        List<String> columns = new ArrayList<>(by.stream()
                .map(part -> part == Part.DAY && !sums ? sql.startDay() + " AS day" : part.column)
                .toList());
        columns.add((sums ? "SUM(requests)" : DailyCheck.REQUESTS) + " AS requests");
        columns.add((sums ? "SUM(failed)" : DailyCheck.FAILED) + " AS failed");
        for (String number : List.of("prompt_tokens", "completion_tokens", "spend_nanos")) {
            columns.add("SUM(" + number + ") AS " + number);
        }
        StringBuilder text = new StringBuilder("SELECT ").append(String.join(", ", columns));
        text.append(" FROM ")
                .append(
                        sums
                                ? sql.table("spend_daily")
                                : sql.table("spend") + " s JOIN " + sql.table("spend_contexts")
                                        + " c ON c.id = s.context");
        where(text, sql, sums);
        for (int i = 0; i < by.size(); i++) {
            text.append(i == 0 ? " GROUP BY " : ", ").append(i + 1);
        }
        return text.toString();
    }

    private void where(StringBuilder text, Sql sql, boolean sums) {
        String join = " WHERE ";
        int number = 0;
        String time = sums ? "day" : "start_millis";
        if (from != null) {
            text.append(join).append(time).append(" >= ").append(sql.parameter(++number));
            join = " AND ";
        }
        if (until != null) {
            text.append(join).append(time).append(" < ").append(sql.parameter(++number));
            join = " AND ";
        }
        for (Condition condition : conditions) {
            List<String> marks = marks(sql, number, condition.values().size());
            List<String> teams =
                    marks(sql, number + marks.size(), condition.orTeams().size());
            number += marks.size() + teams.size();
            // None is '' in the sums, and null in rows, of which an index finds only what is there.
            boolean none = !sums && condition.values().contains("");
            String column = none ? "COALESCE(" + condition.part().column + ", '')" : condition.part().column;
            String these = marks.isEmpty() ? "1 = 0" : column + " IN (" + String.join(", ", marks) + ")";
            text.append(join)
                    .append(
                            teams.isEmpty()
                                    ? these
                                    : "(" + these + " OR team_id IN (" + String.join(", ", teams) + "))");
            join = " AND ";
        }
    }

    private static List<String> marks(Sql sql, int before, int count) {
        List<String> marks = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            marks.add(sql.parameter(before + i));
        }
        return marks;
    }

    List<Object> values(Sql sql) {
        List<Object> values = new ArrayList<>();
        if (from != null) {
            values.add(time(sql, from));
        }
        if (until != null) {
            values.add(time(sql, until));
        }
        conditions.forEach(condition -> {
            values.addAll(condition.values());
            values.addAll(condition.orTeams());
        });
        return values;
    }

    private Object time(Sql sql, Instant time) {
        return fromSums() ? sql.day(LocalDate.ofInstant(time, ZoneOffset.UTC)) : (Object) time.toEpochMilli();
    }

    Sum sum(Columns row) {
        Map<Part, String> of = new EnumMap<>(Part.class);
        by.forEach(part -> of.put(part, row.textOrEmpty(part.column)));
        return new Sum(
                of,
                row.whole("requests"),
                row.whole("failed"),
                row.whole("prompt_tokens"),
                row.whole("completion_tokens"),
                row.whole("spend_nanos"));
    }
}
