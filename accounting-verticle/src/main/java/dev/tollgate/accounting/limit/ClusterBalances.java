package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Role;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
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

    private final NodeBalances own;
    private final Counters counters;
    private final Function<Holder, Future<Optional<Balance>>> stored;
    private final Function<Map<Charge, Long>, Future<Void>> storing;
    private final Peers peers;

    /**
     * Of this node's cluster.
     *
     * @param own this node's
     * @param stored what a holder spent in the last period that is stored, if ever anything
     * @param storing adds amounts to stored balances, all or nothing
     */
    public ClusterBalances(
            NodeBalances own,
            Counters counters,
            Function<Holder, Future<Optional<Balance>>> stored,
            Function<Map<Charge, Long>, Future<Void>> storing,
            Peers peers) {
        this.own = own;
        this.counters = counters;
        this.stored = stored;
        this.storing = storing;
        this.peers = peers;
        peers.receive(CHANGED, letter -> {
            letter.members().getJsonArray("balances").forEach(each -> heard((JsonArray) each));
            return Future.succeededFuture(Letter.done());
        });
    }

    private void heard(JsonArray balance) {
        // A kind of a later release has no purse here.
        Kind.named(balance.getString(0))
                .ifPresent(kind -> counters.purse(new Holder(kind, balance.getString(1)))
                        .set(balance.getLong(3), balance.getLong(2)));
    }

    @Override
    public long spentNanos(Holder holder) {
        @Nullable Balance balance;
        try {
            balance = stored.apply(holder)
                    .await(LONGEST_ASKING_SECONDS, TimeUnit.SECONDS)
                    .orElse(null);
        } catch (Exception e) {
            // The store is away; await throws whatever the future failed with.
            return own.spentNanos(holder);
        }
        long period = balance == null ? 0 : balance.charge().periodMillis();
        long nanos = balance == null ? 0 : balance.nanos();
        return counters.purse(holder)
                .spentWith(period, nanos, InstantSource.system().instant());
    }

    @Override
    public List<Holder> parts(Set<Holder> of) {
        return own.parts(of);
    }

    @Override
    public void change(Map<Holder, Long> set, Set<Holder> carry) {
        if (set.isEmpty() && carry.isEmpty()) {
            return;
        }
        long now = InstantSource.system().millis();
        Map<Charge, Long> amounts = new HashMap<>();
        carry.forEach(holder -> amounts.put(new Charge(holder, now), spentNanos(holder)));
        set.forEach((holder, nanos) -> amounts.put(new Charge(holder, now), nanos));
        storing.apply(amounts).await();
        JsonArray told = new JsonArray();
        amounts.forEach((charge, nanos) -> {
            counters.purse(charge.holder()).set(nanos, now);
            told.add(new JsonArray()
                    .add(charge.holder().kind().storedName())
                    .add(charge.holder().id())
                    .add(now)
                    .add(nanos));
        });
        List<Peer> silent = peers.announce(
                        new Letter(CHANGED, new JsonObject().put("balances", told)),
                        LONGEST_TELLING,
                        EnumSet.of(Role.ACCOUNTING))
                .await()
                .silent();
        if (!silent.isEmpty()) {
            LOG.error(
                    "{} did not answer: what was spent counts there as before until they start again",
                    silent.stream().map(Peer::name).toList());
        }
    }

    @Override
    public long resetsAtMillis(Holder holder, Limits limits) {
        return own.resetsAtMillis(holder, limits);
    }
}
