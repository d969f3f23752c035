package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LimitHeadersTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final Party EVERYONE = party(Kind.GLOBAL, "", "proxy", Limits.UNLIMITED);

    private final Counters counters = new Counters();

    private static Party party(Kind kind, String id, String descriptor, Limits limits) {
        return new Party(new Holder(kind, id), descriptor, id, limits, true);
    }

    private static Limits limits(long budget, long rpm, long tpm) {
        return new Limits(budget, Limits.NONE, null, rpm, tpm, Limits.NONE, Map.of());
    }

    private Map<String, String> told(Party... parties) {
        return new Concerned(List.of(parties)).headers().told(counters, NOW);
    }

    @Test
    void whoHasNoLimitsAndNoKeyIsToldNothing() {
        assertThat(told(EVERYONE)).isEmpty();
        assertThat(told(party(Kind.TEAM, "t", "team", limits(5, Limits.NONE, Limits.NONE)), EVERYONE))
                .isEmpty();
    }

    @Test
    void eachIsToldWhatIsLeftAndTheKeyWhatItHasSpent() {
        Party key = party(Kind.KEY, "hash", "api_key", limits(2_500_000_000L, 10, 1_000));
        Party team = party(Kind.TEAM, "t", "team", limits(Limits.NONE, 3, Limits.NONE));
        LimitHeaders headers = new Concerned(List.of(key, team, EVERYONE)).headers();
        key.window(counters).begin(NOW.toEpochMilli(), 40);
        team.window(counters).begin(NOW.toEpochMilli(), 40);
        team.window(counters).begin(NOW.toEpochMilli(), 40);
        key.purse(counters).settle(0, 1_200_000_000L, key.limits(), NOW, ZoneOffset.UTC);
        Map<String, String> expected = new HashMap<>(Map.of(
                "x-ratelimit-api_key-remaining-requests", "9",
                "x-ratelimit-api_key-limit-requests", "10",
                "x-ratelimit-api_key-remaining-tokens", "960",
                "x-ratelimit-api_key-limit-tokens", "1000",
                "x-ratelimit-team-remaining-requests", "1",
                "x-ratelimit-team-limit-requests", "3",
                "x-litellm-key-spend", "1.2",
                "x-litellm-key-max-budget", "2.5",
                "x-litellm-key-rpm-limit", "10",
                "x-litellm-key-tpm-limit", "1000"));
        assertThat(headers.told(counters, NOW)).isEqualTo(expected);
        key.window(counters).begin(NOW.toEpochMilli(), 960);
        key.window(counters).begin(NOW.toEpochMilli(), 1);
        expected.put("x-ratelimit-api_key-remaining-requests", "7");
        expected.put("x-ratelimit-api_key-remaining-tokens", "0");
        Map<String, String> seen = new HashMap<>();
        headers.told(counters, NOW).forEach(seen::put);
        assertThat(seen).isEqualTo(expected);
    }

    /** Both have the same name; what each of them limits is told. */
    @Test
    void ofTwoTagsTheLaterOneIsTold() {
        Party first = party(Kind.TAG, "a", "tag", limits(Limits.NONE, 5, 70));
        Party second = party(Kind.TAG, "b", "tag", limits(Limits.NONE, 6, Limits.NONE));
        assertThat(told(first, second, EVERYONE))
                .isEqualTo(Map.of(
                        "x-ratelimit-tag-remaining-requests", "6",
                        "x-ratelimit-tag-limit-requests", "6",
                        "x-ratelimit-tag-remaining-tokens", "70",
                        "x-ratelimit-tag-limit-tokens", "70"));
    }

    @Test
    void aRefusalTellsOfTheKeyBesideItsOwn() {
        Party key = party(Kind.KEY, "hash", "api_key", limits(Limits.NONE, 10, Limits.NONE));
        LimitHeaders headers = new Concerned(List.of(key, EVERYONE)).headers();
        assertThat(headers.behind(Map.of("rate_limit_type", "requests"), counters, NOW))
                .isEqualTo(Map.of(
                        "rate_limit_type", "requests", "x-litellm-key-spend", "0", "x-litellm-key-rpm-limit", "10"));
    }

    @Test
    void aCallThatCostsNothingConcernsTheSameOnesWithoutTheirBudgets() {
        Party key = party(Kind.KEY, "hash", "api_key", limits(7, 10, Limits.NONE));
        Concerned concerned = new Concerned(List.of(key, EVERYONE));
        assertThat(concerned.budgeted()).containsExactly(key);
        Concerned free = concerned.unbudgeted();
        assertThat(free.budgeted()).isEmpty();
        assertThat(free.parties()).extracting(Party::holder).containsExactly(key.holder(), Holder.ALL);
        assertThat(free.headers().told(counters, NOW))
                .isEqualTo(concerned.headers().told(counters, NOW));
        assertThat(concerned.unbudgeted()).isSameAs(free);
        assertThat(free.unbudgeted()).isSameAs(free);
    }
}
