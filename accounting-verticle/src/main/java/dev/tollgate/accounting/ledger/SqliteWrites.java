package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.protocol.Usage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What goes into the embedded store; whoever calls commits. */
final class SqliteWrites {
    private static final String INSERT = "INSERT INTO spend (request_id, context, start_millis, duration_ms,"
            + " first_token_ms, spend_nanos, prompt_tokens, completion_tokens, price_version";
    private static final String UNLESS_THERE = " ON CONFLICT (request_id) DO NOTHING";

    /** Most calls have one part, and no other tokens than those of prompt and completion. */
    private static final String PLAIN = INSERT + ") VALUES (?,?,?,?,?,?,?,?,?)" + UNLESS_THERE;

    private static final String FULL = INSERT + ", cache_read_tokens, cache_write_tokens, cache_write_hour_tokens,"
            + " audio_prompt_tokens, reasoning_tokens, audio_completion_tokens, web_searches, service_tier, part_of,"
            + " image_prompt_tokens, image_completion_tokens) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
            + UNLESS_THERE;

    private static final String SUM_UP = "INSERT INTO spend_daily VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
            + " ON CONFLICT (day, api_key, user_id, team_id, model_group, model, provider) DO UPDATE SET"
            + " requests = requests + excluded.requests, failed = failed + excluded.failed,"
            + " prompt_tokens = prompt_tokens + excluded.prompt_tokens,"
            + " completion_tokens = completion_tokens + excluded.completion_tokens,"
            + " spend_nanos = spend_nanos + excluded.spend_nanos";

    private static final String ADD = " VALUES (?,?,?,?)"
            + " ON CONFLICT (kind, id, period_millis) DO UPDATE SET spend_nanos = spend_nanos + excluded.spend_nanos";

    /** What is in balances and not in rows. */
    static final String CORRECTIONS = "balance_corrections";

    private final Connection connection;
    private final SpendContexts contexts;

    SqliteWrites(Connection connection) {
        this.connection = connection;
        this.contexts = new SpendContexts(connection);
    }

    /** A transaction was undone. */
    void forget() {
        contexts.forget();
    }

    /** Rows that are not there yet, and what they add to sums and balances. {@code fresh} hears of each. */
    void store(Collection<SpendRow> rows, Consumer<SpendRow> fresh) throws SQLException {
        DailySpend daily = new DailySpend();
        BalanceSums balances = new BalanceSums();
        BatchContexts alike = new BatchContexts();
        try (PreparedStatement plain = connection.prepareStatement(PLAIN);
                PreparedStatement full = connection.prepareStatement(FULL)) {
            for (SpendRow row : rows) {
                boolean details = row.partOf() != null || detailed(row.usage());
                PreparedStatement insert = details ? full : plain;
                Context context = alike.of(row);
                long id = contexts.id(context);
                bind(insert, row, id);
                if (details) {
                    bindDetails(insert, row.usage(), row.partOf());
                }
                if (insert.executeUpdate() == 1) {
                    daily.add(row, context, id);
                    balances.add(row);
                    fresh.accept(row);
                }
            }
        }
        sumUp(daily.groups());
        add(balances);
    }

    private void sumUp(Map<DailySpend.Group, DailySpend.Sums> daily) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(SUM_UP)) {
            for (var each : daily.entrySet()) {
                DailySpend.Group group = each.getKey();
                DailySpend.Sums sums = each.getValue();
                upsert.setString(1, group.date().toString());
                upsert.setString(2, group.apiKey());
                upsert.setString(3, group.user());
                upsert.setString(4, group.team());
                upsert.setString(5, group.modelGroup());
                upsert.setString(6, group.model());
                upsert.setString(7, group.provider());
                upsert.setLong(8, sums.requests());
                upsert.setLong(9, sums.failed());
                upsert.setLong(10, sums.promptTokens());
                upsert.setLong(11, sums.completionTokens());
                upsert.setLong(12, sums.nanos());
                upsert.executeUpdate();
            }
        }
    }

    /** Changes costs, and what they add to; answers by how much balances have changed. */
    BalanceSums reprice(Map<StoredCall, NewCost> costs, Payers payers) throws SQLException {
        Repriced repriced = new Repriced(payers);
        // Begins as a writer: one who has read before cannot become one while another writes.
        run("UPDATE spend SET context = context WHERE request_id = ?", List.<Object[]>of(new Object[] {""}));
        for (Map.Entry<StoredCall, NewCost> each : costs.entrySet()) {
            StoredCall call = each.getKey();
            int changed = run(
                    "UPDATE spend SET spend_nanos = ?, price_version = ?, context = ? WHERE request_id = ? AND spend_nanos = ?",
                    List.<Object[]>of(new Object[] {
                        each.getValue().nanos(),
                        call.marked(each.getValue().priceVersion()),
                        contexts.id(call.pricedContext()),
                        call.id(),
                        call.nanos()
                    }));
            if (changed == 1) {
                repriced.changed(call, each.getValue().nanos());
            }
        }
        sumUp(repriced.daily());
        add(repriced.balances());
        add(CORRECTIONS, repriced.corrections());
        return repriced.balances();
    }

    /** Adds to balances what no row here counts for. */
    void correct(BalanceSums amounts) throws SQLException {
        add(amounts);
        add(CORRECTIONS, amounts);
    }

    /** Adds to balances. */
    void add(BalanceSums balances) throws SQLException {
        add("balances", balances);
    }

    /** Adds to one of the tables that have sums of holders. */
    void add(String table, BalanceSums balances) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("INSERT INTO " + table + ADD)) {
            for (Map.Entry<Charge, Long> sum : balances.sums().entrySet()) {
                Charge charge = sum.getKey();
                upsert.setString(1, charge.holder().kind().storedName());
                upsert.setString(2, charge.holder().id());
                upsert.setLong(3, charge.periodMillis());
                upsert.setLong(4, sum.getValue());
                upsert.executeUpdate();
            }
        }
    }

    /** One statement, for each of these rows of parameters; how many rows it changed. */
    int run(String sql, List<Object[]> rows) throws SQLException {
        int changed = 0;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (Object[] values : rows) {
                for (int i = 0; i < values.length; i++) {
                    statement.setObject(i + 1, values[i]);
                }
                changed += statement.executeUpdate();
            }
            return changed;
        }
    }

    private static void bind(PreparedStatement insert, SpendRow row, long context) throws SQLException {
        insert.setObject(1, RequestId.stored(row.callId()));
        insert.setLong(2, context);
        insert.setLong(3, row.startedAtMillis());
        insert.setDouble(4, row.durationMillis());
        if (row.firstTokenMillis() < 0) {
            insert.setNull(5, Types.DOUBLE);
        } else {
            insert.setDouble(5, row.firstTokenMillis());
        }
        insert.setLong(6, row.costNanos());
        insert.setLong(7, row.usage().prompt());
        insert.setLong(8, row.usage().completion());
        insert.setString(9, row.priceVersion());
    }

    private static boolean detailed(Usage usage) {
        return (usage.cacheRead()
                                | usage.cacheWrite()
                                | usage.cacheWriteHour()
                                | usage.audioPrompt()
                                | usage.imagePrompt()
                                | usage.reasoning()
                                | usage.audioCompletion()
                                | usage.imageCompletion()
                                | usage.webSearches())
                        != 0
                || ServerRows.tier(usage) != null;
    }

    private static void bindDetails(PreparedStatement insert, Usage usage, @Nullable String partOf)
            throws SQLException {
        insert.setLong(10, usage.cacheRead());
        insert.setLong(11, usage.cacheWrite());
        insert.setLong(12, usage.cacheWriteHour());
        insert.setLong(13, usage.audioPrompt());
        insert.setLong(14, usage.reasoning());
        insert.setLong(15, usage.audioCompletion());
        insert.setLong(16, usage.webSearches());
        insert.setString(17, ServerRows.tier(usage));
        insert.setObject(18, partOf == null ? null : RequestId.stored(partOf));
        insert.setObject(19, ServerRows.pictures(usage.imagePrompt()));
        insert.setObject(20, ServerRows.pictures(usage.imageCompletion()));
    }
}
