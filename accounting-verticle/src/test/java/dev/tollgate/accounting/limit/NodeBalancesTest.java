package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeBalancesTest {
    private static final Holder ANN = new Holder(Kind.USER, "ann");
    private static final Holder BOB = new Holder(Kind.USER, "bob");
    private static final Instant NOW = Instant.ofEpochMilli(1_000);

    private final Counters counters = new Counters();
    private final List<Map<Charge, Long>> stored = new ArrayList<>();
    private Runnable meanwhile = () -> {};
    private boolean away;
    private final NodeBalances balances = new NodeBalances(
            counters,
            amounts -> {
                meanwhile.run();
                stored.add(amounts);
                return away ? Future.failedFuture("away") : Future.succeededFuture();
            },
            () -> ZoneOffset.UTC,
            () -> NOW);

    @Test
    void allThatARequestChangesIsStoredAtOnce() {
        counters.purse(ANN).set(7, 0);
        counters.purse(BOB).set(8, 0);
        balances.change(Map.of(ANN, 2L), Set.of(BOB));
        assertThat(stored).containsExactly(Map.of(new Charge(ANN, 1_000), 2L, new Charge(BOB, 1_000), 8L));
        assertThat(balances.spentNanos(ANN)).isEqualTo(2);
        assertThat(balances.spentNanos(BOB)).isEqualTo(8);
        balances.change(Map.of(), Set.of());
        assertThat(stored).hasSize(1);
    }

    /** Otherwise it would begin at nothing, and what is loaded later would be older than that. */
    @Test
    void noPeriodChangesBeforeItIsKnownWhatWasSpentInIt() {
        assertThatThrownBy(() -> balances.found(Set.of(ANN))).hasMessageContaining("what earlier runs spent");
        assertThatCode(() -> balances.found(Set.of())).doesNotThrowAnyException();
        counters.load(List.of(new Balance(new Charge(ANN, 500), 7)));
        balances.found(Set.of(ANN));
        balances.change(Map.of(), Set.of(ANN));
        assertThat(stored).containsExactly(Map.of(new Charge(ANN, 1_000), 7L));
    }

    @Test
    void aPeriodThatCouldNotBeStoredHasNotBegun() {
        counters.load(List.of(new Balance(new Charge(ANN, 500), 7)));
        away = true;
        assertThatThrownBy(() -> balances.change(Map.of(), Set.of(ANN))).hasMessageContaining("away");
        assertThat(ended(3)).as("the period that it counts in").isEqualTo(500);
        assertThat(balances.spentNanos(ANN)).isEqualTo(10);
    }

    @Test
    void callsThatEndWhileAPeriodIsStoredCountInTheNewOneToo() {
        counters.load(List.of(new Balance(new Charge(ANN, 500), 7)));
        meanwhile = () -> {
            if (stored.isEmpty()) {
                assertThat(ended(3)).isEqualTo(500);
            }
        };
        balances.change(Map.of(), Set.of(ANN));
        assertThat(stored).containsExactly(Map.of(new Charge(ANN, 1_000), 7L), Map.of(new Charge(ANN, 1_000), 3L));
        assertThat(balances.spentNanos(ANN)).isEqualTo(10);
    }

    /** In the same millisecond, or after a node whose clock is ahead: the store adds up what has the same beginning, and the later one counts. */
    @Test
    void whatIsSetLastCountsWhateverTheClockSays() {
        counters.purse(BOB).set(8, 5_000);
        balances.change(Map.of(ANN, 41L), Set.of());
        balances.change(Map.of(ANN, 40L, BOB, 1L), Set.of());
        assertThat(stored)
                .containsExactly(
                        Map.of(new Charge(ANN, 1_000), 41L),
                        Map.of(new Charge(ANN, 1_001), 40L, new Charge(BOB, 5_001), 1L));
        balances.change(Map.of(), Set.of(BOB));
        assertThat(stored.getLast()).isEqualTo(Map.of(new Charge(BOB, 5_002), 1L));
        assertThat(balances.spentNanos(ANN)).isEqualTo(40);
    }

    private long ended(long cost) {
        return counters.purse(ANN).settle(0, cost, Limits.UNLIMITED, NOW, ZoneOffset.UTC);
    }

    @Test
    void partsAreThoseThatWereCounted() {
        Holder part = Holder.part(ANN, "window", "1d");
        counters.purse(part).set(1, 0);
        assertThat(balances.parts(Set.of(ANN))).as("who never spent has none").isEmpty();
        counters.purse(ANN).set(1, 0);
        counters.purse(Holder.part(BOB, "window", "1d")).set(1, 0);
        assertThat(balances.parts(Set.of(ANN))).containsExactly(part);
    }
}
