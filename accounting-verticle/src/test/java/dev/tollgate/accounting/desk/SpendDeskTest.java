package dev.tollgate.accounting.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.accounting.limit.Counters;
import dev.tollgate.accounting.limit.NodeBalances;
import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.Environment;
import dev.tollgate.config.LoadResult;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Manage;
import dev.tollgate.protocol.Managed;
import dev.tollgate.protocol.UserRole;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpendDeskTest {
    private static final String RESET = "POST /global/spend/reset";
    private static final String SET = "POST /spend/set";
    private static final Holder OPENAI = new Holder(Kind.PROVIDER, "openai");
    private static final Holder ONE = new Holder(Kind.DEPLOYMENT, "one");
    private static final Budgeted BUDGETED = new Budgeted(Set.of(), Set.of("openai", "anthropic"), Set.of("one"));
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
            NodeBalances balances = balances(ledger);
            assertThat(balances.spentNanos(TEAM)).isEqualTo(1_500);
            asked(balances, "/global/spend/reset", null);
            for (Holder holder : List.of(KEY, TEAM)) {
                assertThat(balances.spentNanos(holder)).isZero();
                assertThat(ledger.balance(holder).nanos()).as("stored").isZero();
            }
            assertThat(ledger.balance(USER).nanos()).isEqualTo(1_500);
            assertThat(ledger.logs(Map.of()).encode()).contains("\"spend\":0.0000015");
            assertThat(ledger.verify()).isEmpty();
        }
    }

    private static NodeBalances balances(Ledger ledger) {
        Counters counters = new Counters();
        counters.load(ledger.balances());
        return new NodeBalances(
                counters,
                amounts -> {
                    ledger.adjust(amounts);
                    return Future.succeededFuture();
                },
                () -> ZoneOffset.UTC,
                InstantSource.system());
    }

    /** Of a desk with a store, for which the counter's configuration holds. */
    private String asked(Balances balances, String path, @Nullable String body) throws Exception {
        try (Desk desk =
                new Desk(counter.book, balances, counter.lane.vault, InstantSource.system(), () -> Duration.ZERO)) {
            desk.budgeted(BUDGETED);
            CompletableFuture<Managed> answer = new CompletableFuture<>();
            Buffer sent = body == null ? null : Buffer.buffer(body.replace('\'', '"'));
            desk.ask(new Manage("POST", path, Map.of(), sent, Counter.MASTER, null), answer::complete);
            Managed done = answer.get(60, TimeUnit.SECONDS);
            assertThat(done).isInstanceOf(Managed.Done.class);
            return ((Managed.Done) done).json().toString();
        }
    }

    @Test
    void whatTheGatewayAProviderAndADeploymentHaveSpentIsSetByHand() {
        counter.desk.budgeted(BUDGETED);
        counter.spent.putAll(Map.of(Holder.ALL, 30_000_000_000L, OPENAI, 5L, ONE, 6L, USER, 7L));
        assertThat(counter.text(Counter.MASTER, SET, "{'kind': 'gateway', 'spend': 20}"))
                .isEqualTo("{\"kind\":\"gateway\",\"id\":null,\"spend\":20.0,\"previous_spend\":30.0}");
        assertThat(counter.text(Counter.MASTER, SET, "{'kind': 'provider', 'id': 'openai', 'spend': '1.5'}"))
                .isEqualTo("{\"kind\":\"provider\",\"id\":\"openai\",\"spend\":1.5,\"previous_spend\":5E-9}");
        counter.ok(SET, "{'kind': 'deployment', 'id': 'one', 'spend': 0}");
        assertThat(counter.spent)
                .containsAllEntriesOf(Map.of(Holder.ALL, 20_000_000_000L, OPENAI, 1_500_000_000L, ONE, 0L, USER, 7L));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {'kind': 'key', 'id': 'k', 'spend': 1} | 400 | Unknown kind 'key': it is `gateway`, `provider` or `deployment`
            {'kind': 'gateway', 'id': 'openai', 'spend': 1} | 400 | There is one gateway only: leave `id` out
            {'kind': 'provider', 'spend': 1} | 400 | Name the provider in `id`. These have a budget: anthropic, openai
            {'kind': 'provider', 'id': 'opnai', 'spend': 1} | 404 | with the id 'opnai'. These have a budget: anthropic, openai
            {'kind': 'deployment', 'id': 'two', 'spend': 1} | 404 | no budget of a deployment with the id 'two'. These have a budget: one
            {'kind': 'gateway'} | 422 | "loc":["body","spend"],"msg":"Field required"
            {'kind': 'gateway', 'spend': null} | 422 | "loc":["body","spend"],"msg":"Input should be a valid number"
            {'kind': 'gateway', 'spend': -1} | 422 | "loc":["body","spend"],"msg":"Input should be greater than or equal to 0"
            {'kind': 'gateway', 'spend': '1e-600000000'} | 422 | "loc":["body","spend"],"msg":"Input should be a finite number"
            {'kind': 'gateway', 'spend': '1e2147483647'} | 422 | "loc":["body","spend"],"msg":"Input should be a finite number"
            {'kind': 'gateway', 'spend': 'much'} | 422 | "loc":["body","spend"],"msg":"Input should be a valid number
            {'spend': 1} | 422 | "loc":["body","kind"],"msg":"Field required"
            """, quoteCharacter = '~')
    void aMistakeIsSaidAndNothingIsSet(String body, String status, String message) {
        counter.desk.budgeted(BUDGETED);
        counter.spent.put(OPENAI, 5L);
        assertThat(counter.refusal(Counter.MASTER, SET, body))
                .startsWith(status + " ")
                .contains(message);
        assertThat(counter.spent).isEqualTo(Map.of(OPENAI, 5L));
    }

    /** What is spent after that must fit the store, too. */
    @Test
    void moreThanABillionDollarsIsABillion() {
        counter.desk.budgeted(BUDGETED);
        counter.ok(SET, "{'kind': 'gateway', 'spend': 97500000000}");
        assertThat(counter.spent).containsEntry(Holder.ALL, 1_000_000_000_000_000_000L);
    }

    @Test
    void ofManyWithABudgetSomeAreNamed() {
        counter.desk.budgeted(new Budgeted(
                Set.of(),
                Set.of(),
                IntStream.range(100, 200).mapToObj(each -> "d" + each).collect(Collectors.toSet())));
        assertThat(counter.refusal(Counter.MASTER, SET, "{'kind': 'deployment', 'id': 'x', 'spend': 1}"))
                .contains(": d100, d101, ")
                .endsWith(", d119 and more, see GET /provider/budgets");
        assertThat(counter.refusal(Counter.MASTER, SET, "{'kind': 'provider', 'id': 'x', 'spend': 1}"))
                .endsWith("None has a budget");
    }

    /** With the store and the counters of a node. */
    @Test
    void whatIsSetByHandIsStoredAndIsNoDifferenceToTheRows(@TempDir Path data) throws Exception {
        try (Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            ledger.store(
                    List.of(Calls.charged(
                            Calls.row("a", KEY.id(), "anna", "gpt-4o", 1_767_225_600_000L, 1_500),
                            new Charge(Holder.ALL, 0),
                            new Charge(OPENAI, 0),
                            new Charge(ONE, 0))),
                    "file",
                    1);
            NodeBalances balances = balances(ledger);
            assertThat(asked(balances, "/spend/set", "{'kind': 'provider', 'id': 'openai', 'spend': 0.000001}"))
                    .endsWith("\"previous_spend\":0.0000015}");
            asked(balances, "/spend/set", "{'kind': 'deployment', 'id': 'one', 'spend': 3}");
            asked(balances, "/spend/set", "{'kind': 'gateway', 'spend': 0}");
            Map<Holder, Long> expected = Map.of(OPENAI, 1_000L, ONE, 3_000_000_000L, Holder.ALL, 0L);
            expected.forEach((holder, nanos) -> {
                assertThat(balances.spentNanos(holder)).isEqualTo(nanos);
                assertThat(ledger.balance(holder).nanos()).as("stored").isEqualTo(nanos);
            });
            assertThat(ledger.logs(Map.of()).encode()).contains("\"spend\":0.0000015");
            assertThat(ledger.verify()).isEmpty();
        }
    }

    @Test
    void whoHasABudgetIsSaidByTheConfiguration(@TempDir Path folder) throws Exception {
        LoadResult result =
                new ConfigLoader(Environment.of(Map.of())).load(Files.writeString(folder.resolve("c.yaml"), """
                model_list:
                  - {model_name: m, litellm_params: {model: openai/a, api_key: k, max_budget: 50}, model_info: {id: one}}
                  - {model_name: m, litellm_params: {model: openai/b, api_key: k}, model_info: {id: two}}
                router_settings: {provider_budget_config: {openai: {budget_limit: 100, time_period: 1d}}}
                litellm_settings: {tag_budget_config: {paid: {max_budget: 10}}}
                """));
        assertThat(Budgeted.of(((LoadResult.Loaded) result).snapshot()))
                .isEqualTo(new Budgeted(Set.of("paid"), Set.of("openai"), Set.of("one")));
    }
}
