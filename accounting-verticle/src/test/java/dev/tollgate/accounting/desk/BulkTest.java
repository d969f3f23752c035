package dev.tollgate.accounting.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.protocol.UserRole;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several people, teams or models at once: changed by one request, and listed. */
class BulkTest {
    private final Counter counter = new Counter();

    @BeforeEach
    void some() {
        counter.ok("POST /organization/new", "{'organization_id': 'o', 'organization_alias': 'O'}");
        for (String user : List.of("ann", "bob", "cid")) {
            counter.now = counter.now.plusSeconds(1);
            counter.ok(
                    "POST /user/new",
                    "{'user_id': '" + user + "', 'auto_create_key': false, 'user_email': '" + user + "@x.org'}");
            counter.ok(
                    "POST /team/new", "{'team_id': 'of-" + user + "', 'team_alias': '" + user + "', 'models': ['m']}");
        }
        counter.spent.put(new Holder(Kind.USER, "bob"), 7L);
        counter.spent.put(new Holder(Kind.TEAM, "of-bob"), 7L);
    }

    @AfterEach
    void close() {
        counter.close();
    }

    private static String ids(JsonArray rows, String name) {
        List<String> ids = new ArrayList<>();
        rows.forEach(row -> ids.add(((JsonObject) row).getString(name)));
        return String.join(" ", ids);
    }

    @Test
    void manyComeToATeamAtOnceAndWhoCannotIsNamed() {
        counter.ok("POST /team/member_add", "{'team_id': 'of-ann', 'member': {'user_id': 'bob', 'role': 'user'}}");
        JsonObject added = counter.ok(
                "POST /team/bulk_member_add",
                "{'team_id': 'of-ann', 'max_budget_in_team': 2, 'members': [{'user_id': 'bob'},"
                        + " {'user_email': 'cid@x.org', 'role': 'admin'}, {'role': 'user'}, {'user_id': 'x', 'role': 'king'}]}");
        assertThat(added.getInteger("total_requested")).isEqualTo(4);
        assertThat(added.getInteger("successful_additions")).isEqualTo(1);
        assertThat(added.getInteger("failed_additions")).isEqualTo(3);
        assertThat(added.getJsonArray("results").getJsonObject(0).getString("error"))
                .startsWith("User already in team");
        assertThat(added.getJsonArray("results").getJsonObject(1).getString("user_id"))
                .isEqualTo("cid");
        assertThat(ids(added.getJsonObject("updated_team").getJsonArray("members_with_roles"), "user_id"))
                .isEqualTo("bob cid");
        assertThat(counter.book
                        .entry(Kind.MEMBER, Members.id("of-ann", "cid"))
                        .orElseThrow()
                        .document()
                        .getInteger("max_budget"))
                .isEqualTo(2);
        JsonObject all = counter.ok("POST /team/bulk_member_add", "{'team_id': 'of-bob', 'all_users': true}");
        assertThat(all.getInteger("successful_additions")).isEqualTo(3);
    }

    @Test
    void manyUsersAreChangedAtOnce() {
        JsonObject changed = counter.ok(
                "POST /user/bulk_update",
                "{'users': [{'user_id': 'ann', 'max_budget': 3}, {'user_id': 'nobody'}, {'user_email': 'bob@x.org', 'max_budget': 4},"
                        + " {'user_id': 'cid', 'max_budget': -1}]}");
        assertThat(changed.getInteger("successful_updates")).isEqualTo(2);
        assertThat(changed.getInteger("failed_updates")).isEqualTo(2);
        JsonArray results = changed.getJsonArray("results");
        assertThat(results.getJsonObject(0).getJsonObject("updated_user").getDouble("max_budget"))
                .isEqualTo(3);
        assertThat(results.getJsonObject(1).getString("error")).contains("User not found");
        assertThat(results.getJsonObject(2).getString("user_id")).isEqualTo("bob");
        assertThat(results.getJsonObject(3).getString("error")).contains("max_budget");
        counter.ok("POST /user/bulk_update", "{'all_users': true, 'user_updates': {'rpm_limit': 9}}");
        assertThat(counter.book.entries(Kind.USER))
                .hasSize(3)
                .allMatch(user -> Integer.valueOf(9).equals(user.document().getInteger("rpm_limit")));
    }

    /** What is asked for first is in the book only when all is decided. */
    @Test
    void oneAddressIsOneUsersAlsoWithinARequest() {
        JsonObject added = counter.ok(
                "POST /team/bulk_member_add",
                "{'team_id': 'of-ann', 'members': [{'user_email': 'new@x.org', 'role': 'user'},"
                        + " {'user_email': 'New@x.org', 'role': 'user'}]}");
        assertThat(added.getInteger("successful_additions")).isEqualTo(1);
        assertThat(added.getJsonArray("results").getJsonObject(1).getString("error"))
                .contains("in this request twice");
        assertThat(counter.book.entries(Kind.USER)).hasSize(4);
        assertThat(counter.refusal(
                        Counter.MASTER,
                        "POST /user/bulk_update",
                        "{'all_users': true, 'user_updates': {'user_email': 'a@x.org'}}"))
                .contains("cannot give all users the same `user_email`");
    }

    @Test
    void modelsComeToATeamAndGoButTheLastOneDoesNotOpenAll() {
        assertThat(counter.ok("POST /team/model/add", "{'team_id': 'of-ann', 'models': ['n', 'm']}")
                        .getJsonArray("models"))
                .isEqualTo(JsonArray.of("m", "n"));
        assertThat(counter.ok("POST /team/model/delete", "{'team_id': 'of-ann', 'models': ['m', 'z']}")
                        .getJsonArray("models"))
                .isEqualTo(JsonArray.of("n"));
        assertThat(counter.refusal(Counter.MASTER, "POST /team/model/delete", "{'team_id': 'of-ann', 'models': ['n']}"))
                .startsWith("400 bad_request_error A team without models may use all of them");
        counter.ok("POST /organization/update", "{'organization_id': 'o', 'models': ['m']}");
        counter.ok("POST /team/update", "{'team_id': 'of-bob', 'organization_id': 'o'}");
        assertThat(counter.refusal(Counter.MASTER, "POST /team/model/add", "{'team_id': 'of-bob', 'models': ['n']}"))
                .startsWith("403")
                .contains("does not have access to model=n");
    }

    @Test
    void whatAMemberSpentInATeamIsResetByItsAdminButNotTheirOwn() {
        counter.ok("POST /team/member_add", "{'team_id': 'of-ann', 'member': {'user_id': 'ann', 'role': 'admin'}}");
        counter.ok("POST /team/member_add", "{'team_id': 'of-ann', 'member': {'user_id': 'bob', 'role': 'user'}}");
        Holder bob = Holder.member("of-ann", "bob");
        counter.spent.put(bob, 2_000_000_000L);
        String reset = "POST /team/of-ann/member/bob/reset_spend";
        assertThat(counter.ok(Counter.user("ann"), reset, "{'reset_to': 0.5}").encode())
                .contains("\"spend\":0.5", "\"previous_spend\":2.0");
        assertThat(counter.spent).containsEntry(bob, 500_000_000L);
        assertThat(counter.status(Counter.MASTER, reset, "{'reset_to': 1}")).isEqualTo(400);
        assertThat(counter.refusal(Counter.user("ann"), "POST /team/of-ann/member/ann/reset_spend", "{'reset_to': 0}"))
                .isEqualTo("403 auth_error Cannot reset your own spend. Ask a proxy admin.");
        for (String nobody : List.of("/team/of-ann/member/cid", "/team/none/member/bob", "/team/of-ann")) {
            assertThat(counter.status(Counter.MASTER, "POST " + nobody + "/reset_spend", "{'reset_to': 0}"))
                    .as(nobody)
                    .isEqualTo(404);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "sort_by=user_id, ann bob cid",
        "sort_by=user_email&sort_order=desc, cid bob ann",
        "sort_by=created_at, ann bob cid",
        "sort_by=spend&sort_order=desc&page_size=1, bob",
        "organization_ids=o, bob",
        "organization_ids=p, ''",
        "sso_user_ids=s, ''",
    })
    void usersAreListedInTheOrderThatIsAskedFor(String parameters, String expected) {
        counter.ok("POST /organization/member_add", "{'organization_id': 'o', 'member': {'user_id': 'bob'}}");
        JsonArray users = counter.ok("GET /user/list?" + parameters, null).getJsonArray("users");
        assertThat(ids(users, "user_id")).isEqualTo(expected);
    }

    @Test
    void whoManagesAnOrganizationListsItsUsersAndNobodyElse() {
        counter.ok("POST /organization/member_add", "{'organization_id': 'o', 'member': {'user_id': 'bob'}}");
        assertThat(counter.refusal(Counter.user("ann"), "GET /user/list", null))
                .startsWith("403 auth_error You are not allowed to list users");
        counter.ok(
                "POST /organization/member_add",
                "{'organization_id': 'o', 'member': {'user_id': 'ann', 'role': 'org_admin'}}");
        JsonArray users = counter.ok(Counter.user("ann"), "GET /user/list?sort_by=user_id", null)
                .getJsonArray("users");
        assertThat(ids(users, "user_id")).isEqualTo("ann bob");
        assertThat(counter.ok(Counter.user("ann"), "GET /user/list?organization_ids=p", null)
                        .getInteger("total"))
                .isZero();
        assertThat(counter.ok(Counter.user("vera", UserRole.PROXY_ADMIN_VIEWER), "GET /user/list", null)
                        .getInteger("total"))
                .isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({
        "sort_by=team_alias, of-ann of-bob of-cid",
        "sort_by=team_alias&sort_order=desc, of-cid of-bob of-ann",
        "sort_by=spend&sort_order=desc&page_size=1, of-bob",
        "status=deleted&sort_by=team_id, ''",
    })
    void teamsAreListedInTheOrderThatIsAskedFor(String parameters, String expected) {
        JsonArray teams = counter.ok("GET /v2/team/list?" + parameters, null).getJsonArray("teams");
        assertThat(ids(teams, "team_id")).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "/user/list?sort_by=password, Invalid sort column",
        "/user/list?sort_order=up, Invalid sort order",
        "/v2/team/list?sort_by=models, Invalid sort column",
        "/v2/team/list?status=gone, Invalid status value",
    })
    void aListThatCannotBeIsRefused(String request, String message) {
        assertThat(counter.refusal(Counter.MASTER, "GET " + request, null))
                .startsWith("400 bad_request_error " + message);
    }

    @Test
    void aTeamShowsAsManyKeysAsAreAskedFor() {
        for (int i = 0; i < 3; i++) {
            counter.ok("POST /key/generate", "{'team_id': 'of-ann'}");
        }
        assertThat(counter.ok("GET /team/info?team_id=of-ann&key_limit=2", null).getJsonArray("keys"))
                .hasSize(2);
        assertThat(counter.ok("GET /team/info?team_id=of-ann", null).getJsonArray("keys"))
                .hasSize(3);
    }
}
