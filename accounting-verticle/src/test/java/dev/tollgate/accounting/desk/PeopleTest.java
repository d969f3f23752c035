package dev.tollgate.accounting.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.protocol.Caller;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Users, teams, organizations, end users, budgets and labels. */
class PeopleTest {
    private final Counter counter = new Counter();

    @AfterEach
    void close() {
        counter.close();
    }

    private List<String> ids(Kind kind) {
        return counter.book.entries(kind).stream().map(Entry::id).sorted().toList();
    }

    private String refusal(String request, String body) {
        return counter.refusal(Counter.MASTER, request, body);
    }

    @Test
    void aNewUserGetsAKeyUnlessNoneIsWanted() {
        counter.ok("POST /team/new", "{'team_id': 't'}");
        JsonObject made = counter.ok(
                "POST /user/new",
                "{'user_id': 'ann', 'user_email': 'ann@example.com', 'max_budget': 5, 'models': ['m'], 'teams': ['t']}");
        assertThat(made.getString("key")).startsWith("sk-");
        assertThat(made.getString("user_role")).isEqualTo("internal_user");
        assertThat(made.getJsonArray("teams")).isEqualTo(JsonArray.of("t"));
        JsonObject key =
                counter.ok("GET /key/info?key=" + made.getString("key"), null).getJsonObject("info");
        assertThat(key.getString("user_id")).isEqualTo("ann");
        assertThat(key.getValue("max_budget")).as("the budget is the user's").isNull();

        JsonObject info = counter.ok("GET /user/info?user_id=ann", null);
        assertThat(info.getJsonObject("user_info").getDouble("max_budget")).isEqualTo(5);
        assertThat(info.getJsonArray("keys")).hasSize(1);
        assertThat(info.getJsonArray("teams").getJsonObject(0).getString("team_id"))
                .isEqualTo("t");

        JsonObject other =
                counter.ok("POST /user/new", "{'auto_create_key': false, 'user_role': 'proxy_admin_viewer'}");
        assertThat(other.getString("key")).isEmpty();
        assertThat(other.getString("user_id")).hasSize(36);
        assertThat(ids(Kind.KEY)).hasSize(1);
        assertThat(refusal("POST /user/new", "{'user_id': 'ann'}")).startsWith("409");
        assertThat(refusal("POST /user/new", "{'user_email': 'ANN@example.com'}"))
                .startsWith("400");
        assertThat(refusal("POST /user/new", "{'user_role': 'king'}"))
                .startsWith("422")
                .contains("\"type\":\"enum\"");
        assertThat(refusal("POST /user/new", "{'user_id': 'a\\nb'}")).startsWith("422");
    }

    @Test
    void usersAreListedFilteredAndChanged() {
        for (String user : List.of("ann", "bob", "cid")) {
            counter.ok("POST /user/new", "{'user_id': '" + user + "', 'user_email': '" + user + "@example.com'}");
        }
        assertThat(counter.ok("GET /user/list?page_size=2", null).encode())
                .contains("\"total\":3", "\"total_pages\":2", "\"key_count\":1");
        assertThat(counter.ok("GET /user/list?user_ids=ann,bob", null).getJsonArray("users"))
                .hasSize(2);
        assertThat(counter.ok("GET /user/list?user_email=CID@", null).getJsonArray("users"))
                .hasSize(1);

        JsonObject after =
                counter.ok("POST /user/update", "{'user_email': 'bob@example.com', 'tpm_limit': 9, 'spend': 0.25}");
        assertThat(after.getString("user_id")).isEqualTo("bob");
        assertThat(after.getJsonObject("data").getInteger("tpm_limit")).isEqualTo(9);
        assertThat(after.getJsonObject("data").getDouble("spend")).isEqualTo(0.25);
        assertThat(refusal("POST /user/update", "{'user_id': 'nobody'}")).startsWith("404");
        assertThat(refusal("POST /user/update", "{'user_id': 'bob', 'user_email': 'ann@example.com'}"))
                .startsWith("400");
    }

    @Test
    void aUserGoesWithKeysAndPlaces() {
        counter.ok("POST /organization/new", "{'organization_id': 'o', 'organization_alias': 'O'}");
        counter.ok("POST /team/new", "{'team_id': 't', 'members_with_roles': [{'user_id': 'bob', 'role': 'admin'}]}");
        counter.ok(
                "POST /user/new",
                "{'user_id': 'ann', 'teams': [{'team_id': 't', 'max_budget_in_team': 2}], 'organizations': ['o']}");
        counter.ok("POST /key/generate", "{'user_id': 'ann', 'team_id': 't'}");
        assertThat(ids(Kind.MEMBER)).containsExactly("t\nann");
        counter.ok("POST /user/delete", "{'user_ids': ['ann']}");
        assertThat(ids(Kind.USER)).containsExactly("bob");
        assertThat(ids(Kind.KEY)).isEmpty();
        assertThat(ids(Kind.MEMBER)).isEmpty();
        assertThat(ids(Kind.ORGANIZATION_MEMBER)).isEmpty();
        assertThat(counter.text(Counter.MASTER, "GET /team/info?team_id=t", null))
                .doesNotContain("\"ann\"");
        assertThat(refusal("POST /user/delete", "{'user_ids': ['bob', 'nobody']}"))
                .startsWith("404");
        assertThat(ids(Kind.USER)).as("all or none").containsExactly("bob");
    }

    @Test
    void peopleComeToATeamChangeThereAndLeave() {
        counter.ok("POST /team/new", "{'team_id': 't', 'max_budget': 10, 'model_aliases': {'fast': 'gpt-4o'}}");
        JsonObject added = counter.ok(
                "POST /team/member_add",
                "{'team_id': 't', 'member': [{'user_id': 'ann', 'role': 'admin'}, {'user_email': 'bob@example.com', 'role': 'user'}],"
                        + " 'max_budget_in_team': 1.5, 'budget_duration': '30d'}");
        assertThat(added.getJsonArray("members_with_roles")).hasSize(2);
        assertThat(added.getJsonArray("updated_users")).hasSize(2);
        assertThat(added.getJsonArray("updated_team_memberships")
                        .getJsonObject(0)
                        .getJsonObject("litellm_budget_table"))
                .isEqualTo(added.getJsonArray("updated_team_memberships")
                        .getJsonObject(1)
                        .getJsonObject("litellm_budget_table"));
        assertThat(counter.book
                        .entry(Kind.MEMBER, "t\nann")
                        .orElseThrow()
                        .document()
                        .getDouble("max_budget"))
                .isEqualTo(1.5);
        assertThat(refusal("POST /team/member_add", "{'team_id': 't', 'member': {'user_id': 'ann', 'role': 'user'}}"))
                .startsWith("400 team_member_already_in_team User already in team. Member: user_id=ann");
        assertThat(refusal("POST /team/member_add", "{'team_id': 't', 'member': {'user_id': 'cid', 'role': 'boss'}}"))
                .startsWith("400");

        Caller ann = Counter.user("ann");
        counter.ok(
                ann,
                "POST /team/member_update",
                "{'team_id': 't', 'user_email': 'bob@example.com', 'role': 'admin', 'rpm_limit': 3}");
        String bob = counter.ok("GET /user/list?user_email=bob@example.com", null)
                .getJsonArray("users")
                .getJsonObject(0)
                .getString("user_id");
        assertThat(counter.book
                        .entry(Kind.MEMBER, "t\n" + bob)
                        .orElseThrow()
                        .document()
                        .encode())
                .contains("\"max_budget\":1.5", "\"rpm_limit\":3");
        String key = counter.ok(ann, "POST /key/generate", "{'team_id': 't', 'user_id': '" + bob + "'}")
                .getString("key");
        assertThat(counter.refusal(ann, "POST /key/generate", "{'team_id': 't', 'user_id': 'stranger'}"))
                .startsWith("400")
                .contains("User=stranger not assigned to team=t");

        counter.ok(ann, "POST /team/member_delete", "{'team_id': 't', 'user_id': '" + bob + "'}");
        assertThat(counter.status(Counter.MASTER, "GET /key/info?key=" + key, null))
                .isEqualTo(404);
        assertThat(counter.refusal(ann, "POST /team/member_delete", "{'team_id': 't', 'user_id': '" + bob + "'}"))
                .startsWith("400");
        JsonObject info = counter.ok("GET /team/info?team_id=t", null);
        assertThat(info.getJsonObject("team_info")
                        .getJsonObject("litellm_model_table")
                        .encode())
                .isEqualTo("{\"model_aliases\":{\"fast\":\"gpt-4o\"}}");
        assertThat(info.getJsonArray("team_memberships")).hasSize(1);
    }

    @Test
    void aTeamIsStoppedChangedAndRemovedWithItsKeys() {
        counter.ok(
                "POST /organization/new", "{'organization_id': 'o', 'organization_alias': 'O', 'models': ['gpt-*']}");
        assertThat(refusal("POST /team/new", "{'organization_id': 'o', 'models': ['claude']}"))
                .startsWith("403");
        counter.ok(
                "POST /team/new",
                "{'team_id': 't', 'organization_id': 'o', 'models': ['gpt-4o'], 'metadata': {'a': 1}}");
        assertThat(refusal("POST /team/new", "{'team_id': 't'}"))
                .isEqualTo("400 bad_request_error Team id = t already exists. Please use a different team id.");
        assertThat(counter.ok("POST /team/block", "{'team_id': 't'}").getBoolean("blocked"))
                .isTrue();
        assertThat(counter.ok("POST /team/unblock", "{'team_id': 't'}").getBoolean("blocked"))
                .isFalse();
        JsonObject updated = counter.ok("POST /team/update", "{'team_id': 't', 'model_rpm_limit': {'gpt-4o': 5}}");
        assertThat(updated.getJsonObject("data").getJsonObject("metadata").encode())
                .isEqualTo("{\"a\":1,\"model_rpm_limit\":{\"gpt-4o\":5}}");
        counter.ok("POST /key/generate", "{'team_id': 't'}");
        counter.ok("POST /key/generate", "{'key': 'sk-nobodys-key-1'}");
        assertThat(counter.ok("GET /v2/team/list?organization_id=o", null).getInteger("total"))
                .isEqualTo(1);
        assertThat(counter.ok("GET /organization/info?organization_id=o", null).getJsonArray("teams"))
                .hasSize(1);

        counter.ok("POST /key/generate", "{'organization_id': 'o'}");
        assertThat(refusal("POST /organization/delete", "{'organization_ids': ['none']}"))
                .startsWith("404");
        counter.text(Counter.MASTER, "DELETE /organization/delete", "{'organization_ids': ['o']}");
        assertThat(ids(Kind.TEAM)).isEmpty();
        assertThat(ids(Kind.KEY)).containsExactly(Keys.hash("sk-nobodys-key-1"));
    }

    @Test
    void organizationAdminsManageTheirTeamsButDoNotMoveThem() {
        counter.ok("POST /organization/new", "{'organization_id': 'o', 'organization_alias': 'O', 'max_budget': 7}");
        counter.ok("POST /organization/new", "{'organization_id': 'p', 'organization_alias': 'P'}");
        counter.ok("POST /team/new", "{'team_id': 't', 'organization_id': 'o'}");
        JsonObject added = counter.ok(
                "POST /organization/member_add",
                "{'organization_id': 'o', 'member': {'user_id': 'olga', 'role': 'org_admin'}, 'max_budget_in_organization': 3}");
        assertThat(added.getJsonArray("updated_organization_memberships")
                        .getJsonObject(0)
                        .getString("user_role"))
                .isEqualTo("org_admin");
        Caller olga = Counter.user("olga");
        counter.ok(olga, "POST /team/update", "{'team_id': 't', 'max_budget': 2}");
        counter.ok(
                olga,
                "POST /organization/member_add",
                "{'organization_id': 'o', 'member': {'user_id': 'ann', 'role': 'internal_user'}}");
        assertThat(counter.status(olga, "POST /team/update", "{'team_id': 't', 'organization_id': 'p'}"))
                .isEqualTo(403);
        assertThat(counter.status(olga, "GET /organization/info?organization_id=p", null))
                .isEqualTo(403);
        assertThat(counter.ok("GET /organization/info?organization_id=o", null)
                        .getJsonObject("litellm_budget_table")
                        .getInteger("max_budget"))
                .isEqualTo(7);
        counter.ok(
                "PATCH /organization/member_update",
                "{'organization_id': 'o', 'user_id': 'olga', 'role': 'internal_user'}");
        assertThat(counter.status(olga, "POST /team/update", "{'team_id': 't', 'max_budget': 3}"))
                .isEqualTo(403);
        counter.ok("DELETE /organization/member_delete", "{'organization_id': 'o', 'user_id': 'ann'}");
        assertThat(ids(Kind.ORGANIZATION_MEMBER)).containsExactly("o\nolga");
    }

    @Test
    void endUsersAreMadeStoppedAndRemoved() {
        JsonObject made = counter.ok(
                "POST /customer/new", "{'user_id': 'c', 'max_budget': 1, 'budget_duration': '1d', 'spend': 0.5}");
        assertThat(made.getJsonObject("litellm_budget_table").getInteger("max_budget"))
                .isEqualTo(1);
        assertThat(made.getDouble("spend")).isEqualTo(0.5);
        assertThat(refusal("POST /customer/new", "{'user_id': 'c'}"))
                .isEqualTo(
                        "400 bad_request_error Customer already exists, passed user_id=c. Please pass a new user_id.");
        counter.ok("POST /end_user/block", "{'user_ids': ['c', 'unheard-of']}");
        assertThat(counter.ok("GET /customer/info?end_user_id=unheard-of", null).getBoolean("blocked"))
                .isTrue();
        counter.ok("POST /customer/unblock", "{'user_ids': ['c']}");
        assertThat(counter.ok("GET /end_user/info?end_user_id=c", null).getBoolean("blocked"))
                .isFalse();
        assertThat(counter.ok("POST /customer/delete", "{'user_ids': ['c']}").getInteger("deleted_customers"))
                .isEqualTo(1);
        assertThat(refusal("POST /customer/update", "{'user_id': 'c'}")).startsWith("404");
        assertThat(new JsonArray(counter.text(Counter.MASTER, "GET /customer/list", null)))
                .hasSize(1);
    }

    @Test
    void aBudgetIsSharedAndDetachedWhenItGoes() {
        counter.ok("POST /budget/new", "{'budget_id': 'b', 'max_budget': 3, 'budget_duration': '30d'}");
        assertThat(refusal("POST /budget/new", "{'budget_id': 'b'}")).startsWith("400");
        String key = counter.ok("POST /key/generate", "{'budget_id': 'b'}").getString("key");
        counter.ok("POST /tag/new", "{'name': 'g', 'budget_id': 'b'}");
        counter.ok("POST /budget/update", "{'budget_id': 'b', 'max_budget': 4}");
        assertThat(counter.ok("GET /key/info?key=" + key, null)
                        .getJsonObject("info")
                        .getJsonObject("litellm_budget_table")
                        .getInteger("max_budget"))
                .isEqualTo(4);
        assertThat(new JsonArray(counter.text(Counter.MASTER, "POST /budget/info", "{'budgets': ['b', 'none']}")))
                .hasSize(1);
        assertThat(counter.text(Counter.MASTER, "GET /budget/settings?budget_id=b", null))
                .contains("{\"field_name\":\"max_budget\",\"field_type\":\"Float\"", "\"field_value\":4");
        counter.ok("POST /budget/delete", "{'id': 'b'}");
        assertThat(counter.book.all()).doesNotContain("budget_id");
    }

    @Test
    void labelsHaveLimitsOfTheirOwn() {
        assertThat(counter.ok("POST /tag/new", "{'name': 'g', 'max_budget': 2}").getString("message"))
                .isEqualTo("Tag g created successfully");
        counter.spent.put(new Holder(Kind.TAG, "g"), 1_000L);
        assertThat(refusal("POST /tag/new", "{'name': 'g'}")).startsWith("409");
        counter.ok("POST /tag/update", "{'name': 'g', 'description': 'ours'}");
        assertThat(counter.ok("POST /tag/info", "{'names': ['g']}")
                        .getJsonObject("g")
                        .encode())
                .contains("\"description\":\"ours\"", "\"max_budget\":2", "\"spend\":1.0E-6");
        counter.ok("POST /tag/delete", "{'name': 'g'}");
        assertThat(refusal("POST /tag/info", "{'names': ['g']}")).startsWith("404");
    }

    @Test
    void defaultsForUsersAndTeamsComeFromTheConfiguration() {
        counter.desk.rules(new KeyRules(
                new JsonObject(),
                new JsonObject(),
                new JsonObject(),
                new JsonObject("{\"max_budget\": 1, \"user_role\": \"internal_user_viewer\"}"),
                new JsonObject("{\"tpm_limit\": 100}"),
                Map.of(),
                null));
        assertThat(counter.ok("POST /user/new", "{'user_id': 'ann'}").encode())
                .contains("\"max_budget\":1", "internal_user_viewer");
        counter.ok("POST /key/generate", "{'user_id': 'met-by-chance'}");
        assertThat(counter.ok("GET /user/info?user_id=met-by-chance", null)
                        .getJsonObject("user_info")
                        .encode())
                .contains("\"max_budget\":1", "internal_user_viewer");
        assertThat(counter.ok("POST /team/new", "{}").getInteger("tpm_limit")).isEqualTo(100);
    }

    @Test
    void anotherPeriodOfABudgetIsCarriedToAllWhoHaveIt() {
        counter.ok("POST /budget/new", "{'budget_id': 'b', 'max_budget': 5, 'budget_duration': '1d'}");
        String own = "{'user_id': 'own', 'budget_id': 'b', 'budget_duration': '7d', 'auto_create_key': false}";
        counter.ok("POST /user/new", own);
        counter.ok("POST /user/new", "{'user_id': 'ann', 'budget_id': 'b', 'auto_create_key': false}");
        counter.ok(
                "POST /team/new",
                "{'team_id': 'crew', 'metadata': {'team_member_budget_id': 'b'},"
                        + " 'members_with_roles': [{'user_id': 'ann', 'role': 'user'}]}");
        counter.carried.clear();
        counter.ok("POST /budget/update", "{'budget_id': 'b', 'max_budget': 6}");
        assertThat(counter.carried).isEmpty();
        counter.transactions = 0;
        counter.ok("POST /budget/update", "{'budget_id': 'b', 'budget_duration': '30d'}");
        assertThat(counter.transactions).isEqualTo(1);
        assertThat(counter.carried)
                .contains(new Holder(Kind.USER, "ann"), Holder.member("crew", "ann"))
                .doesNotContain(new Holder(Kind.USER, "own"));
        counter.carried.clear();
        Holder part = Holder.part(new Holder(Kind.USER, "own"), "model", "m");
        counter.spent.put(part, 5L);
        counter.ok(
                "POST /budget/update",
                "{'budget_id': 'b', 'model_max_budget': {'m': {'budget_limit': 1, 'time_period': '1d'}}}");
        assertThat(counter.carried).contains(part);
        counter.carried.clear();
        counter.ok("POST /team/update", "{'team_id': 'crew', 'team_member_budget_duration': '7d'}");
        assertThat(counter.carried).containsExactly(Holder.member("crew", "ann"));
        counter.ok("POST /budget/delete", "{'id': 'b'}");
        assertThat(counter.carried).contains(new Holder(Kind.USER, "ann"));
    }

    /** Calls with it were counted before anybody made it. */
    @Test
    void aTagWithABudgetInTheFileKeepsWhatItSpent() {
        Holder listed = new Holder(Kind.TAG, "listed");
        Holder other = new Holder(Kind.TAG, "other");
        counter.spent.putAll(Map.of(listed, 5L, other, 5L));
        counter.desk.budgeted(new Budgeted(Set.of("listed"), Set.of(), Set.of()));
        counter.ok("POST /tag/new", "{'name': 'listed', 'max_budget': 2}");
        counter.ok("POST /tag/new", "{'name': 'other', 'max_budget': 2}");
        assertThat(counter.spent).containsEntry(listed, 5L).containsEntry(other, 0L);
        assertThat(counter.carried).containsExactly(listed);
    }
}
