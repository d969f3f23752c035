package dev.tollgate.accounting.bring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.accounting.AccountingRoom;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.accounting.book.Definitions.Definition;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.ServerDefinitions;
import dev.tollgate.accounting.ledger.ServerLedger;
import dev.tollgate.accounting.ledger.SqliteDefinitions;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.accounting.ledger.Stores;
import dev.tollgate.cluster.Bring;
import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.Environment;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.StoreUrl;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class LiteLlmImportTest {
    @RegisterExtension
    static final Stores STORES = new Stores(StoreUrl.Kind.POSTGRESQL);

    private static final Instant NOW = Instant.parse("2026-11-15T12:00:00Z");
    private static final long MONTH = Instant.parse("2026-11-01T00:00:00Z").toEpochMilli();
    private static final String A = "a".repeat(64);
    private static final String B = "b".repeat(64);
    private static final String SETTINGS = "general_settings: {master_key: sk-1234}\n";
    private static String litellm = "";

    @TempDir
    Path data;

    @BeforeAll
    static void fill() {
        litellm = database(LiteLlmSchema.RECENT + """
                INSERT INTO "LiteLLM_BudgetTable" (budget_id, max_budget, budget_duration, budget_reset_at, allowed_models)
                  VALUES ('monthly', 5, '30d', '2026-12-01', '{}'), ('over', 5, '1d', '2026-11-14', '{gpt}');
                INSERT INTO "LiteLLM_ModelTable" VALUES (7, '{"fast": "echo"}');
                INSERT INTO "LiteLLM_OrganizationTable" (organization_id, organization_alias, budget_id, spend)
                  VALUES ('org', 'Org', 'monthly', 0.3);
                INSERT INTO "LiteLLM_TeamTable" (team_id, team_alias, organization_id, admins, members, members_with_roles,
                  metadata, max_budget, spend, model_id) VALUES ('crew', 'Crew', 'org', '{boss}', '{ann,old}',
                  '[{"role": "user", "user_id": "ann"}]', '{"model_rpm_limit": {"echo": 3}}', 10, 1.25, 7);
                INSERT INTO "LiteLLM_UserTable" (user_id, user_email, user_role, spend, password, max_budget, budget_duration)
                  VALUES ('ann', 'ann@example.com', NULL, 0.1, 'scrypt', NULL, NULL),
                  ('litellm-proxy-budget', NULL, NULL, 4.5, NULL, 100, '30d'), ('odd', NULL, 'no-role', 0, NULL, 1, NULL);
                INSERT INTO "LiteLLM_TeamMembership" VALUES ('ann', 'crew', 0.7, 'over'), ('old', 'crew', 0.2, NULL);
                INSERT INTO "LiteLLM_OrganizationMembership" VALUES ('ann', 'org', 'org_admin', 0, NULL);
                INSERT INTO "LiteLLM_EndUserTable" (user_id, spend, budget_id, blocked) VALUES ('eve', 2, 'monthly', true);
                INSERT INTO "LiteLLM_TagTable" (tag_name, description, spend) VALUES ('prod', 'Production', 0.5);
                INSERT INTO "LiteLLM_VerificationToken" (token, key_name, key_alias, spend, expires, models, user_id, team_id,
                  metadata, rpm_limit, max_budget, budget_duration, budget_reset_at, auto_rotate, object_permission_id)
                  VALUES ('%s', 'sk-...aaaa', 'first', 0.30000000000000004, '2027-01-01T00:00:00', '{echo}', 'ann', 'crew',
                    '{"tags": ["prod"]}', 60, 1.5, '1mo', '2026-12-01', false, NULL),
                  ('%s', 'sk-...bbbb', NULL, 9, NULL, '{}', NULL, NULL, '{}', NULL, 10, '7d', '2026-11-15T11:59:59', true, 'x'),
                  ('sk-kept-as-it-is', NULL, NULL, 0, NULL, '{}', NULL, NULL, '{}', NULL, NULL, NULL, NULL, false, NULL),
                  ('%s', NULL, NULL, 0, NULL, '{}', 'ann', 'litellm-dashboard', '{}', NULL, NULL, NULL, NULL, false, NULL);
                INSERT INTO "LiteLLM_ProxyModelTable" VALUES ('1', 'gpt-4o', '{}'), ('2', 'claude', '{}');
                INSERT INTO "LiteLLM_CredentialsTable" VALUES ('1', 'azure-east');
                INSERT INTO "LiteLLM_SpendLogs" SELECT i::text, 1 FROM generate_series(1, 3) i;
                INSERT INTO "LiteLLM_FutureTable" VALUES (1);
                """.formatted(A, B, "d".repeat(64)));
    }

    private static String database(String sql) {
        String url = STORES.fresh();
        STORES.server().sql(url.substring(url.lastIndexOf('/') + 1), sql);
        return url;
    }

    private Snapshot config(String settings) throws IOException {
        Path file = Files.writeString(data.resolve("config.yaml"), settings);
        LoadResult result = new ConfigLoader(Environment.of(Map.of())).load(file);
        assertThat(result).as(String.valueOf(result)).isInstanceOf(LoadResult.Loaded.class);
        return ((LoadResult.Loaded) result).snapshot();
    }

    private String bring(String from, boolean apply, boolean overwrite) throws IOException {
        LiteLlmImport work = new LiteLlmImport(config(SETTINGS), data.resolve("tollgate.db"), () -> NOW);
        return String.join("\n", work.run(new Bring(StoreUrl.parse(from), apply, overwrite)));
    }

    private static Map<String, JsonObject> documents(Definitions definitions) {
        try (definitions) {
            Map<String, JsonObject> documents = new HashMap<>();
            definitions.changes(
                    0,
                    each -> documents.put(
                            each.kind() + " " + each.id(), new JsonObject(String.valueOf(each.document()))));
            return documents;
        }
    }

    private Map<String, JsonObject> here() {
        return documents(SqliteDefinitions.open(data.resolve("tollgate.db")));
    }

    /** Nano-dollars and period by holder. */
    private static Map<Holder, List<Long>> spent(Ledger ledger) {
        try (ledger) {
            Map<Holder, List<Long>> spent = new HashMap<>();
            for (Balance each : ledger.balances()) {
                spent.put(
                        each.charge().holder(),
                        List.of(each.nanos(), each.charge().periodMillis()));
            }
            return spent;
        }
    }

    private Map<Holder, List<Long>> spent() {
        return spent(SqliteLedger.open(data.resolve("tollgate.db")));
    }

    @Test
    void aDryRunTellsAllAndMakesNothing() throws IOException {
        assertThat(bring(litellm, false, false))
                .contains(
                        "keys: 3 to bring",
                        "users: 2 to bring",
                        "teams: 1 to bring",
                        "limits of members of teams: 1 to bring",
                        "organizations: 1 to bring",
                        "members of organizations: 1 to bring",
                        "customers: 1 to bring",
                        "budgets: 2 to bring",
                        "tags: 1 to bring",
                        "holders with something spent in the present period: 8",
                        "LiteLLM_ProxyModelTable, 2 rows: models, encrypted with LiteLLM's salt key; write them into"
                                + " config.yaml: claude, gpt-4o",
                        "LiteLLM_CredentialsTable, 1 row: ",
                        "azure-east",
                        "LiteLLM_SpendLogs, 3 rows: ",
                        "LiteLLM_FutureTable, 1 row",
                        "LiteLLM_VerificationToken.auto_rotate of 1 row: rotation on a schedule",
                        "LiteLLM_VerificationToken.object_permission_id of 1 row",
                        "LiteLLM_UserTable.password of 1 row",
                        "LiteLLM_BudgetTable.allowed_models of 1 row",
                        "user `odd` is brought but counts as blocked until somebody corrects it: `user_role` is not a role",
                        "Nothing was written (--dry-run)")
                .doesNotContain("sk-kept-as-it-is", "model_id", "teams of");
        assertThat(data.resolve("tollgate.db")).doesNotExist();
    }

    @Test
    void everythingIsHereAfterwardsUnderLiteLlmsNames() throws IOException {
        assertThat(bring(litellm, true, false)).contains("keys: 3 brought");
        Map<String, JsonObject> here = here();
        assertThat(here).hasSize(13);
        assertThat(here.get("KEY " + A).remove("created_at")).isNotNull();
        assertThat(here.get("KEY " + A)).isEqualTo(new JsonObject("""
                {"key_name": "sk-...aaaa", "key_alias": "first", "user_id": "ann", "team_id": "crew", "models": ["echo"],
                 "metadata": {"tags": ["prod"]}, "max_budget": 1.5, "budget_duration": "1mo", "rpm_limit": 60,
                 "expires": "2027-01-01T00:00:00.000+00:00"}"""));
        assertThat(here)
                .containsKeys("KEY " + B, "KEY ce9a751ace289d0832bcdabffb28870c3c20618c1410480ce3c2a32c69aa7483");
        JsonObject team = here.get("TEAM crew");
        assertThat(team.getJsonObject("model_aliases")).isEqualTo(new JsonObject("{\"fast\": \"echo\"}"));
        assertThat(team.getJsonArray("members_with_roles").encode())
                .isEqualTo("[{\"role\":\"user\",\"user_id\":\"ann\"},{\"user_id\":\"boss\",\"role\":\"admin\"},"
                        + "{\"user_id\":\"old\",\"role\":\"user\"}]");
        assertThat(here.get("USER ann").getString("user_role")).isEqualTo("internal_user");
        assertThat(here.get("USER ann").encode()).doesNotContain("scrypt");
        assertThat(here.get("MEMBER crew\nann").getString("budget_id")).isEqualTo("over");
        assertThat(here.get("ORGANIZATION_MEMBER org\nann").getString("user_role"))
                .isEqualTo("org_admin");
        assertThat(here.get("CUSTOMER eve").getBoolean("blocked")).isTrue();
        assertThat(here.get("TAG prod").getString("name")).isEqualTo("prod");
        assertThat(spent())
                .containsOnly(
                        Map.entry(new Holder(Kind.KEY, A), List.of(300_000_000L, MONTH)),
                        Map.entry(new Holder(Kind.TEAM, "crew"), List.of(1_250_000_000L, 0L)),
                        Map.entry(new Holder(Kind.USER, "ann"), List.of(100_000_000L, 0L)),
                        Map.entry(Holder.member("crew", "old"), List.of(200_000_000L, 0L)),
                        Map.entry(new Holder(Kind.ORGANIZATION, "org"), List.of(300_000_000L, MONTH)),
                        Map.entry(new Holder(Kind.CUSTOMER, "eve"), List.of(2_000_000_000L, MONTH)),
                        Map.entry(new Holder(Kind.TAG, "prod"), List.of(500_000_000L, 0L)),
                        Map.entry(Holder.ALL, List.of(4_500_000_000L, 0L)));
    }

    @Test
    void onceMoreChangesNothingAndWhatWasChangedHereStaysUnlessItIsToBeOverwritten() throws Exception {
        bring(litellm, true, false);
        Map<Holder, List<Long>> spent = spent();
        Map<String, JsonObject> here = here();
        assertThat(bring(litellm, true, false))
                .contains("keys: 0 brought, 3 here already and the same", "present period: 0");
        try (Definitions definitions = SqliteDefinitions.open(data.resolve("tollgate.db"));
                Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            Definition[] key = new Definition[1];
            definitions.changes(0, each -> key[0] = each.id().equals(A) ? each : key[0]);
            JsonObject changed = new JsonObject(key[0].document()).put("max_budget", 99);
            definitions.write(List.of(new Change(Kind.KEY, A, key[0].version(), changed)), 1);
            ledger.adjust(new Charge(new Holder(Kind.KEY, A), MONTH + 5), 7);
        }
        assertThat(bring(litellm, true, false))
                .contains(
                        "keys: 0 brought, 2 here already and the same, 1 here already with other fields and left alone");
        assertThat(here().get("KEY " + A).getInteger("max_budget")).isEqualTo(99);
        assertThat(spent().get(new Holder(Kind.KEY, A))).containsExactly(7L, MONTH + 5);

        assertThat(bring(litellm, false, true)).contains("keys: 0 to bring, 1 to overwrite, 2 here already");
        assertThat(bring(litellm, true, true)).contains("keys: 0 brought, 1 overwritten, 2 here already and the same");
        assertThat(here()).isEqualTo(here);
        assertThat(spent().get(new Holder(Kind.KEY, A)))
                .as("in the period that runs")
                .containsExactly(300_000_000L, MONTH + 5);
        Map<Holder, List<Long>> again = spent();
        spent.forEach((holder, amount) ->
                assertThat(again.get(holder).getFirst()).as(holder.toString()).isEqualTo(amount.getFirst()));
    }

    @Test
    void anOldVersionWithFewTablesAndColumnsIsRead() throws IOException {
        String old =
                database(LiteLlmSchema.OLD + "INSERT INTO \"LiteLLM_VerificationToken\" (token, max_budget, models)"
                        + " SELECT md5(i::text) || md5(i::text), 'Infinity', '{}' FROM generate_series(1, 2500) i");
        assertThat(bring(old, true, false)).contains("keys: 2500 brought").doesNotContain("users", "Not brought");
        assertThat(here())
                .hasSize(2500)
                .allSatisfy((_, document) -> assertThat(document).isEqualTo(new JsonObject()));
    }

    @Test
    void aServerMayHoldBothAndADryRunMakesNoTablesThere() throws IOException {
        Snapshot config = config("general_settings: {master_key: sk-1234, database_url: \"" + litellm + "\"}\n");
        StoreUrl url = StoreUrl.parse(litellm);
        LiteLlmImport work = new LiteLlmImport(config, data.resolve("none.db"), () -> NOW);
        assertThat(work.run(new Bring(url, false, false))).contains("keys: 3 to bring");
        try (Definitions look = ServerDefinitions.toLook(url)) {
            assertThat(look.changes(0, _ -> {})).isZero();
        }
        assertThat(work.run(new Bring(url, true, false))).contains("keys: 3 brought");
        assertThat(documents(ServerDefinitions.toLook(url))).hasSize(13);
        assertThat(spent(ServerLedger.of(url))).hasSize(8);
        assertThat(work.run(new Bring(url, false, false))).contains("keys: 0 to bring, 3 here already and the same");
    }

    @Test
    void whatGoesWrongIsSaidWithWhatToDo() throws IOException {
        String address = "127.0.0.1:" + STORES.server().port();
        STORES.server().sql("postgres", "CREATE ROLE nobody LOGIN PASSWORD 'x'");
        String name = litellm.substring(litellm.lastIndexOf('/'));
        Map<String, String> troubles = Map.of(
                STORES.fresh(),
                "is no LiteLLM database: its schema `public` has no table LiteLLM_VerificationToken. Give",
                litellm + "?schema=other",
                "its schema `other` has no table",
                "postgresql://tester:wrong@" + address + name,
                "refuses the login: check user and password in --from",
                "postgresql://tester:pass%3Aword@" + address + "/nowhere",
                "has no such database",
                "postgresql://tester:pass%3Aword@127.0.0.1:1" + name,
                "cannot be reached",
                "postgresql://nobody:x@" + address + name,
                "does not let this login read LiteLLM's tables: GRANT SELECT",
                "mysql://tester@" + address + name,
                "its database is PostgreSQL");
        for (Map.Entry<String, String> trouble : troubles.entrySet()) {
            assertThatThrownBy(() -> bring(trouble.getKey(), true, false))
                    .as(trouble.getValue())
                    .hasMessageContaining(trouble.getValue())
                    .hasMessageNotContaining("DATABASE_URL in");
        }
    }

    @Test
    void theFolderOfARunningGatewayIsLeftAlone() throws IOException {
        Snapshot config = config(SETTINGS);
        Bring order = new Bring(StoreUrl.parse(litellm), true, false);
        try (FileChannel channel =
                        FileChannel.open(data.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            assertThatThrownBy(() -> new AccountingRoom().bring(config, data, order))
                    .hasMessageStartingWith("Nothing was brought: another Tollgate uses the data folder ");
            assertThat(new AccountingRoom().bring(config, data, new Bring(order.from(), false, false)))
                    .contains("keys: 3 to bring");
        }
        assertThat(new AccountingRoom().bring(config, data, order)).contains("keys: 3 brought");
    }
}
