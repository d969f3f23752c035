package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.ledger.DailySpend.Group;
import dev.tollgate.accounting.ledger.DailySpend.Sums;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sums the rows up once more and compares with {@code spend_daily}. Both are to be read in one transaction. */
final class DailyCheck {
    /** How many calls rows are: an earlier part is none. */
    static final String REQUESTS = "SUM(CASE WHEN part_of IS NULL THEN 1 ELSE 0 END)";

    /** How many of them failed. */
    static final String FAILED = "SUM(CASE WHEN part_of IS NULL AND failure IS NOT NULL THEN 1 ELSE 0 END)";

    private final Map<Group, Sums> stored = new HashMap<>();
    private final Map<Group, Sums> summed = new HashMap<>();
    private long firstDay = Long.MIN_VALUE;

    /** Asks for what is in {@code spend_daily}. */
    static String storedQuestion(Sql sql) {
        return "SELECT day, api_key, user_id, team_id, model_group, model, provider, requests, failed,"
                + " prompt_tokens, completion_tokens, spend_nanos FROM " + sql.table("spend_daily");
    }

    /** Asks for the same from the rows; texts are compared here, as some stores think that two different ones are the same. */
    static String summedQuestion(Sql sql) {
        return "SELECT " + sql.startDay()
                + " AS day, c.api_key, c.user_id, c.team_id, c.model_group, c.model, c.provider,"
                + " " + REQUESTS + " AS requests, " + FAILED + " AS failed,"
                + " SUM(s.prompt_tokens) AS prompt_tokens, SUM(s.completion_tokens) AS completion_tokens,"
                + " SUM(s.spend_nanos) AS spend_nanos FROM " + sql.table("spend") + " s JOIN "
                + sql.table("spend_contexts") + " c ON c.id = s.context GROUP BY 1, c.id";
    }

    /** Days before this, in milliseconds since 1970, are left out: their rows may have been deleted. */
    void horizon(long millis) {
        firstDay = Math.ceilDiv(millis, DailySpend.DAY_MILLIS);
    }

    void stored(Columns row) {
        stored.merge(group(row), sums(row), Sums::plus);
    }

    void summed(Columns row) {
        summed.merge(group(row), sums(row), Sums::plus);
    }

    private static Group group(Columns row) {
        return new Group(
                LocalDate.parse(row.textOrEmpty("day")).toEpochDay(),
                row.textOrEmpty("api_key"),
                row.textOrEmpty("user_id"),
                row.textOrEmpty("team_id"),
                row.textOrEmpty("model_group"),
                row.textOrEmpty("model"),
                row.textOrEmpty("provider"));
    }

    private static Sums sums(Columns row) {
        return new Sums(
                row.whole("requests"),
                row.whole("failed"),
                row.whole("prompt_tokens"),
                row.whole("completion_tokens"),
                row.whole("spend_nanos"));
    }

    /** One line a group whose sums are not those of its rows, in order of days; empty when all is well. */
    List<String> differences() {
        Set<Group> groups = new HashSet<>(stored.keySet());
        groups.addAll(summed.keySet());
        groups.removeIf(group -> group.day() < firstDay);
        Sums none = new Sums(0, 0, 0, 0, 0);
        List<String> lines = new ArrayList<>();
        groups.stream()
                .sorted(Comparator.comparingLong(Group::day).thenComparing(Group::toString))
                .forEach(group -> {
                    Sums is = stored.getOrDefault(group, none);
                    Sums shouldBe = summed.getOrDefault(group, none);
                    if (!is.equals(shouldBe)) {
                        lines.add(line(group, is, shouldBe));
                    }
                });
        return lines;
    }

    private static String line(Group group, Sums is, Sums shouldBe) {
        return group.date() + " key=" + group.apiKey() + " user=" + group.user() + " team=" + group.team()
                + " model_group=" + group.modelGroup() + " model=" + group.model() + " provider=" + group.provider()
                + ": spend_daily has " + text(is) + ", the rows come to " + text(shouldBe);
    }

    private static String text(Sums sums) {
        return sums.requests() + " requests (" + sums.failed() + " failed), " + sums.promptTokens() + "+"
                + sums.completionTokens() + " tokens, " + sums.nanos() + " nano-dollars";
    }
}
