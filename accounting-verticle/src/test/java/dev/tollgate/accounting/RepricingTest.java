package dev.tollgate.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.accounting.book.FileKeys;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.SqliteDefinitions;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.cluster.Reprice;
import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.Environment;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepricingTest {
    private static final LocalDate DAY = LocalDate.parse("2026-01-02");

    @TempDir
    Path data;

    /** $1 a token of the prompt, $2 a generated one. */
    private Snapshot config() throws IOException {
        return config("");
    }

    private Snapshot config(String more) throws IOException {
        Path file = Files.writeString(data.resolve("config.yaml"), more + """
                model_list:
                  - model_name: group
                    litellm_params: {model: openai/mine, api_key: k, input_cost_per_token: 1, output_cost_per_token: 2,
                      input_cost_per_token_flex: 0.5, output_cost_per_token_flex: 1,
                      input_cost_per_image_token: 3, output_cost_per_image_token: 20}
                    model_info: {id: deployment}
                  - model_name: other
                    litellm_params: {model: openai/no-such-model, api_key: k}
                    model_info: {id: unpriced}
                """);
        LoadResult result = new ConfigLoader(Environment.of(Map.of())).load(file);
        assertThat(result).as(String.valueOf(result)).isInstanceOf(LoadResult.Loaded.class);
        return ((LoadResult.Loaded) result).snapshot();
    }

    private static SpendRow row(String id, String deployment, String group, String route, Usage usage, String time) {
        return row(id, deployment, group, group, route, usage, time);
    }

    private static SpendRow row(
            String id, String deployment, String asked, String group, String route, Usage usage, String time) {
        return new SpendRow(
                id,
                "acompletion",
                "k",
                null,
                null,
                null,
                asked,
                "mine",
                deployment,
                group,
                "openai",
                "",
                "",
                route,
                null,
                usage,
                7,
                false,
                false,
                200,
                Instant.parse(time).toEpochMilli(),
                1,
                -1,
                List.of(),
                null);
    }

    /** The same call of another key, which is one of the team's. */
    private static SpendRow of(SpendRow row, String id, String key) {
        return Calls.of(row, id, key, null, "crew");
    }

    private Ledger open() {
        return SqliteLedger.open(data.resolve("tollgate.db"));
    }

    private void store() {
        Usage usage = Usage.of(10, 5);
        try (Ledger ledger = open()) {
            ledger.store(
                    List.of(
                            row("early", "deployment", "group", "one", usage, "2026-01-01T23:59:59Z"),
                            row("a", "deployment", "group", "one", usage, "2026-01-02T00:00:00Z"),
                            row("b", "deployment", "group", "one", Usage.of(1, 0), "2026-01-02T23:59:59Z"),
                            row("none", "deployment", "group", "one", Usage.NONE, "2026-01-02T01:00:00Z"),
                            row("two", "deployment", "group", "one > two", usage, "2026-01-02T01:00:00Z"),
                            row(
                                    "elsewhere",
                                    "deployment",
                                    "group",
                                    "group/other=over-budget > group/slow=called-off > group/depl=200",
                                    Usage.of(1, 0),
                                    "2026-01-02T02:00:00Z"),
                            row("gone", "gone", "gone", "one", usage, "2026-01-02T01:00:00Z"),
                            row("unpriced", "unpriced", "other", "one", usage, "2026-01-02T01:00:00Z"),
                            row("late", "deployment", "group", "one", usage, "2026-01-03T00:00:00Z")),
                    "file",
                    1);
        }
    }

    private JsonObject logged(String id) {
        try (Ledger ledger = open()) {
            assertThat(ledger.verify()).isEmpty();
            return new JsonObject(
                    ledger.logs(Map.of("request_id", id)).getJsonObject(0).encode());
        }
    }

    @Test
    void theDifferenceIsShownAndOnlyWrittenWhenThatIsWanted() throws IOException {
        store();
        Snapshot config = config();
        AccountingRoom room = new AccountingRoom();
        List<String> shown = room.reprice(config, data, new Reprice(DAY, DAY, null, false));
        assertThat(shown)
                .containsExactly(
                        "mine: 3 calls, old $0.000000021, new $22, difference $21.999999979",
                        "all: 3 calls, old $0.000000021, new $22, difference $21.999999979",
                        "1 calls by deployments that the configuration does not have are left as they are",
                        "1 calls made in several attempts are left as they are",
                        "1 calls to models without a price are left as they are",
                        "Nothing was written (--dry-run)");
        assertThat(logged("a").getDouble("spend")).isEqualTo(7e-9);
        assertThat(room.reprice(config, data, new Reprice(DAY, DAY, "x", true)))
                .contains("all: 0 calls, old $0, new $0, difference $0");
        assertThat(room.reprice(config, data, new Reprice(DAY, DAY, "group", true)))
                .contains("mine: 3 calls, old $0.000000021, new $22, difference $21.999999979");
        assertThat(logged("a").getDouble("spend")).isEqualTo(20);
        assertThat(logged("a").getJsonObject("metadata").getBoolean("priced")).isTrue();
        for (String id : List.of("early", "late", "none", "two", "gone", "unpriced")) {
            assertThat(logged(id).getDouble("spend")).as(id).isEqualTo(7e-9);
        }
        assertThat(room.reprice(config, data, new Reprice(DAY, null, null, false))
                        .getFirst())
                .as("once more, and to the end")
                .isEqualTo("mine: 4 calls, old $22.000000007, new $42, difference $19.999999993");
    }

    @Test
    void aCallIsPricedAgainInItsTier() throws IOException {
        Usage usage = Usage.of(10, 5).in(ServiceTier.FLEX);
        try (Ledger ledger = open()) {
            ledger.store(List.of(row("a", "deployment", "group", "one", usage, "2026-01-02T00:00:00Z")), "file", 1);
        }
        assertThat(new AccountingRoom().reprice(config(), data, new Reprice(DAY, DAY, null, true)))
                .contains("mine: 1 calls, old $0.000000007, new $10, difference $9.999999993");
        assertThat(logged("a").getDouble("spend")).isEqualTo(10);
    }

    /** Of ten tokens four pictures at $3, of five three at $20. */
    @Test
    void picturesArePricedAgainAsPictures() throws IOException {
        Usage usage = Usage.of(10, 5).withPictures(4, 3);
        try (Ledger ledger = open()) {
            ledger.store(List.of(row("a", "deployment", "group", "one", usage, "2026-01-02T00:00:00Z")), "file", 1);
        }
        new AccountingRoom().reprice(config(), data, new Reprice(DAY, DAY, null, true));
        assertThat(logged("a").getDouble("spend")).isEqualTo(6 * 1 + 4 * 3 + 2 * 2 + 3 * 20);
    }

    /** The release before knows of no pictures: it stores their numbers with the mark that stands before them. */
    @Test
    void picturesOfARowThatTheReleaseBeforeStoredArePricedAgainAsPictures() throws Exception {
        Usage usage = Usage.of(10, 5).withPictures(4, 3);
        try (Ledger ledger = open()) {
            ledger.store(List.of(row("a", "deployment", "group", "one", usage, "2026-01-02T00:00:00Z")), "file", 1);
        }
        try (Connection sql = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("tollgate.db"));
                Statement statement = sql.createStatement()) {
            assertThat(statement.executeUpdate("UPDATE spend SET price_version = '0123456789 4 3',"
                            + " image_prompt_tokens = NULL, image_completion_tokens = NULL"))
                    .isEqualTo(1);
        }
        JsonObject metadata = logged("a").getJsonObject("metadata");
        assertThat(metadata.getString("price_version")).isEqualTo("0123456789");
        assertThat(metadata.getInteger("image_prompt_tokens")).isEqualTo(4);
        assertThat(metadata.getInteger("image_completion_tokens")).isEqualTo(3);
        new AccountingRoom().reprice(config(), data, new Reprice(DAY, DAY, null, true));
        JsonObject repriced = logged("a");
        assertThat(repriced.getDouble("spend")).isEqualTo(6 * 1 + 4 * 3 + 2 * 2 + 3 * 20);
        assertThat(repriced.getJsonObject("metadata").getString("price_version"))
                .isNotEqualTo("0123456789");
        assertThat(repriced.getJsonObject("metadata").getInteger("image_completion_tokens"))
                .as("they are not lost by it")
                .isEqualTo(3);
        new AccountingRoom().reprice(config(), data, new Reprice(DAY, DAY, null, true));
        assertThat(logged("a")).as("once more changes nothing").isEqualTo(repriced);
    }

    /** What such a key spent is kept under the hash that it had first, and its team is one of an organization. */
    @Test
    void balancesOfRegeneratedKeysAndOfOrganizationsFollow() throws Exception {
        Charge key = new Charge(new Holder(Kind.KEY, "first"), 0);
        Charge model = new Charge(Holder.model("first", "group"), 0);
        Charge organization = new Charge(new Holder(Kind.ORGANIZATION, "org"), 0);
        Holder crew = new Holder(Kind.TEAM, "crew");
        Charge window = new Charge(Holder.part(crew, "window", "1mo"), 0);
        Charge part = new Charge(Holder.part(crew, "model", "group"), 0);
        Charge other = new Charge(Holder.part(crew, "model", "another"), 0);
        SpendRow row = row("a", "deployment", "group", "one", Usage.of(10, 5), "2026-01-02T00:00:00Z");
        List<SpendRow> rows = new ArrayList<>();
        for (String hash : List.of("first", "second", "third", "other")) {
            rows.add(Calls.charged(of(row, "call-" + hash, hash), key, model, organization, window, part, other));
        }
        try (Ledger ledger = open();
                Definitions definitions = SqliteDefinitions.open(data.resolve("tollgate.db"))) {
            ledger.store(rows, "file", 1);
            JsonObject third =
                    new JsonObject("{\"account\": \"first\", \"former\": [\"second\"], \"team_id\": \"crew\"}");
            JsonObject outside = new JsonObject("{\"organization_id\": \"elsewhere\"}");
            definitions.write(
                    List.of(
                            Change.create(Kind.KEY, "third", third),
                            Change.create(Kind.KEY, "other", outside),
                            Change.create(Kind.TEAM, "crew", new JsonObject("{\"organization_id\": \"org\"}"))),
                    1);
        }
        new AccountingRoom().reprice(config(), data, new Reprice(DAY, DAY, null, true));
        long each = 20_000_000_000L - 7;
        try (Ledger ledger = open()) {
            assertThat(ledger.verify()).isEmpty();
            assertThat(ledger.balances())
                    .containsExactlyInAnyOrder(
                            new Balance(key, 4 * 7 + 3 * each),
                            new Balance(model, 4 * 7 + 3 * each),
                            new Balance(organization, 4 * 7 + 3 * each),
                            new Balance(window, 4 * 7 + 4 * each),
                            new Balance(part, 4 * 7 + 4 * each),
                            new Balance(other, 4 * 7),
                            new Balance(new Charge(new Holder(Kind.KEY, "other"), 0), each),
                            new Balance(new Charge(crew, 0), 4 * each),
                            new Balance(new Charge(Holder.ALL, 0), 4 * each));
        }
    }

    /** Their calls had no price, so nothing was charged; and a model's budget may be that of a pattern. */
    @Test
    void balancesOfProvidersAndOfPatternsFollow() throws IOException {
        Charge pattern = new Charge(Holder.model("k", "gro*"), 0);
        Charge shorter = new Charge(Holder.model("k", "*"), 0);
        SpendRow row = row("a", "deployment", "group", "one", Usage.of(10, 5), "2026-01-02T00:00:00Z");
        try (Ledger ledger = open()) {
            ledger.store(List.of(Calls.charged(row, pattern, shorter)), "file", 1);
        }
        Snapshot config = config("router_settings: {provider_budget_config: {openai: {budget_limit: 100}}}\n");
        new AccountingRoom().reprice(config, data, new Reprice(DAY, DAY, null, true));
        long more = 20_000_000_000L - 7;
        try (Ledger ledger = open()) {
            assertThat(ledger.verify()).isEmpty();
            assertThat(ledger.balances())
                    .containsExactlyInAnyOrder(
                            new Balance(pattern, 7 + more),
                            new Balance(shorter, 7),
                            new Balance(new Charge(Holder.ALL, 0), more),
                            new Balance(new Charge(new Holder(Kind.PROVIDER, "openai"), 0), more));
        }
    }

    /** A part of a call that went elsewhere first, and one of a call that went on elsewhere; this release tells them apart. */
    @Test
    void theBudgetOfTheModelThatWasUsedFollowsNotThatOfTheOneAskedFor() throws IOException {
        Charge asked = new Charge(Holder.model("k", "other"), 0);
        Charge used = new Charge(Holder.model("k", "group"), 0);
        String away = "other/unpriced=200,broke:CONNECTION > group/deployme=200";
        String from = "group/deployme=200,broke:CONNECTION > other/unpriced=200";
        String time = "2026-01-02T00:00:00Z";
        SpendRow fellBack = row("a", "deployment", "other", "group", away, Usage.of(10, 5), time);
        SpendRow part = row("b#1", "deployment", "group", "group", from, Usage.of(1, 0), time);
        SpendRow ofAnAlias = row("c#1", "deployment", "my-alias", "group", from, Usage.of(2, 0), time);
        Charge alias = new Charge(Holder.model("k", "my-alias"), 0);
        try (Ledger ledger = open()) {
            ledger.store(
                    List.of(
                            Calls.priced(Calls.charged(fellBack, used), ""),
                            Calls.priced(Calls.charged(part, used), "before"),
                            Calls.priced(Calls.charged(ofAnAlias, alias), "before"),
                            Calls.charged(row("d", "unpriced", "other", "one", Usage.of(1, 1), time), asked)),
                    "file",
                    1);
        }
        assertThat(new AccountingRoom().reprice(config(), data, new Reprice(DAY, DAY, null, true)))
                .contains("all: 1 calls, old $0.000000021, new $23, difference $22.999999979");
        try (Ledger ledger = open()) {
            assertThat(ledger.balances())
                    .contains(
                            new Balance(used, 21_000_000_000L),
                            new Balance(alias, 2_000_000_000L),
                            new Balance(asked, 7));
            assertThat(ledger.verify()).isEmpty();
        }
    }

    private static Change made(Kind kind, String id, String document) {
        return Change.create(kind, id, new JsonObject(document));
    }

    /** Their model had no price, so they have no balance; what they spent in the period of today counts from now on. */
    @Test
    void whoWasNeverChargedIsChargedNow() throws Exception {
        // Periods that do not end while this test is run: of 2,000 years and of 9,000 days.
        long age = Instant.parse("2000-01-01T00:00:00Z").toEpochMilli();
        long days = 18_000 * 86_400_000L;
        Snapshot config = config("general_settings: {master_key: sk-1234}\n"
                + "virtual_keys: [{key: sk-of-the-file, max_budget: 1, budget_duration: 24000mo}]\n");
        Holder anna = new Holder(Kind.USER, "anna");
        String ofTheFile =
                FileKeys.documents(config.virtualKeys()).keySet().iterator().next();
        try (Ledger ledger = open();
                Definitions definitions = SqliteDefinitions.open(data.resolve("tollgate.db"))) {
            SpendRow row = row("a", "deployment", "group", "one", Usage.of(10, 5), "2026-01-02T00:00:00Z");
            ledger.store(
                    List.of(
                            row("before", "deployment", "group", "one", Usage.of(10, 5), "1999-12-31T23:59:59Z"),
                            row,
                            of(row, "of the team", "of the team"),
                            Calls.of(row, "of a user in a team", "in a team", "anna", "crew"),
                            Calls.of(row, "of a user alone", "alone", "anna", null),
                            of(row, "of the file", ofTheFile)),
                    "file",
                    1);
            definitions.write(
                    List.of(
                            made(Kind.BUDGET, "monthly", "{\"max_budget\": 5, \"budget_duration\": \"24000mo\"}"),
                            made(
                                    Kind.KEY,
                                    "k",
                                    "{\"budget_id\": \"monthly\", \"model_max_budget\": {\"group\":"
                                            + " {\"budget_limit\": 1, \"time_period\": \"9000d\"}}}"),
                            made(Kind.KEY, "of the team", "{\"team_id\": \"crew\"}"),
                            made(Kind.KEY, "in a team", "{\"team_id\": \"crew\", \"user_id\": \"anna\"}"),
                            made(Kind.KEY, "alone", "{\"user_id\": \"anna\"}"),
                            made(
                                    Kind.USER,
                                    "anna",
                                    "{\"model_max_budget\": {\"group\": {\"budget_limit\": 1, \"time_period\": \"9000d\"}}}"),
                            made(Kind.TEAM, "crew", "{\"max_budget\": 7}")),
                    1);
        }
        new AccountingRoom().reprice(config, data, new Reprice(LocalDate.EPOCH, null, null, true));
        long each = 20_000_000_000L - 7;
        try (Ledger ledger = open()) {
            assertThat(ledger.verify()).isEmpty();
            assertThat(ledger.balances())
                    .as("the earlier call is of an earlier period")
                    .containsExactlyInAnyOrder(
                            new Balance(new Charge(new Holder(Kind.KEY, "k"), age), each),
                            new Balance(new Charge(Holder.model("k", "group"), days), each),
                            new Balance(new Charge(new Holder(Kind.KEY, "of the team"), 0), each),
                            new Balance(new Charge(new Holder(Kind.KEY, ofTheFile), age), each),
                            new Balance(new Charge(new Holder(Kind.TEAM, "crew"), 0), 3 * each),
                            new Balance(new Charge(new Holder(Kind.KEY, "in a team"), 0), each),
                            new Balance(new Charge(new Holder(Kind.KEY, "alone"), 0), each),
                            new Balance(new Charge(anna, 0), 2 * each),
                            // A user's budget of a model is for personal keys.
                            new Balance(new Charge(Holder.part(anna, "model", "group"), days), each),
                            new Balance(new Charge(Holder.ALL, 0), 6 * each));
        }
    }

    /** Anna has what the team gives each of its members; Ben has limits of his own, which never begin anew. */
    @Test
    void aMemberWhoWasLastChargedInAnEarlierPeriodIsChargedInThePresentOne() throws Exception {
        long age = Instant.parse("2000-01-01T00:00:00Z").toEpochMilli();
        Holder anna = Holder.member("crew", "anna");
        Holder ben = Holder.member("crew", "ben");
        SpendRow then = row("a", "deployment", "group", "one", Usage.of(10, 5), "1999-12-31T23:59:59Z");
        SpendRow now = row("a", "deployment", "group", "one", Usage.of(10, 5), "2026-01-02T00:00:00Z");
        try (Ledger ledger = open();
                Definitions definitions = SqliteDefinitions.open(data.resolve("tollgate.db"))) {
            ledger.store(
                    List.of(
                            Calls.charged(Calls.of(then, "then", "k", "anna", "crew"), new Charge(anna, 5)),
                            Calls.of(now, "now", "k", "anna", "crew"),
                            Calls.charged(Calls.of(then, "of ben", "k", "ben", "crew"), new Charge(ben, 0))),
                    "file",
                    1);
            String ofEach = "{\"team_member_budget\": 5, \"team_member_budget_duration\": \"24000mo\"}";
            definitions.write(
                    List.of(made(Kind.TEAM, "crew", ofEach), made(Kind.MEMBER, "crew\nben", "{\"max_budget\": 7}")), 1);
        }
        new AccountingRoom().reprice(config(), data, new Reprice(LocalDate.EPOCH, null, null, true));
        long each = 20_000_000_000L - 7;
        try (Ledger ledger = open()) {
            assertThat(ledger.verify()).isEmpty();
            assertThat(ledger.balances())
                    .contains(new Balance(new Charge(anna, age), each), new Balance(new Charge(ben, 0), 7 + each));
        }
    }
}
