package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Receipt;
import dev.tollgate.cluster.Role;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Balances of nodes with one store: what is stored there, with what this node has not stored yet. What other nodes spent in the last
 * fraction of a second may be missing. A change is told to all nodes before it is answered.
 */
public final class ClusterBalances implements Balances {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterBalances.class);
    private static final String CHANGED = "balances.changed";
    private static final Duration LONGEST_TELLING = Duration.ofSeconds(2);
    private static final long LONGEST_ASKING_SECONDS = 5;

    private static final String PARTS = "balances.parts";

    /** Balances in one letter. */
    private static final int TOLD_AT_ONCE = 1_000;

    /** Whoever asks for more than these within a second asks for a list: all balances are read at once then. */
    private static final int FEW = 20;

    private static final long LIST_MILLIS = 1_000;
    private static final long AWAY_MILLIS = 2_000;

    private final NodeBalances own;
    private final Counters counters;
    private final Function<Holder, Future<Optional<Balance>>> stored;
    private final Function<Holder, Future<Optional<Balance>>> everywhere;
    private final Function<Map<Charge, Long>, Future<Void>> storing;
    private final Peers peers;
    private final Supplier<Future<List<Balance>>> all;
    private Map<Holder, Balance> list = Map.of();
    private long listMillis = Long.MIN_VALUE / 2;
    private volatile long awayUntilMillis = Long.MIN_VALUE / 2;
    private long sinceMillis;
    private int asked;

    /**
     * Of this node's cluster.
     *
     * @param own this node's
     * @param stored what a holder spent in the last period that is stored, if ever anything
     * @param everywhere the same, of all stores where each node has its own; fails when one of them cannot be asked
     * @param all what all spent, likewise
     * @param storing adds amounts to stored balances, all or nothing
     */
    public ClusterBalances(
            NodeBalances own,
            Counters counters,
            Function<Holder, Future<Optional<Balance>>> stored,
            Function<Holder, Future<Optional<Balance>>> everywhere,
            Supplier<Future<List<Balance>>> all,
            Function<Map<Charge, Long>, Future<Void>> storing,
            Peers peers) {
        this.own = own;
        this.counters = counters;
        this.stored = stored;
        this.everywhere = everywhere;
        this.all = all;
        this.storing = storing;
        this.peers = peers;
        peers.receive(CHANGED, letter -> {
            letter.members().getJsonArray("balances").forEach(each -> heard((JsonArray) each));
            return Future.succeededFuture(Letter.done());
        });
        peers.receive(PARTS, letter -> {
            Set<Holder> of = new HashSet<>(holders(letter.members().getJsonArray("of")));
            return Future.succeededFuture(new Letter(PARTS, new JsonObject().put("parts", rows(own.parts(of)))));
        });
    }

    @Override
    public void known(Duration longest) {
        own.known(longest);
    }

    private static JsonArray rows(Collection<Holder> holders) {
        JsonArray rows = new JsonArray();
        holders.forEach(
                each -> rows.add(new JsonArray().add(each.kind().storedName()).add(each.id())));
        return rows;
    }

    private static List<Holder> holders(JsonArray rows) {
        List<Holder> holders = new ArrayList<>();
        for (Object each : rows) {
            JsonArray row = (JsonArray) each;
            Kind.named(row.getString(0)).ifPresent(kind -> holders.add(new Holder(kind, row.getString(1))));
        }
        return holders;
    }

    private void heard(JsonArray balance) {
        // A kind of a later release has no purse here.
        Kind.named(balance.getString(0))
                .ifPresent(kind -> counters.purse(new Holder(kind, balance.getString(1)))
                        .set(balance.getLong(3), balance.getLong(2)));
    }

    @Override
    public long spentNanos(Holder holder) {
        if (elapsed() < awayUntilMillis) {
            return own.spentNanos(holder);
        }
        @Nullable Balance balance;
        try {
            balance = latest(holder);
        } catch (Exception e) {
            // The store is away; await throws whatever the future failed with.
            awayUntilMillis = elapsed() + AWAY_MILLIS;
            return own.spentNanos(holder);
        }
        return spentWith(holder, balance);
    }

    private long spentWith(Holder holder, @Nullable Balance balance) {
        long period = balance == null ? 0 : balance.charge().periodMillis();
        long nanos = balance == null ? 0 : balance.nanos();
        return counters.purse(holder)
                .spentWith(period, nanos, InstantSource.system().instant());
    }

    /** What counts from now on on all nodes must not be less than what they spent, so it is no guess. */
    private long surelySpentNanos(Holder holder) {
        try {
            return spentWith(
                    holder,
                    everywhere
                            .apply(holder)
                            .await(LONGEST_ASKING_SECONDS, TimeUnit.SECONDS)
                            .orElse(null));
        } catch (TimeoutException e) {
            throw new IllegalStateException("it takes too long to find out what was spent", e);
        }
    }

    private static long elapsed() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private synchronized @Nullable Balance latest(Holder holder) throws TimeoutException {
        long now = elapsed();
        if (now - sinceMillis > LIST_MILLIS) {
            sinceMillis = now;
            asked = 0;
        }
        if (++asked <= FEW) {
            return stored.apply(holder)
                    .await(LONGEST_ASKING_SECONDS, TimeUnit.SECONDS)
                    .orElse(null);
        }
        if (listMillis < sinceMillis) {
            Map<Holder, Balance> read = new HashMap<>();
            all.get()
                    .await(LONGEST_ASKING_SECONDS, TimeUnit.SECONDS)
                    .forEach(each -> read.put(each.charge().holder(), each));
            list = read;
            listMillis = elapsed();
        }
        return list.get(holder);
    }

    @Override
    public List<Holder> parts(Set<Holder> of) {
        Set<Holder> parts = new LinkedHashSet<>(own.parts(of));
        peers.announce(
                        new Letter(PARTS, new JsonObject().put("of", rows(of))),
                        LONGEST_TELLING,
                        EnumSet.of(Role.ACCOUNTING))
                .await()
                .answers()
                .values()
                .forEach(letter -> parts.addAll(holders(letter.members().getJsonArray("parts"))));
        return List.copyOf(parts);
    }

    @Override
    public void found(Set<Holder> carry) {
        carry.stream().findAny().ifPresent(this::surelySpentNanos);
    }

    @Override
    public void change(Map<Holder, Long> set, Set<Holder> carry) {
        if (set.isEmpty() && carry.isEmpty()) {
            return;
        }
        long now = InstantSource.system().millis();
        Map<Charge, Long> amounts = new HashMap<>();
        carry.forEach(holder -> amounts.put(counters.begun(holder, now), surelySpentNanos(holder)));
        set.forEach((holder, nanos) -> amounts.put(counters.begun(holder, now), nanos));
        storing.apply(amounts).await();
        List<JsonArray> told = new ArrayList<>();
        amounts.forEach((charge, nanos) -> {
            counters.purse(charge.holder()).set(nanos, charge.periodMillis());
            told.add(new JsonArray()
                    .add(charge.holder().kind().storedName())
                    .add(charge.holder().id())
                    .add(charge.periodMillis())
                    .add(nanos));
        });
        tell(told);
    }

    /** All letters go at once, so that a node that does not answer is waited for once. */
    private void tell(List<JsonArray> told) {
        List<Future<Receipt>> letters = new ArrayList<>();
        for (int from = 0; from < told.size(); from += TOLD_AT_ONCE) {
            List<JsonArray> some = told.subList(from, Math.min(told.size(), from + TOLD_AT_ONCE));
            letters.add(peers.announce(
                    new Letter(CHANGED, new JsonObject().put("balances", new JsonArray(some))),
                    LONGEST_TELLING,
                    EnumSet.of(Role.ACCOUNTING)));
        }
        Set<String> silent = new TreeSet<>();
        letters.forEach(letter -> letter.await().silent().forEach(peer -> silent.add(peer.name())));
        if (!silent.isEmpty()) {
            LOG.error("{} did not answer: what was spent counts there as before until they start again", silent);
        }
    }

    @Override
    public long resetsAtMillis(Holder holder, Limits limits) {
        return own.resetsAtMillis(holder, limits);
    }
}
