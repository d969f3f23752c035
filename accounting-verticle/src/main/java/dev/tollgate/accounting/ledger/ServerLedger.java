package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.config.StoreUrl;
import dev.tollgate.protocol.Query;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Spend rows in a database server. A batch is one transaction: its rows, the sums they add to, and the journal position. Rows are
 * inserted as if none were there, for so it is nearly always; when the server says that some are, it is asked which, and the others
 * are stored, so that sums count each row once. Everything that several nodes change is changed in the same order by all of them.
 *
 * <p>Contexts are stored before the transaction: without rows they are harmless, and no node waits for another's.
 */
public final class ServerLedger implements Ledger {
    private static final int TRIES = 4;

    private final ServerStore store;
    private final ServerConnection server;
    private final ContextIds contexts = new ContextIds();
    private final Kept kept = new Kept();

    private ServerLedger(ServerStore store, StoreUrl url) {
        this.store = store;
        this.server = new ServerConnection(url, store, contexts::forget);
    }

    /** Connects when it is first asked, and again whenever the connection is gone. */
    public static ServerLedger of(StoreUrl url) {
        return new ServerLedger(ServerStore.of(url), url);
    }

    /** A row with its id in the store's form and its context. */
    private record Entry(UUID id, SpendRow row, Context context) {}

    @Override
    public @Nullable String busy() {
        return server.preparing() ? PREPARING : null;
    }

    @Override
    public long position(String file) {
        List<Row> rows = new ArrayList<>();
        select(
                "SELECT position FROM " + store.table("journal_positions") + " WHERE file = " + store.parameter(1),
                List.of(file),
                rows::add);
        return rows.isEmpty() ? 0 : rows.getFirst().getLong(0);
    }

    @Override
    public void store(List<SpendRow> rows, String file, long position) {
        Map<UUID, Entry> entries = new LinkedHashMap<>();
        BatchContexts contexts = new BatchContexts();
        for (SpendRow row : rows) {
            UUID id = RequestId.uuid(row.callId());
            entries.putIfAbsent(id, new Entry(id, row, contexts.of(row)));
        }
        boolean lookUp = false;
        for (int tries = 1; ; tries++) {
            try {
                storeOnce(entries, lookUp, file, position);
                return;
            } catch (StoreException e) {
                lookUp |= e.remedy() == StoreException.Remedy.LOOK_UP;
                server.undo(e);
                if (tries == TRIES || e.remedy() == StoreException.Remedy.RECONNECT) {
                    throw e;
                }
            }
        }
    }

    private void storeOnce(Map<UUID, Entry> entries, boolean lookUp, String file, long position) {
        // One connection from beginning to end: on another, made in between, what follows would be a transaction of its
        // own.
        SqlConnection connection = server.open();
        Map<Context, Long> ids = contextIds(
                connection, entries.values().stream().map(Entry::context).toList());
        server.run(connection, "BEGIN");
        Collection<Entry> fresh = kept.of(
                lookUp ? withoutStored(connection, entries) : entries.values(), Entry::row, () -> horizon(connection));
        DailySpend daily = new DailySpend();
        BalanceSums balances = new BalanceSums();
        List<@Nullable Object[]> values = new ArrayList<>(fresh.size());
        for (Entry entry : fresh) {
            long context = ids.getOrDefault(entry.context(), 0L);
            values.add(ServerRows.values(entry.id(), entry.row(), context));
            daily.add(entry.row(), entry.context(), context);
            balances.add(entry.row());
        }
        insert(connection, Bulk.SPEND, values);
        insert(connection, Bulk.DAILY, ServerRows.sums(daily.groups()));
        insert(connection, Bulk.BALANCES, ServerRows.balances(balances));
        insert(connection, Bulk.POSITIONS, List.<@Nullable Object[]>of(new Object[] {file, position}));
        server.run(connection, "COMMIT");
        kept.committed();
    }

    private long horizon(SqlConnection connection) {
        long known = 0;
        for (Row row : server.run(connection, store.horizon())) {
            known = row.getLong(0);
        }
        return known;
    }

    @Override
    public long refused() {
        return kept.refused();
    }

    private void insert(SqlConnection connection, Bulk bulk, List<@Nullable Object[]> rows) {
        if (!rows.isEmpty()) {
            server.done(store.insert(connection, bulk, rows));
        }
    }

    private Collection<Entry> withoutStored(SqlConnection connection, Map<UUID, Entry> entries) {
        Map<UUID, Entry> fresh = new LinkedHashMap<>(entries);
        if (!entries.isEmpty()) {
            server.done(store.among(
                            connection,
                            "SELECT request_id FROM " + store.table("spend"),
                            Bulk.SPEND.columns().getFirst(),
                            List.copyOf(entries.keySet())))
                    .forEach(row -> fresh.remove(store.uuid(row.getValue(0))));
        }
        return fresh.values();
    }

    private Map<Context, Long> contextIds(SqlConnection connection, Collection<Context> all) {
        Map<Context, Long> ids = new HashMap<>();
        Map<Buffer, Context> unknown = new HashMap<>();
        for (Context context : all) {
            if (!ids.containsKey(context)) {
                Long id = contexts.get(context);
                if (id == null) {
                    unknown.put(Buffer.buffer(context.digest()), context);
                } else {
                    ids.put(context, id);
                }
            }
        }
        if (!unknown.isEmpty()) {
            find(connection, unknown, ids);
            List<@Nullable Object[]> missing = unknown.entrySet().stream()
                    .filter(each -> !ids.containsKey(each.getValue()))
                    .sorted(Comparator.comparing(Map.Entry::getKey, ServerRows::compare))
                    .map(each -> ServerRows.values(each.getKey(), each.getValue()))
                    .toList();
            insert(connection, Bulk.CONTEXTS, missing);
            if (!missing.isEmpty()) {
                find(connection, unknown, ids);
            }
            // Also of those that were there: whoever stored them may have died before this.
            insert(connection, Bulk.PAYERS, ServerRows.payers(unknown.values(), ids));
        }
        return ids;
    }

    private void find(SqlConnection connection, Map<Buffer, Context> digests, Map<Context, Long> ids) {
        server.done(store.among(
                        connection,
                        "SELECT digest, id FROM " + store.table("spend_contexts"),
                        Bulk.CONTEXTS.columns().getFirst(),
                        List.copyOf(digests.keySet())))
                .forEach(row -> {
                    Context context = digests.get(row.getBuffer(0));
                    if (context != null) {
                        ids.put(context, row.getLong(1));
                        contexts.put(context, row.getLong(1));
                    }
                });
    }

    @Override
    public void forget(String file) {
        select(
                "DELETE FROM " + store.table("journal_positions") + " WHERE file = " + store.parameter(1),
                List.of(file),
                _ -> {});
    }

    @Override
    public JsonArray logs(Map<String, String> filter, Query.Scope scope) {
        SpendQuestion question = SpendQuestion.of(store, filter, scope);
        SpendQuestion.Answer answer = question.answer();
        select(question.statement(), question.values(), row -> answer.add(row::getValue));
        return answer.json();
    }

    @Override
    public JsonObject page(Map<String, String> filter, Query.Scope scope) {
        SpendPage page = new SpendPage(store, filter, scope);
        List<Long> found = new ArrayList<>();
        JsonArray rows = new JsonArray();
        select(page.countStatement(), page.values(), row -> found.add(row.getLong("found")));
        select(
                page.statement(),
                page.values(),
                row -> rows.add(SpendLog.json(row::getValue, store.requestId(row::getValue))));
        return page.json(found.getFirst(), rows);
    }

    @Override
    public List<SpendSums.Sum> sums(SpendSums question) {
        List<SpendSums.Sum> sums = new ArrayList<>();
        select(question.statement(store), question.values(store), row -> sums.add(question.sum(row::getValue)));
        return sums;
    }

    @Override
    public List<Balance> balances() {
        BalanceSums.Answer answer = new BalanceSums.Answer();
        select(BalanceSums.latestQuestion(store, "digest"), List.of(), row -> answer.add(row::getValue));
        return answer.balances();
    }

    @Override
    public @Nullable Balance balance(Holder holder) {
        BalanceSums.Answer answer = new BalanceSums.Answer();
        select(
                BalanceSums.latestOfQuestion(store, "digest"),
                List.of(holder.kind().storedName(), Buffer.buffer(Digest.of(List.of(holder.id()), ""))),
                row -> answer.add(row::getValue));
        return answer.first();
    }

    @Override
    public void adjust(Map<Charge, Long> amounts) {
        BalanceSums sums = new BalanceSums();
        amounts.forEach(sums::add);
        for (int tries = 1; ; tries++) {
            try {
                SqlConnection connection = server.open();
                server.run(connection, "BEGIN");
                insert(connection, Bulk.BALANCES, ServerRows.balances(sums));
                insert(connection, Bulk.CORRECTIONS, ServerRows.balances(sums));
                server.run(connection, "COMMIT");
                return;
            } catch (StoreException e) {
                server.undo(e);
                // Only what the server itself took back may be done again: this adds.
                if (tries == TRIES || e.remedy() != StoreException.Remedy.AGAIN) {
                    throw e;
                }
            }
        }
    }

    @Override
    public Optional<List<String>> claim(long epoch, List<String> were, List<String> nodes) {
        return Optional.of(guarded(() -> new Claims(store, server).claim(server.open(), epoch, were, nodes)));
    }

    @Override
    public Optional<Boolean> claimAlert(PostedAlert alert, String node, Duration lease) {
        return Optional.of(guarded(() -> new AlertPost(store, server).claim(server.open(), alert, node, lease)));
    }

    @Override
    public void alertSent(UUID id) {
        guarded(() -> {
            new AlertPost(store, server).sent(server.open(), id);
            return true;
        });
    }

    @Override
    public List<PostedAlert> overdueAlerts(String node, Duration lease) {
        return guarded(() -> new AlertPost(store, server).overdue(server.open(), node, lease));
    }

    @Override
    public void forgetOldClaims() {
        guarded(() -> {
            new Claims(store, server).forgetOld(server.open());
            new AlertPost(store, server).forgetOld(server.open());
            return true;
        });
    }

    @Override
    public boolean forgetOldBalances() {
        List<List<Object>> old = new ArrayList<>();
        select(
                BalanceSums.oldQuestion(store, "digest"),
                List.of(),
                row -> old.add(List.of(row.getValue(0), row.getValue(1), row.getValue(2))));
        for (String table : List.of("balances", "balance_corrections")) {
            old.forEach(balance -> select(BalanceSums.forget(store, table, "digest"), balance, _ -> {}));
        }
        return old.size() == BalanceSums.FORGET_AT_ONCE;
    }

    @Override
    public boolean deleteRows(long beforeMillis) {
        return guarded(() -> {
            SqlConnection connection = server.open();
            if (horizon(connection) < beforeMillis) {
                insert(connection, Bulk.HORIZON, List.<@Nullable Object[]>of(new Object[] {"rows", beforeMillis}));
            }
            int deleted = server.done(connection
                            .preparedQuery(store.deleteSpend(DELETED_AT_ONCE))
                            .execute(Tuple.of(beforeMillis)))
                    .rowCount();
            return deleted == DELETED_AT_ONCE;
        });
    }

    @Override
    public List<StoredCall> calls(Wanted wanted) {
        List<StoredCall> calls = new ArrayList<>();
        String question = StoredCall.question(store, wanted.model() != null, wanted.after() != null, READ_AT_ONCE);
        select(question, StoredCall.values(wanted), row -> calls.add(StoredCall.of(row::getValue)));
        return calls;
    }

    @Override
    public void reprice(Map<StoredCall, NewCost> costs, Payers payers) {
        guarded(() -> {
            SqlConnection connection = server.open();
            Map<Context, Long> ids = contextIds(
                    connection,
                    costs.keySet().stream().map(StoredCall::pricedContext).toList());
            Repriced repriced = new Repriced(payers);
            server.run(connection, "BEGIN");
            String update = "UPDATE " + store.table("spend") + " SET spend_nanos = " + store.parameter(1)
                    + ", price_version = " + store.parameter(2) + ", context = " + store.parameter(3)
                    + " WHERE request_id = " + store.parameter(4) + " AND spend_nanos = " + store.parameter(5);
            costs.forEach((call, cost) -> {
                Tuple values = Tuple.of(
                        cost.nanos(),
                        call.marked(cost.priceVersion()),
                        ids.get(call.pricedContext()),
                        call.id(),
                        call.nanos());
                if (server.done(connection.preparedQuery(update).execute(values))
                                .rowCount()
                        == 1) {
                    repriced.changed(call, cost.nanos());
                }
            });
            insert(connection, Bulk.DAILY, ServerRows.sums(repriced.daily()));
            insert(connection, Bulk.BALANCES, ServerRows.balances(repriced.balances()));
            insert(connection, Bulk.CORRECTIONS, ServerRows.balances(repriced.corrections()));
            return server.run(connection, "COMMIT");
        });
    }

    @Override
    public List<String> verify(Consumer<String> remarks) {
        DailyCheck check = new DailyCheck();
        BalanceCheck balances = new BalanceCheck(store, "digest");
        guarded(() -> {
            SqlConnection connection = server.open();
            store.beginSnapshot().forEach(sql -> server.run(connection, sql));
            check.horizon(horizon(connection));
            server.run(connection, DailyCheck.storedQuestion(store)).forEach(row -> check.stored(row::getValue));
            server.run(connection, DailyCheck.summedQuestion(store)).forEach(row -> check.summed(row::getValue));
            balances.read(
                    horizon(connection),
                    (question, rows) -> server.run(connection, question).forEach(row -> rows.accept(row::getValue)));
            return server.run(connection, "COMMIT");
        });
        balances.remarks().forEach(remarks);
        return Stream.concat(check.differences().stream(), balances.differences().stream())
                .toList();
    }

    private void select(String sql, List<Object> values, Consumer<Row> rows) {
        guarded(() -> server.done(server.open().preparedQuery(sql).execute(Tuple.wrap(values))))
                .forEach(rows);
    }

    private <T> T guarded(Supplier<T> work) {
        try {
            return work.get();
        } catch (StoreException e) {
            server.undo(e);
            throw e;
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
