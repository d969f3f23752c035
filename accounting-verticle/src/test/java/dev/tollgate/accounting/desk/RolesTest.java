package dev.tollgate.accounting.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Kind;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.ModelAccess;
import dev.tollgate.protocol.UserRole;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Who may do what, endpoint by endpoint. */
class RolesTest {
    /** A: proxy admin, V: who may see all, T: admin of team t, U: the user alice, a member of it, L: a user who may only look, K: a key of nobody. */
    private static final Map<Character, Caller> CALLERS = new LinkedHashMap<>();

    static {
        CALLERS.put('A', Counter.MASTER);
        CALLERS.put('V', Counter.user("vera", UserRole.PROXY_ADMIN_VIEWER));
        CALLERS.put('T', Counter.user("tom"));
        CALLERS.put('U', Counter.user("alice"));
        CALLERS.put('L', Counter.user("lou", UserRole.INTERNAL_USER_VIEWER));
        CALLERS.put(
                'K',
                new Caller(
                        Keys.hash("sk-of-nobody-0001"),
                        null,
                        null,
                        null,
                        null,
                        UserRole.INTERNAL_USER,
                        ModelAccess.ALL,
                        List.of()));
    }

    /** Endpoint, body, and all who may. What is not written {@code sk-own…} belongs to alice; bob is a stranger to everybody. */
    private static final String TABLE = """
            POST /key/generate | {} | A T U
            POST /key/generate | {'user_id': 'bob'} | A
            POST /key/generate | {'spend': 1} | A
            POST /key/generate | {'team_id': 't'} | A T
            POST /key/generate | {'team_id': 't', 'user_id': 'alice'} | A T
            POST /key/generate | {'organization_id': 'o'} | A
            POST /key/service-account/generate | {'team_id': 't'} | A T
            GET /key/info | - | K L T U V
            GET /key/info?key=sk-of-alice-00001 | - | A V U
            GET /key/info?key=sk-of-team-000001 | - | A V T
            GET /key/info?key=sk-of-bob-0000001 | - | A V
            POST /v2/key/info | {'keys': []} | A V T U L
            GET /key/list | - | A V T U L
            GET /key/list?user_id=bob | - | A V
            GET /key/aliases | - | A V T U L
            POST /key/health | - | A V T U L K
            POST /key/update | {'key': 'sk-of-alice-00001', 'key_alias': 'x'} | A U
            POST /key/update | {'key': 'sk-of-alice-00001', 'max_budget': 9} | A
            POST /key/update | {'key': 'sk-of-alice-00001', 'blocked': false} | A
            POST /key/update | {'key': 'sk-of-alice-00001', 'spend': 0} | A
            POST /key/update | {'key': 'sk-of-alice-00001', 'team_id': 't'} | A
            POST /key/update | {'key': 'sk-of-team-000001', 'max_budget': 9} | A T
            POST /key/update | {'key': 'sk-of-team-000001', 'spend': 0} | A
            POST /key/update | {'key': 'sk-of-team-000001', 'team_id': 't2'} | A
            POST /key/update | {'key': 'sk-of-bob-0000001', 'key_alias': 'x'} | A
            POST /key/update | {'key': 'sk-of-alice-team1', 'key_alias': 'x'} | A T U
            POST /key/update | {'key': 'sk-of-alice-team1', 'models': []} | A T U
            POST /key/update | {'key': 'sk-of-alice-team1', 'models': ['x']} | A T
            POST /key/update | {'key': 'sk-of-alice-team1', 'duration': '-1'} | A T
            POST /key/update | {'key': 'sk-of-alice-team1', 'team_id': null} | A
            POST /key/regenerate | {'key': 'sk-of-alice-team1', 'grace_period': '1h'} | A T U
            POST /key/bulk_update | {'keys': []} | A
            POST /key/regenerate | {'key': 'sk-of-alice-00001'} | A U
            POST /key/regenerate | {'key': 'sk-of-alice-00001', 'max_budget': 9} | A
            POST /key/sk-of-team-000001/regenerate | {} | A T
            POST /key/sk-of-alice-00001/reset_spend | {'reset_to': 0} | A
            POST /key/block | {'key': 'sk-of-alice-00001'} | A
            POST /key/block | {'key': 'sk-of-team-000001'} | A T
            POST /key/unblock | {'key': 'sk-of-alice-00001'} | A
            POST /key/delete | {'keys': ['sk-of-alice-00001']} | A U
            POST /key/delete | {'keys': ['sk-of-bob-0000001']} | A
            POST /user/new | {} | A
            POST /user/update | {'user_id': 'alice', 'max_budget': 9} | A
            POST /user/bulk_update | {'users': [{'user_id': 'alice', 'max_budget': 9}]} | A
            POST /user/delete | {'user_ids': ['alice']} | A
            GET /user/available_roles | - | A V T U L K
            GET /user/info | - | A V T U L
            GET /user/info?user_id=alice | - | A V U
            GET /v2/user/info?user_id=alice | - | A V U
            GET /user/list | - | A V
            POST /team/new | {} | A
            POST /team/update | {'team_id': 't', 'team_alias': 'x'} | A T
            POST /team/update | {'team_id': 't', 'max_budget': 9} | A
            POST /team/update | {'team_id': 't', 'models': []} | A
            POST /team/update | {'team_id': 't', 'blocked': false} | A
            POST /team/update | {'team_id': 't2', 'team_alias': 'x'} | A
            POST /team/delete | {'team_ids': ['t']} | A
            POST /team/block | {'team_id': 't'} | A
            POST /team/unblock | {'team_id': 't'} | A
            POST /team/model/add | {'team_id': 't', 'models': ['m']} | A
            POST /team/model/delete | {'team_id': 't', 'models': ['m']} | A
            POST /team/bulk_member_add | {'team_id': 't', 'members': [{'user_id': 'bob'}]} | A
            POST /team/t/member/alice/reset_spend | {'reset_to': 0} | A T
            POST /team/t/member/tom/reset_spend | {'reset_to': 0} | A
            POST /team/member_add | {'team_id': 't', 'member': {'user_id': 'bob', 'role': 'user'}} | A T
            POST /team/member_update | {'team_id': 't', 'user_id': 'alice', 'max_budget_in_team': 1} | A T
            POST /team/member_delete | {'team_id': 't', 'user_id': 'alice'} | A T
            GET /team/info?team_id=t | - | A V T U
            GET /team/info?team_id=t2 | - | A V
            GET /team/list | - | A V T U L
            GET /team/list?user_id=bob | - | A V
            GET /v2/team/list | - | A V T U L
            POST /organization/new | {'organization_alias': 'x'} | A
            POST /organization/update | {'organization_id': 'o', 'max_budget': 1} | A
            PATCH /organization/update | {'organization_id': 'o', 'max_budget': 1} | A
            POST /organization/delete | {'organization_ids': ['o']} | A
            DELETE /organization/delete | {'organization_ids': ['o']} | A
            GET /organization/info?organization_id=o | - | A V L
            POST /organization/info | {'organizations': ['o']} | A V
            GET /organization/list | - | A V T U L
            POST /organization/member_add | {'organization_id': 'o', 'member': {'user_id': 'bob'}} | A
            POST /organization/member_update | {'organization_id': 'o', 'user_id': 'lou', 'role': 'org_admin'} | A
            PATCH /organization/member_update | {'organization_id': 'o', 'user_id': 'lou', 'role': 'org_admin'} | A
            POST /organization/member_delete | {'organization_id': 'o', 'user_id': 'lou'} | A
            DELETE /organization/member_delete | {'organization_id': 'o', 'user_id': 'lou'} | A
            POST /customer/new | {'user_id': 'x'} | A
            POST /customer/update | {'user_id': 'c', 'max_budget': 1} | A
            POST /customer/delete | {'user_ids': ['c']} | A
            POST /customer/block | {'user_ids': ['c']} | A
            POST /customer/unblock | {'user_ids': ['c']} | A
            GET /customer/info?end_user_id=c | - | A V
            GET /customer/list | - | A V
            POST /end_user/new | {'user_id': 'x'} | A
            POST /end_user/update | {'user_id': 'c', 'max_budget': 1} | A
            POST /end_user/delete | {'user_ids': ['c']} | A
            POST /end_user/block | {'user_ids': ['c']} | A
            POST /end_user/unblock | {'user_ids': ['c']} | A
            GET /end_user/info?end_user_id=c | - | A V
            GET /end_user/list | - | A V
            POST /budget/new | {} | A
            POST /budget/update | {'budget_id': 'b', 'max_budget': 1} | A
            POST /budget/delete | {'id': 'b'} | A
            POST /budget/info | {'budgets': ['b']} | A V
            GET /budget/list | - | A V
            GET /budget/settings?budget_id=b | - | A V
            POST /tag/new | {'name': 'x'} | A
            POST /tag/update | {'name': 'g', 'max_budget': 1} | A
            POST /tag/delete | {'name': 'g'} | A
            POST /tag/info | {'names': ['g']} | A V
            GET /tag/list | - | A V
            POST /spend/set | {'kind': 'gateway', 'spend': 0} | A
            POST /global/spend/reset | - | A
            POST /global/spend/refresh | - | A
            POST /model/new | {'model_name': 'm', 'litellm_params': {'model': 'echo/x'}} | A
            POST /model/update | {'model_name': 'm', 'model_info': {'id': 'm-1'}} | A
            PATCH /model/m-1/update | {'model_name': 'm'} | A
            POST /model/block | {'model_id': 'm-1'} | A
            POST /model/unblock | {'model_id': 'm-1'} | A
            POST /model/delete | {'id': 'm-1'} | A
            POST /credentials | {'credential_name': 'x', 'credential_values': {}} | A
            GET /credentials | - | A V
            GET /credentials/by_name/of-the-file | - | A V
            GET /credentials/by_model/f-1 | - | A V
            PATCH /credentials/c-1 | {'credential_values': {}} | A
            DELETE /credentials/c-1 | - | A
            """;

    @Test
    void eachEndpointServesThoseItIsForAndNobodyElse() {
        Map<String, String> wrong = new LinkedHashMap<>();
        Set<String> seen = new TreeSet<>();
        for (String line : TABLE.strip().split("\n")) {
            String[] cells = line.strip().split(" \\| ");
            Set<String> expected = new TreeSet<>(List.of(cells[2].split(" ")));
            Set<String> served = new TreeSet<>();
            Set<String> others = new TreeSet<>();
            CALLERS.forEach((letter, caller) -> {
                try (Counter counter = world()) {
                    int status = counter.status(caller, cells[0], cells[1].equals("-") ? null : cells[1]);
                    (status == 200 ? served : others)
                            .add(status == 200 || status == 403 ? letter.toString() : letter + "" + status);
                }
            });
            boolean refusedOnly = others.stream().allMatch(each -> each.length() == 1 || each.equals("A404"));
            if (!served.equals(expected) || !refusedOnly) {
                wrong.put(line.strip(), "served " + served + ", others " + others);
            }
            seen.add(cells[0].replaceFirst("\\?.*", "")
                    .replaceFirst("/(sk-[^/]*|m-1|t/member/[^/]*)/", "/*/")
                    .replaceFirst("/(of-the-file|f-1|c-1)$", "/*"));
        }
        assertThat(wrong).isEmpty();
        try (Counter counter = new Counter()) {
            Set<String> all = new TreeSet<>();
            counter.desk
                    .endpoints()
                    .all()
                    .forEach((path, methods) -> methods.keySet().forEach(method -> all.add(method + " " + path)));
            assertThat(seen).as("every endpoint is in the table").containsAll(all);
        }
    }

    @Test
    void aRefusalSaysAuthError() {
        try (Counter counter = world()) {
            assertThat(counter.refusal(CALLERS.get('U'), "POST /user/new", "{}"))
                    .startsWith("403 auth_error Only proxy admin can be used to generate");
            assertThat(counter.refusal(CALLERS.get('U'), "POST /key/generate", "{'user_id': 'bob'}"))
                    .isEqualTo(
                            "403 auth_error User can only create keys for themselves. Got user_id=bob, Your ID=alice");
        }
    }

    @Test
    void usersListOnlyWhatIsTheirsAndTeamAdminsTheirTeamsWhenAsked() {
        try (Counter counter = world()) {
            assertThat(counter.ok(CALLERS.get('U'), "GET /key/list", null).getInteger("total_count"))
                    .isEqualTo(3);
            assertThat(counter.ok(CALLERS.get('T'), "GET /key/list", null).getInteger("total_count"))
                    .isEqualTo(1);
            assertThat(counter.ok(CALLERS.get('T'), "GET /key/list?include_team_keys=true", null)
                            .getInteger("total_count"))
                    .isEqualTo(3);
            assertThat(counter.ok(CALLERS.get('V'), "GET /key/list", null).getInteger("total_count"))
                    .isEqualTo(10);
            assertThat(counter.text(CALLERS.get('U'), "GET /team/list", null))
                    .contains("\"team_id\":\"t\"")
                    .doesNotContain("\"team_id\":\"t2\"");
            assertThat(counter.ok(CALLERS.get('U'), "POST /key/generate", "{}").getString("user_id"))
                    .isEqualTo("alice");
        }
    }

    @Test
    void aTeamAdminsKeyForSomebodyElseOnlyCallsModels() {
        try (Counter counter = world()) {
            Caller tom = CALLERS.get('T');
            String key = "{'key': 'sk-of-alice-team1', ";
            for (String request : List.of(
                    "POST /key/generate {'team_id': 't', 'user_id': 'alice', 'allowed_routes': ['/user/info']}",
                    "POST /key/regenerate {'key': 'sk-of-team-000001', 'user_id': 'alice', 'grace_period': '1h'}",
                    "POST /key/update " + key + "'allowed_routes': []}",
                    "POST /key/regenerate " + key + "'key_type': 'management'}")) {
                String[] parts = request.split(" ", 3);
                assertThat(counter.ok(tom, parts[0] + " " + parts[1], parts[2]).getJsonArray("allowed_routes"))
                        .as(request)
                        .containsExactly("llm_api_routes");
            }
            assertThat(counter.ok(tom, "POST /key/generate", "{'team_id': 't', 'allowed_routes': []}")
                            .getJsonArray("allowed_routes"))
                    .isEmpty();
        }
    }

    @Test
    void aTeamAdminCannotLiftTheTeamsLimitsThroughItsMetadata() {
        try (Counter counter = world()) {
            counter.ok("POST /team/update", "{'team_id': 't', 'model_rpm_limit': {'m': 1}}");
            String metadata = counter.ok(
                            CALLERS.get('T'),
                            "POST /team/update",
                            "{'team_id': 't', 'metadata': {'note': 1, 'model_rpm_limit': {}}}")
                    .getJsonObject("data")
                    .getJsonObject("metadata")
                    .encode();
            assertThat(metadata).isEqualTo("{\"note\":1,\"model_rpm_limit\":{\"m\":1}}");
        }
    }

    private static Counter world() {
        Counter counter = new Counter();
        counter.book.put(
                Kind.MODEL,
                "m-1",
                new JsonObject("{\"model_name\": \"m\", \"litellm_params\": {\"model\": \"echo/x\"},"
                        + " \"model_info\": {\"id\": \"m-1\"}}"));
        counter.book.put(
                Kind.CREDENTIAL, "c-1", new JsonObject("{\"credential_name\": \"c-1\", \"credential_values\": {}}"));
        counter.ok("POST /organization/new", "{'organization_id': 'o', 'organization_alias': 'O'}");
        for (String user : List.of("alice", "bob", "tom", "lou", "vera")) {
            counter.ok(
                    "POST /user/new",
                    "{'user_id': '" + user + "', 'auto_create_key': false, 'user_role': '"
                            + (user.equals("lou")
                                    ? "internal_user_viewer"
                                    : user.equals("vera") ? "proxy_admin_viewer" : "internal_user")
                            + "'}");
            counter.ok("POST /key/generate", "{'key': 'sk-of-" + user + "-login-key', 'user_id': '" + user + "'}");
        }
        counter.ok(
                "POST /team/new",
                "{'team_id': 't', 'members_with_roles': [{'user_id': 'tom', 'role': 'admin'}, {'user_id': 'alice', 'role': 'user'}]}");
        counter.ok("POST /team/new", "{'team_id': 't2'}");
        counter.ok("POST /organization/member_add", "{'organization_id': 'o', 'member': {'user_id': 'lou'}}");
        counter.ok("POST /customer/new", "{'user_id': 'c'}");
        counter.ok("POST /budget/new", "{'budget_id': 'b', 'max_budget': 3}");
        counter.ok("POST /tag/new", "{'name': 'g', 'budget_id': 'b'}");
        counter.ok(
                "POST /key/generate",
                "{'key': 'sk-of-alice-00001', 'user_id': 'alice', 'max_budget': 5, 'blocked': true}");
        counter.ok("POST /key/generate", "{'key': 'sk-of-bob-0000001', 'user_id': 'bob'}");
        counter.ok("POST /key/generate", "{'key': 'sk-of-team-000001', 'team_id': 't'}");
        counter.ok("POST /key/generate", "{'key': 'sk-of-nobody-0001'}");
        counter.ok(
                "POST /key/generate", "{'key': 'sk-of-alice-team1', 'user_id': 'alice', 'team_id': 't', 'models': []}");
        return counter;
    }
}
