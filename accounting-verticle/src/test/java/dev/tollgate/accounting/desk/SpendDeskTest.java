package dev.tollgate.accounting.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.accounting.limit.Counters;
import dev.tollgate.accounting.limit.NodeBalances;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Manage;
import dev.tollgate.protocol.Managed;
import dev.tollgate.protocol.UserRole;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpendDeskTest {
    private static final String RESET = "POST /global/spend/reset";
    private static final Holder KEY = new Holder(Kind.KEY, Keys.hash("sk-of-anna-000001"));
    private static final Holder TEAM = new Holder(Kind.TEAM, "t");
    private static final Holder USER = new Holder(Kind.USER, "anna");

    private final Counter counter = new Counter();

    @AfterEach
    void close() {
        counter.close();
    }

    private void some() {
        counter.ok("POST /team/new", "{'team_id': 't'}");
        counter.ok("POST /key/generate", "{'key': 'sk-of-anna-000001', 'team_id': 't', 'user_id': 'anna'}");
    }

    @Test
    void aResetSetsKeysAndTeamsWithAllTheirPartsToNothingAndNobodyElse() {
        some();
        Holder model = Holder.model(KEY.id(), "gpt-4o");
        Holder day = Holder.part(TEAM, "window", "1d");
        Holder gone = new Holder(Kind.KEY, "deleted");
        counter.spent.putAll(Map.of(KEY, 5L, TEAM, 6L, USER, 7L, model, 3L, day, 2L, gone, 1L));
        counter.transactions = 0;
        assertThat(counter.text(Counter.MASTER, RESET, null))
                .isEqualTo(
                        "{\"message\":\"Spend for all API Keys and Teams reset successfully\",\"status\":\"success\"}");
        assertThat(counter.spent)
                .containsAllEntriesOf(Map.of(KEY, 0L, TEAM, 0L, USER, 7L, model, 0L, day, 0L, gone, 1L));
        assertThat(counter.transactions).isEqualTo(1);
    }

    @Test
    void aResetThatIsNotStoredHasNotBeen() {
        some();
        counter.spent.put(KEY, 5L);
        counter.away = true;
        assertThat(counter.refusal(Counter.MASTER, RESET, null))
                .startsWith("503")
                .endsWith("Nothing is changed, because what was spent cannot be written: the store is away");
        assertThat(counter.spent).containsEntry(KEY, 5L);
    }

    @Test
    void onlyTheMasterKeyMayReset() {
        Caller admin = Counter.user("paul", UserRole.PROXY_ADMIN);
        assertThat(counter.refusal(admin, RESET, null))
                .isEqualTo("403 auth_error Only the master key may do this. Route=/global/spend/reset."
                        + " Your role=proxy_admin. Your user_id=paul");
        assertThat(counter.status(Counter.user("vera", UserRole.PROXY_ADMIN_VIEWER), RESET, null))
                .isEqualTo(403);
        assertThat(counter.status(Counter.MASTER, "GET /global/spend/reset", null))
                .isEqualTo(405);
        assertThat(counter.text(admin, "POST /global/spend/refresh", null)).contains("\"status\":\"success\"");
    }

    /** With the store and the counters of a node: rows stay, and what is reset is so after the next start as well. */
    @Test
    void aResetIsStoredAndRowsStay(@TempDir Path data) throws Exception {
        some();
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            ledger.store(
                    List.of(Calls.charged(
                            Calls.row("a", KEY.id(), "anna", "gpt-4o", 1_767_225_600_000L, 1_500),
                            new Charge(KEY, 0),
                            new Charge(TEAM, 0),
                            new Charge(USER, 0))),
                    "file",
                    1);
            Counters counters = new Counters();
            counters.load(ledger.balances());
            NodeBalances balances = new NodeBalances(
                    counters,
                    amounts -> {
                        ledger.adjust(amounts);
                        return Future.succeededFuture();
                    },
                    () -> ZoneOffset.UTC,
                    InstantSource.system());
            assertThat(balances.spentNanos(TEAM)).isEqualTo(1_500);
            try (Desk desk =
                    new Desk(counter.book, balances, counter.lane.vault, InstantSource.system(), () -> Duration.ZERO)) {
                CompletableFuture<Managed> answer = new CompletableFuture<>();
                desk.ask(
                        new Manage("POST", "/global/spend/reset", Map.of(), null, Counter.MASTER, null),
                        answer::complete);
                assertThat(answer.get(60, TimeUnit.SECONDS)).isInstanceOf(Managed.Done.class);
            }
            for (Holder holder : List.of(KEY, TEAM)) {
                assertThat(balances.spentNanos(holder)).isZero();
                assertThat(ledger.balance(holder).nanos()).as("stored").isZero();
            }
            assertThat(ledger.balance(USER).nanos()).isEqualTo(1_500);
            assertThat(ledger.logs(Map.of()).encode()).contains("\"spend\":0.0000015");
            assertThat(ledger.verify()).isEmpty();
        }
    }
}
