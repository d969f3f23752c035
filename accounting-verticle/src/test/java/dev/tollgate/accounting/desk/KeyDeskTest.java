package dev.tollgate.accounting.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyDeskTest {
    private final Counter counter = new Counter();

    @AfterEach
    void close() {
        counter.close();
    }

    private JsonObject generate(String body) {
        return counter.ok("POST /key/generate", body);
    }

    private JsonObject info(String key) {
        return counter.ok("GET /key/info?key=" + key, null).getJsonObject("info");
    }

    @Test
    void aNewKeyIsShownOnceAndKeptAsItsHash() {
        JsonObject made = generate("{'key_alias': 'prod', 'max_budget': 0.05, 'rpm_limit': '60', 'models': ['gpt-4o'],"
                + " 'duration': '1mo', 'tags': ['a'], 'metadata': {'x': 1}, 'no_such_field': 1}");
        String key = made.getString("key");
        String hash = Keys.hash(key);

        assertThat(key).matches("sk-[A-Za-z0-9_-]{22}");
        assertThat(made.getString("token"))
                .isEqualTo(made.getString("token_id"))
                .isEqualTo(hash);
        assertThat(made.getString("key_name")).isEqualTo("sk-..." + key.substring(key.length() - 4));
        assertThat(made.getString("expires")).isEqualTo("2026-02-28T10:00:00.000+00:00");
        assertThat(made.getJsonArray("tags")).isEqualTo(JsonArray.of("a"));
        assertThat(counter.book.all()).doesNotContain(key).doesNotContain("no_such_field");

        assertThat(info(key)).isEqualTo(info(hash));
        assertThat(info(hash).encode()).doesNotContain(key);
        assertThat(info(hash).getDouble("max_budget")).isEqualTo(0.05);
        assertThat(info(hash).getInteger("rpm_limit")).isEqualTo(60);
        assertThat(info(hash).getJsonObject("metadata")).isEqualTo(new JsonObject("{\"x\":1,\"tags\":[\"a\"]}"));
        assertThat(info(hash).getString("created_by")).isEqualTo("default_user_id");

        Set<String> different = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            different.add(generate("{}").getString("key"));
        }
        assertThat(different).hasSize(50);
    }

    @Test
    void aKeyOfOnesOwnMustBeLongAndNew() {
        String own = "{'key': 'sk-my-own-key-of-1'}";
        assertThat(generate(own).getString("key")).isEqualTo("sk-my-own-key-of-1");
        counter.desk.rules(new KeyRules(
                new JsonObject(),
                new JsonObject(),
                new JsonObject(),
                new JsonObject(),
                new JsonObject(),
                Map.of(),
                Keys.hash("sk-the-master-key")));
        for (String bad : List.of(
                own, "{'key': 'sk-short'}", "{'key': 'my-own-key-without-sk'}", "{'key': 'sk-the-master-key'}")) {
            assertThat(counter.refusal(Counter.MASTER, "POST /key/generate", bad))
                    .as(bad)
                    .startsWith("400 bad_request_error")
                    .doesNotContain("of-1", "without-sk", "the-master");
        }
    }

    @Test
    void aKeyMadeAgainAfterItsEndHasSpentNothing() {
        Holder holder = new Holder(Kind.KEY, Keys.hash("sk-my-own-key-of-1"));
        generate("{'key': 'sk-my-own-key-of-1', 'spend': 1.5}");
        assertThat(counter.spent).containsEntry(holder, 1_500_000_000L);
        assertThat(info("sk-my-own-key-of-1").getDouble("spend")).isEqualTo(1.5);
        counter.ok("POST /key/delete", "{'keys': ['sk-my-own-key-of-1']}");
        generate("{'key': 'sk-my-own-key-of-1'}");
        assertThat(counter.spent).containsEntry(holder, 0L);
    }

    @Test
    void aliasesAreUnique() {
        generate("{'key_alias': 'a', 'key': 'sk-0123456789abc'}");
        generate("{'key_alias': 'b', 'key': 'sk-0123456789def'}");
        String taken =
                "400 bad_request_error Key with alias 'a' already exists. Unique key aliases across all keys are required.";
        assertThat(counter.refusal(Counter.MASTER, "POST /key/generate", "{'key_alias': 'a'}"))
                .isEqualTo(taken);
        assertThat(counter.refusal(Counter.MASTER, "POST /key/update", "{'key': 'sk-0123456789def', 'key_alias': 'a'}"))
                .isEqualTo(taken);
        counter.ok("POST /key/update", "{'key': 'sk-0123456789abc', 'key_alias': 'a', 'rpm_limit': 3}");
        assertThat(info("sk-0123456789abc").getInteger("rpm_limit")).isEqualTo(3);
    }

    @Test
    void mistakesAreToldAllAtOnceAsFastApiDoes() {
        assertThat(counter.refusal(
                        Counter.MASTER,
                        "POST /key/generate",
                        "{'max_budget': -1, 'rpm_limit': 1.5, 'models': 'gpt', 'blocked': 'perhaps', 'key_alias': 5,"
                                + " 'metadata': {'tags': 'a'}, 'model_max_budget': {'m': {'budget_limit': 'x'}},"
                                + " 'tpm_limit': 'many', 'aliases': {'a': 1}}"))
                .startsWith("422 ")
                .contains(
                        "{\"type\":\"greater_than_equal\",\"loc\":[\"body\",\"max_budget\"],\"msg\":\"Input should be greater than"
                                + " or equal to 0\",\"input\":-1}",
                        "\"type\":\"int_from_float\",\"loc\":[\"body\",\"rpm_limit\"]",
                        "\"type\":\"int_parsing\",\"loc\":[\"body\",\"tpm_limit\"]",
                        "\"type\":\"list_type\",\"loc\":[\"body\",\"models\"]",
                        "\"type\":\"bool_parsing\",\"loc\":[\"body\",\"blocked\"]",
                        "\"type\":\"string_type\",\"loc\":[\"body\",\"key_alias\"]",
                        "\"type\":\"list_type\",\"loc\":[\"body\",\"metadata\",\"tags\"]",
                        "\"type\":\"string_type\",\"loc\":[\"body\",\"aliases\",\"a\"]",
                        "\"type\":\"float_parsing\",\"loc\":[\"body\",\"model_max_budget\",\"m\"]");
        Map.of(
                        "POST /key/generate {'duration': 'soon'}", "400 bad_request_error Invalid duration 'soon'",
                        "POST /key/generate {'budget_duration': '0d'}", "400 bad_request_error Invalid budget_duration",
                        "POST /key/generate {'team_id': 'none'}", "404 not_found_error Team doesn't exist in db",
                        "POST /key/generate {'budget_id': 'none'}", "400 bad_request_error Budget not found",
                        "POST /key/generate {not json", "422 {\"detail\":[{\"type\":\"json_invalid\"",
                        "POST /key/generate [1]", "422 {\"detail\":[{\"type\":",
                        "POST /key/block {}", "422 {\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"key\"]",
                        "POST /key/block {'key': 'sk-unknown'}", "404 not_found_error Key not found",
                        "GET /key/list?page=0 ",
                                "422 {\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"query\",\"page\"]",
                        "DELETE /key/list ", "405 {\"detail\":\"Method Not Allowed\"}")
                .forEach((request, answer) -> {
                    String[] parts = request.split(" ", 3);
                    assertThat(counter.refusal(Counter.MASTER, parts[0] + " " + parts[1], parts[2]))
                            .as(request)
                            .startsWith(answer);
                });
        assertThat(counter.refusal(Counter.MASTER, "GET /key/nonsense", null))
                .isEqualTo("404 {\"detail\":\"Not Found\"}");
        assertThat(counter.book.entries(Kind.KEY)).isEmpty();
    }

    @Test
    void anUpdateChangesOnlyWhatItNamesAndNullClears() {
        String key = generate(
                        "{'max_budget': 5, 'models': ['a'], 'tags': ['t'], 'metadata': {'x': 1}, 'duration': '1h'}")
                .getString("key");
        JsonObject after = counter.ok(
                "POST /key/update",
                "{'key': '" + key + "', 'max_budget': null, 'tags': ['u'], 'duration': '-1', 'spend': 2}");
        assertThat(after.getString("key")).isEqualTo(key);
        assertThat(after.getValue("max_budget")).isNull();
        assertThat(after.getValue("expires")).isNull();
        assertThat(after.getJsonArray("models")).isEqualTo(JsonArray.of("a"));
        assertThat(after.getJsonObject("metadata").encode()).isEqualTo("{\"x\":1,\"tags\":[\"u\"]}");
        assertThat(info(key).getDouble("spend")).isEqualTo(2);

        JsonObject bulk = counter.ok(
                "POST /key/bulk_update",
                "{'keys': [{'key': '" + key + "', 'rpm_limit': 9}, {'key': 'sk-unknown', 'rpm_limit': 9}]}");
        assertThat(bulk.getInteger("total_requested")).isEqualTo(2);
        assertThat(bulk.getJsonArray("successful_updates")).hasSize(1);
        assertThat(bulk.getJsonArray("failed_updates").getJsonObject(0).getString("failed_reason"))
                .contains("Key not found");
        assertThat(info(key).getInteger("rpm_limit")).isEqualTo(9);
    }

    @Test
    void aRegeneratedKeyLivesBesideItsSuccessorForTheGracePeriod() {
        String old = generate("{'key_alias': 'a', 'max_budget': 5}").getString("key");
        counter.spent.put(new Holder(Kind.KEY, Keys.hash(old)), 700_000_000L);
        JsonObject made = counter.ok("POST /key/" + old + "/regenerate", "{'grace_period': '24h', 'rpm_limit': 7}");
        String fresh = made.getString("key");

        assertThat(fresh).isNotEqualTo(old);
        assertThat(made.getDouble("spend")).as("one account").isEqualTo(0.7);
        assertThat(info(fresh).getString("key_alias")).isEqualTo("a");
        assertThat(info(fresh).getValue("expires")).isNull();
        assertThat(info(old).getString("expires")).isEqualTo("2026-02-01T10:00:00.000+00:00");
        assertThat(info(old).getInteger("rpm_limit")).isEqualTo(7);
        assertThat(counter.book
                        .entry(Kind.KEY, Keys.hash(old))
                        .orElseThrow()
                        .document()
                        .getString("account"))
                .isEqualTo(counter.book
                        .entry(Kind.KEY, Keys.hash(fresh))
                        .orElseThrow()
                        .document()
                        .getString("account"))
                .isEqualTo(Keys.hash(old));
        assertThat(counter.ok("GET /key/list", null).getJsonArray("keys")).isEqualTo(JsonArray.of(Keys.hash(fresh)));

        counter.ok("POST /key/block", "{'key': '" + fresh + "'}");
        assertThat(info(old).getBoolean("blocked")).isTrue();
        counter.ok("POST /key/unblock", "{'key': '" + old + "'}");
        assertThat(info(fresh).getBoolean("blocked")).isFalse();
        assertThat(info(old).getString("expires")).isEqualTo("2026-02-01T10:00:00.000+00:00");

        String third = counter.ok("POST /key/regenerate", "{'key': '" + fresh + "', 'grace_period': '1h'}")
                .getString("key");
        counter.ok("POST /key/delete", "{'key_aliases': ['a']}");
        for (String each : List.of(old, fresh, third)) {
            assertThat(counter.status(Counter.MASTER, "GET /key/info?key=" + each, null))
                    .isEqualTo(404);
        }
    }

    @Test
    void withoutGraceTheOldKeyEndsAtOnceAndAnOldOneCanBeEndedEarly() {
        String first = generate("{'max_budget': 5}").getString("key");
        String second = counter.ok("POST /key/" + first + "/regenerate", "{'grace_period': '1d'}")
                .getString("key");
        counter.ok("POST /key/delete", "{'keys': ['" + first + "']}");
        assertThat(counter.status(Counter.MASTER, "GET /key/info?key=" + first, null))
                .isEqualTo(404);
        assertThat(info(second).getDouble("max_budget")).isEqualTo(5);

        String third = counter.ok(
                        "POST /key/" + Keys.hash(second) + "/regenerate", "{'new_key': 'sk-a-key-of-my-own-3'}")
                .getString("key");
        assertThat(third).isEqualTo("sk-a-key-of-my-own-3");
        assertThat(counter.status(Counter.MASTER, "GET /key/info?key=" + second, null))
                .isEqualTo(404);
        assertThat(counter.book.entries(Kind.KEY)).hasSize(1);
    }

    @Test
    void spendCanBeResetButNotRaised() {
        String key = generate("{'max_budget': 5}").getString("key");
        counter.spent.put(new Holder(Kind.KEY, Keys.hash(key)), 4_000_000_000L);
        assertThat(counter.ok("POST /key/" + key + "/reset_spend", "{'reset_to': 1}")
                        .encode())
                .contains("\"spend\":1.0", "\"previous_spend\":4.0", "\"max_budget\":5");
        assertThat(counter.status(Counter.MASTER, "POST /key/" + key + "/reset_spend", "{'reset_to': 2}"))
                .isEqualTo(400);
    }

    /** A reset key must not stay refused by a budget of one model, or by one of its windows. */
    @Test
    void whatIsResetIsResetInAllItsParts() {
        String key = generate("{'max_budget': 5}").getString("key");
        Holder whole = new Holder(Kind.KEY, Keys.hash(key));
        Holder model = Holder.model(whole.id(), "openai/gpt-4o");
        Holder day = Holder.part(whole, "window", "1d");
        Holder little = Holder.part(whole, "window", "1h");
        Holder others = Holder.model(Keys.hash("sk-of-another-one"), "openai/gpt-4o");
        counter.spent.putAll(Map.of(whole, 4_000_000_000L, model, 3_000_000_000L, others, 3_000_000_000L));
        counter.spent.putAll(Map.of(day, 2_000_000_000L, little, 500_000_000L));
        counter.transactions = 0;
        counter.ok("POST /key/" + key + "/reset_spend", "{'reset_to': 1}");
        assertThat(counter.spent)
                .containsOnly(
                        Map.entry(whole, 1_000_000_000L),
                        Map.entry(model, 1_000_000_000L),
                        Map.entry(day, 1_000_000_000L),
                        Map.entry(little, 500_000_000L),
                        Map.entry(others, 3_000_000_000L));
        assertThat(counter.transactions).isEqualTo(1);
        counter.ok("POST /key/update", "{'key': '" + key + "', 'model_max_budget': {'openai/gpt-4o': 7}}");
        assertThat(counter.carried).containsExactlyInAnyOrder(whole, model);
        counter.ok("POST /key/update", "{'key': '" + key + "', 'spend': 0}");
        assertThat(counter.spent).containsEntry(model, 0L).containsEntry(little, 0L);
    }

    @Test
    void whoGetsTheNameOfAnotherBeginsWithNothing() {
        Holder whole = new Holder(Kind.KEY, Keys.hash("sk-a-key-of-my-own"));
        Holder model = Holder.model(whole.id(), "m");
        counter.spent.putAll(Map.of(whole, 4L, model, 3L));
        generate("{'key': 'sk-a-key-of-my-own'}");
        assertThat(counter.spent).containsEntry(whole, 0L).containsEntry(model, 0L);
    }

    @Test
    void theConfigurationFillsInAndHoldsDown() {
        counter.desk.rules(new KeyRules(
                new JsonObject("{\"max_budget\": 2, \"models\": [\"m\"], \"budget_duration\": \"1d\"}"),
                new JsonObject("{\"max_budget\": 100, \"rpm_limit\": 10, \"duration\": \"30d\"}"),
                new JsonObject("{\"personal_key_generation\": {\"required_params\": [\"key_alias\"],"
                        + " \"allowed_user_roles\": [\"proxy_admin\"]}}"),
                new JsonObject(),
                new JsonObject(),
                Map.of(),
                null));
        JsonObject made = generate("{'key_alias': 'a', 'budget_duration': null}");
        assertThat(made.getDouble("max_budget")).isEqualTo(2);
        assertThat(made.getInteger("rpm_limit")).isEqualTo(10);
        assertThat(made.getJsonArray("models")).isEqualTo(JsonArray.of("m"));
        assertThat(made.getValue("budget_duration")).isNull();
        assertThat(made.getString("expires")).isEqualTo("2026-03-02T10:00:00.000+00:00");
        String key = made.getString("key");
        Map.of(
                        "POST /key/generate {'key_alias': 'b', 'max_budget': 200}",
                        "max_budget is over max limit set in config - user_value=200; max_value=100",
                        "POST /key/generate {'key_alias': 'b', 'duration': '31d'}",
                        "duration is over max limit",
                        "POST /key/update {'key': '" + key + "', 'duration': '-1'}",
                        "duration is over max limit",
                        "POST /key/update {'key': '" + key + "', 'rpm_limit': null}",
                        "rpm_limit is over max limit",
                        "POST /key/generate {}",
                        "Required param key_alias not in data")
                .forEach((request, reason) -> {
                    String[] parts = request.split(" ", 3);
                    assertThat(counter.refusal(Counter.MASTER, parts[0] + " " + parts[1], parts[2]))
                            .as(request)
                            .startsWith("400 ")
                            .contains(reason);
                });
        assertThat(counter.refusal(Counter.user("alice"), "POST /key/generate", "{'key_alias': 'c'}"))
                .contains("Personal key creation has been restricted by admin");
    }

    @Test
    void aKeyOfATeamNamesOnlyModelsOfTheTeam() {
        counter.ok("POST /team/new", "{'team_id': 't', 'models': ['gpt-*', 'cheap']}");
        counter.desk.rules(new KeyRules(
                new JsonObject(),
                new JsonObject(),
                new JsonObject(),
                new JsonObject(),
                new JsonObject(),
                Map.of("cheap", List.of("llama", "qwen")),
                null));
        generate("{'team_id': 't', 'models': ['gpt-4o', 'llama', 'cheap', 'all-team-models']}");
        assertThat(counter.refusal(Counter.MASTER, "POST /key/generate", "{'team_id': 't', 'models': ['claude']}"))
                .startsWith("403")
                .contains("Team=t does not have access to model=claude");
        String key = generate("{'models': ['claude']}").getString("key");
        assertThat(counter.status(Counter.MASTER, "POST /key/update", "{'key': '" + key + "', 'team_id': 't'}"))
                .isEqualTo(403);
    }

    @Test
    void listsArePagedAndFiltered() {
        for (int i = 0; i < 12; i++) {
            generate("{'key_alias': 'key-" + i + "', 'user_id': '" + (i % 2 == 0 ? "even" : "odd") + "'}");
        }
        JsonObject page = counter.ok("GET /key/list?page=2&return_full_object=true", null);
        assertThat(page.getJsonArray("keys")).hasSize(2);
        assertThat(page.getJsonArray("keys").getJsonObject(0).getString("token"))
                .hasSize(64);
        assertThat(page.getInteger("total_count")).isEqualTo(12);
        assertThat(page.getInteger("total_pages")).isEqualTo(2);
        assertThat(counter.ok("GET /key/list?user_id=odd&size=100", null).getJsonArray("keys"))
                .hasSize(6);
        assertThat(counter.ok("GET /key/list?key_alias=key-1", null).getJsonArray("keys"))
                .hasSize(1);
        assertThat(counter.ok("GET /key/list?key_alias=key-1&substring_matching=true", null)
                        .getJsonArray("keys"))
                .hasSize(3);
        assertThat(counter.ok("GET /key/aliases", null).getJsonArray("aliases")).hasSize(12);
        assertThat(counter.ok("GET /user/info?user_id=odd", null).getJsonArray("keys"))
                .hasSize(6);
    }

    @Test
    void anotherNodesWriteIsReadAnewAndAStoreThatIsAwayIsSaid() {
        counter.book.othersWrite(3);
        String key = generate("{}").getString("key");
        counter.book.othersWrite(4);
        assertThat(counter.status(Counter.MASTER, "POST /key/block", "{'key': '" + key + "'}"))
                .isEqualTo(409);
        counter.book.othersWrite(0);
        counter.book.storeIsAway();
        assertThat(counter.status(Counter.MASTER, "POST /key/block", "{'key': '" + key + "'}"))
                .isEqualTo(503);
        assertThat(info(key).getValue("blocked")).isNull();
        counter.book.nothingIsKnownYet();
        assertThat(counter.refusal(Counter.MASTER, "GET /key/info?key=" + key, null))
                .as("it may well exist")
                .startsWith("503")
                .contains("The store has not answered");
    }

    @Test
    void aPeriodIsNotChangedWhileNobodyCanSayWhatWasSpentInIt() {
        String key = generate("{'max_budget': 1, 'budget_duration': '1d'}").getString("key");
        String update = "{'key': '" + key + "', 'budget_duration': '30d'}";
        counter.silent = true;
        assertThat(counter.refusal(Counter.MASTER, "POST /key/update", update))
                .startsWith("503")
                .contains("Nothing is changed");
        assertThat(info(key).getString("budget_duration")).isEqualTo("1d");
        counter.silent = false;
        counter.ok("POST /key/update", update);
        assertThat(info(key).getString("budget_duration")).isEqualTo("30d");
    }

    @Test
    void whatTheFileDeclaresIsChangedThere() {
        counter.book.put(Kind.KEY, Keys.hash("sk-of-the-file-1"), new JsonObject().put("config", true));
        assertThat(info("sk-of-the-file-1").getValue("config")).isEqualTo(new JsonObject());
        for (String path : List.of("update", "block", "unblock", "regenerate")) {
            assertThat(counter.refusal(Counter.MASTER, "POST /key/" + path, "{'key': 'sk-of-the-file-1'}"))
                    .as(path)
                    .startsWith("400")
                    .contains("configuration file");
        }
        assertThat(counter.status(Counter.MASTER, "POST /key/delete", "{'keys': ['sk-of-the-file-1']}"))
                .isEqualTo(400);
    }

    @Test
    void whatWouldBeNoLimitOrLoseAKeyIsRefused() {
        assertThat(counter.refusal(
                        Counter.MASTER, "POST /key/generate", "{'auto_rotate': true, 'rotation_interval': '30d'}"))
                .startsWith("400")
                .contains("auto_rotate is not possible", "/regenerate");
        JsonObject made = counter.ok(
                "POST /key/generate",
                "{'auto_rotate': false, 'budget_limits': [{'budget_duration': '1d', 'max_budget': 5}]}");
        assertThat(made.getJsonArray("budget_limits").encode()).contains("\"max_budget\":5");
        String key = made.getString("key");
        assertThat(counter.status(Counter.MASTER, "POST /key/update", "{'key': '" + key + "', 'auto_rotate': true}"))
                .isEqualTo(400);
        for (String wrong :
                List.of("[{'max_budget': 5}]", "[{'budget_duration': 'x', 'max_budget': 5}]", "[3]", "{}")) {
            assertThat(counter.status(Counter.MASTER, "POST /key/generate", "{'budget_limits': " + wrong + "}"))
                    .as(wrong)
                    .isEqualTo(422);
        }
    }
}
