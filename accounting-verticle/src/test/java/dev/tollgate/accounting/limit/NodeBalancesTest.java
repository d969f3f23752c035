package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
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
    private final NodeBalances balances = new NodeBalances(
            counters,
            amounts -> {
                stored.add(amounts);
                return Future.succeededFuture();
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
