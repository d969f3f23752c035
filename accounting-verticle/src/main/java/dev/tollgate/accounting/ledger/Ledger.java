package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.protocol.Query;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The store of spend rows. Blocking: used from the ledger's own thread only. */
public interface Ledger extends AutoCloseable {
    /** Rows deleted at once. */
    int DELETED_AT_ONCE = 1_000;

    /** Calls read at once. */
    int READ_AT_ONCE = 500;

    /** What is said of a store whose tables are being made or changed. */
    String PREPARING =
            "its tables are being changed for this version, which takes its time with very many rows. Calls go on, and"
                    + " their spend waits in the journal; ask again later";

    /** Why no question can be answered for as long as it takes, or null: nothing hinders. May be asked from any thread. */
    default @Nullable String busy() {
        return null;
    }

    /** How far a journal file has been stored, in bytes. */
    long position(String file);

    /**
     * Stores rows and the journal position after them, both or neither. A row whose call id is stored already is left as it is, so
     * that repeating changes nothing; the cost of every other is added to its balances in the same transaction. A row so old that
     * rows like it are deleted is refused: it may have been stored.
     */
    void store(List<SpendRow> rows, String file, long position);

    /** How many rows were refused since this was opened. */
    long refused();

    /** Forgets the position of a journal file that is gone. */
    void forget(String file);

    /** Spend rows as LiteLLM's {@code GET /spend/logs} shows them, newest first. */
    JsonArray logs(Map<String, String> filter, Query.Scope scope);

    /** All spend rows that pass the filter. */
    default JsonArray logs(Map<String, String> filter) {
        return logs(filter, Query.Scope.ALL);
    }

    /** A page of spend rows, as LiteLLM's {@code GET /spend/logs/v2} shows them. */
    JsonObject page(Map<String, String> filter, Query.Scope scope);

    /** Sums of spend. */
    List<SpendSums.Sum> sums(SpendSums question);

    /** Of each holder what was spent in the period that began last. */
    List<Balance> balances();

    /** What one holder spent in the period that began last, or null: nothing ever. */
    @Nullable Balance balance(Holder holder);

    /** Adds to a balance; negative amounts take away. */
    default void adjust(Charge charge, long nanos) {
        adjust(Map.of(charge, nanos));
    }

    /** Adds to several balances, all or nothing; negative amounts take away. */
    void adjust(Map<Charge, Long> amounts);

    /**
     * Removes some of the balances of periods that are long over, which are all but a holder's last two; false: there are no more.
     */
    boolean forgetOldBalances();

    /**
     * Deletes some rows of calls that began before a time, which is remembered: {@link #verify} leaves out the days before it. Sums
     * and balances stay. False: there are no more. {@code beforeMillis} counts from 1970 and is the start of a UTC day.
     */
    boolean deleteRows(long beforeMillis);

    /** Some stored calls, in the order of time; none: there are no more. */
    List<StoredCall> calls(Wanted wanted);

    /**
     * Changes what calls cost, with the sums of their days and the balances of present periods, all or nothing. A call whose cost is
     * not any more what it was when it was read is left as it is.
     *
     * @param costs the new costs, in nano-dollars
     * @param payers who pays, and since when in the present period
     */
    void reprice(Map<StoredCall, NewCost> costs, Payers payers);

    /**
     * Writes down which half of a cluster goes on, unless somebody has said so before; answers its nodes. Empty: this store is one
     * node's own, and cannot say.
     *
     * @param epoch how often nodes had come together before
     * @param were all nodes that were together then
     * @param nodes those that want to go on
     */
    default Optional<List<String>> claim(long epoch, List<String> were, List<String> nodes) {
        return Optional.empty();
    }

    /**
     * Writes an alert down, unless some node has done so before; answers whether {@code node} is to send it, and say so by {@link
     * #alertSent} before {@code lease} is over. Empty: this store is one node's own, and keeps none.
     */
    default Optional<Boolean> claimAlert(PostedAlert alert, String node, Duration lease) {
        return Optional.empty();
    }

    /** Nobody needs to send that alert any more. */
    default void alertSent(UUID id) {
        // An embedded store keeps none.
    }

    /** Alerts whose lease is over though nobody said that they are sent: {@code node} has a lease on them now. */
    default List<PostedAlert> overdueAlerts(String node, Duration lease) {
        return List.of();
    }

    /**
     * Removes what {@link #claim} wrote down so long ago that nobody can be left who has not read it, and alerts that no budget can bring
     * about again.
     */
    default void forgetOldClaims() {
        // An embedded store has none.
    }

    /**
     * The daily sums and present balances that are not those of their rows, one line each; empty when all is well. {@code remarks} hears
     * what could not be compared.
     */
    List<String> verify(Consumer<String> remarks);

    /** The same, for whoever wants no remarks. */
    default List<String> verify() {
        return verify(_ -> {});
    }

    /**
     * What this run has added for other nodes, which have a ledger each.
     *
     * @param origin what its batches are known by
     * @param number how many are stored
     */
    record Own(String origin, long number) {}

    /** Null: other nodes have the same ledger, or there are none. */
    default @Nullable Own own() {
        return null;
    }

    /** What this ledger has in common with those of other nodes, for one thread more; nothing where all nodes have the same ledger. */
    default Optional<TwinLedger> openTwin() {
        return Optional.empty();
    }

    @Override
    void close();
}
