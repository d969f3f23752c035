package dev.tollgate.accounting.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.Managed;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A slip in a field's name is told, and nothing else. Below are the fields that LiteLLM's endpoints have. */
class MisspeltTest {
    private static final String KEYS = """
            access_group_ids agent_id aliases allowed_cache_controls allowed_passthrough_routes allowed_routes
            allowed_vector_store_indexes auto_rotate blocked budget_duration budget_fallbacks budget_id
            budget_limits config default_estimated_output_tokens default_estimated_output_tokens_per_model
            denied_passthrough_routes disable_global_guardrails duration enable_prompt_caching
            end_user_budget_id enforced_params grace_period guardrails key key_alias key_type max_budget
            max_parallel_requests mcp_rpm_limit metadata model_max_budget model_rpm_limit model_tpm_limit models
            new_key new_master_key object_permission organization_id permissions policies project_id prompts
            rotation_interval router_settings rpm_limit rpm_limit_type send_invite_email soft_budget spend
            tag_rpm_limit tags team_id temp_budget_expiry temp_budget_increase throttle_on_budget_exceeded
            tpd_limit tpm_limit tpm_limit_type user_id
            """;

    private static final String TEAMS = """
            team_alias team_id organization_id admins members members_with_roles team_member_permissions
            metadata tpm_limit rpm_limit tpd_limit max_budget soft_budget budget_duration budget_limits models
            blocked router_settings access_group_ids default_team_member_models model_aliases model_max_budget
            tags guardrails policies prompts object_permission allowed_passthrough_routes
            denied_passthrough_routes disable_global_guardrails secret_manager_settings model_rpm_limit
            rpm_limit_type tpm_limit_type model_tpm_limit default_estimated_output_tokens
            default_estimated_output_tokens_per_model mcp_rpm_limit team_member_budget team_member_rpm_limit
            team_member_tpm_limit team_member_key_duration team_member_budget_duration
            allowed_vector_store_indexes enforced_batch_output_expires_after enforced_file_expires_after
            """;

    private static final String USERS = """
            key_alias duration models spend max_budget user_id team_id agent_id max_parallel_requests metadata
            tpm_limit rpm_limit budget_duration budget_limits allowed_cache_controls config permissions
            model_max_budget budget_fallbacks model_rpm_limit model_tpm_limit mcp_rpm_limit tag_rpm_limit
            guardrails policies prompts blocked aliases object_permission user_email user_alias user_role teams
            auto_create_key send_invite_email sso_user_id organizations password
            """;

    private static final String ORGANIZATIONS = """
            budget_id soft_budget max_budget max_parallel_requests tpm_limit rpm_limit tpd_limit
            model_max_budget budget_duration allowed_models temp_budget_increase temp_budget_expiry
            organization_id organization_alias models metadata model_rpm_limit model_tpm_limit object_permission
            """;

    private static final String CUSTOMERS = """
            budget_id max_budget soft_budget max_parallel_requests tpm_limit rpm_limit tpd_limit budget_duration
            model_max_budget budget_reset_at user_id alias blocked spend allowed_model_region default_model
            models object_permission
            """;

    private static final String BUDGETS = """
            budget_id max_budget soft_budget max_parallel_requests tpm_limit rpm_limit tpd_limit budget_duration
            model_max_budget budget_reset_at
            """;

    private static final String TAGS = """
            name description models model_info budget_id max_budget soft_budget max_parallel_requests tpm_limit
            rpm_limit model_max_budget budget_duration
            """;

    private static final String PLACES = """
            member team_id max_budget_in_team budget_duration allowed_models
            """;

    private final Counter counter = new Counter();

    @AfterEach
    void close() {
        counter.close();
    }

    private List<String> warnings(String request, String body) {
        Managed answer = counter.ask(Counter.MASTER, request, body);
        assertThat(answer).isInstanceOf(Managed.Done.class);
        Managed.Done done = (Managed.Done) answer;
        assertThat(done.status()).as(done.json().toString()).isEqualTo(200);
        return done.warnings();
    }

    private static String meant(String sent, String known) {
        return "unknown field \"" + sent + "\"; did you mean \"" + known + "\"?";
    }

    @Test
    void aKeyIsMadeAndTheSlipIsTold() {
        assertThat(warnings("POST /key/generate", "{'max_buget': 5, 'Rpm_Limit': 3, 'key_alias': 'a', 'tags': ['t']}"))
                .containsExactly(meant("max_buget", "max_budget"), meant("Rpm_Limit", "rpm_limit"));
        assertThat(counter.book.all()).doesNotContain("max_buget");
        assertThat(warnings("POST /key/generate", "{'max_budget': 5}")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    /user/new            | {'user_id': 'u', 'max_budgets': 1}                 | max_budgets        | max_budget
                    /team/new            | {'team_id': 't', 'tpm_limt': 1}                    | tpm_limt           | tpm_limit
                    /organization/new    | {'organization_alias': 'o', 'rpm_limits': 1}       | rpm_limits         | rpm_limit
                    /customer/new        | {'user_id': 'c', 'budgetid': 'b'}                  | budgetid           | budget_id
                    /end_user/new        | {'user_id': 'c', 'bloked': true}                   | bloked             | blocked
                    /budget/new          | {'budget_duraton': '1d'}                           | budget_duraton     | budget_duration
                    /tag/new             | {'name': 'n', 'soft_buget': 1}                     | soft_buget         | soft_budget
                    /team/new            | {'members_with_roles': [{'user_id': 'u', 'rol': 'admin'}]} | rol        | role
                    """)
    void everyEndpointThatMakesSomethingTells(String path, String body, String sent, String known) {
        assertThat(warnings("POST " + path, body)).containsExactly(meant(sent, known));
    }

    @Test
    void whatIsReadInsideABodyIsLookedAtToo() {
        String key = counter.ok("POST /key/generate", "{'user_id': 'ann'}").getString("key");
        counter.ok("POST /team/new", "{'team_id': 't'}");
        counter.ok("POST /organization/new", "{'organization_id': 'o', 'organization_alias': 'o'}");

        assertThat(warnings("POST /key/update", "{'key': '" + key + "', 'mx_budget': 1}"))
                .containsExactly(meant("mx_budget", "max_budget"));
        assertThat(warnings("POST /key/bulk_update", "{'keys': [{'key': '" + key + "', 'model': ['m']}]}"))
                .containsExactly(meant("model", "models"));
        assertThat(warnings(
                        "POST /team/member_add",
                        "{'team_id': 't', 'member': {'user_id': 'bo', 'roles': 'admin'}, 'max_budget_in_taem': 1}"))
                .containsExactly(meant("max_budget_in_taem", "max_budget_in_team"), meant("roles", "role"));
        assertThat(warnings(
                        "POST /team/bulk_member_add",
                        "{'team_id': 't', 'members': [{'user_id': 'cy', 'roel': 'user'}]}"))
                .containsExactly(meant("roel", "role"));
        assertThat(warnings(
                        "POST /organization/member_add",
                        "{'organization_id': 'o', 'member': {'user_id': 'bo', 'rolee': 'org_admin'}}"))
                .containsExactly(meant("rolee", "role"));
        assertThat(warnings("POST /user/new", "{'user_id': 'di', 'teams': [{'team_id': 't', 'max_budget_in_tem': 1}]}"))
                .containsExactly(meant("max_budget_in_tem", "max_budget_in_team"));
        assertThat(warnings("POST /user/bulk_update", "{'users': [{'user_id': 'bo', 'spent': 1}]}"))
                .containsExactly(meant("spent", "spend"));
    }

    @Test
    void objectsOfTheClientsOwnAndNamesLikeNothingAreLeftAlone() {
        assertThat(warnings(
                        "POST /key/generate",
                        "{'metadata': {'max_buget': 1, 'tgas': 2}, 'model_max_budget': {'max_budgt': 1}, 'no_such_field': 1,"
                                + " 'owner': 'x', '': 1, 'config': {'modles': 1}}"))
                .isEmpty();
    }

    @Test
    void aRequestThatOnlyLooksIsNotWarned() {
        assertThat(warnings("POST /v2/key/info", "{'keys': [], 'keyss': []}")).isEmpty();
    }

    @Test
    void whatNoHeaderCanHoldIsReplaced() {
        JsonObject body = new JsonObject()
                .put("max\r\nbudget", 1)
                .put("rpm\"limit", 1)
                .put("tpm_limit\u20ac", 1)
                .put("\uD83D\uDE00blocked", 1);

        List<String> warnings = warnings("POST /key/generate", body.encode());

        assertThat(warnings)
                .containsExactly(
                        meant("max??budget", "max_budget"),
                        meant("rpm?limit", "rpm_limit"),
                        meant("tpm_limit?", "tpm_limit"),
                        meant("?blocked", "blocked"));
    }

    @Test
    void aSlipInALongListIsToldThoughAllItsObjectsHaveAStrangeField() {
        JsonArray keys = new JsonArray();
        for (int i = 0; i < 70; i++) {
            String key = counter.ok("POST /key/generate", "{}").getString("key");
            keys.add(new JsonObject().put("key", key).put("no_such_field", i));
        }
        keys.getJsonObject(69).put("max_buget", 1);

        assertThat(warnings(
                        "POST /key/bulk_update",
                        new JsonObject().put("keys", keys).encode()))
                .containsExactly(meant("max_buget", "max_budget"));
    }

    @Test
    void thousandsOfSlipsAreToldInAFewWords() {
        JsonObject body = new JsonObject();
        for (int i = 0; i < 3_000; i++) {
            body.put("max_budget" + i % 1_000 + "x".repeat(i / 1_000), 1);
        }

        assertThat(String.join("; ", warnings("POST /key/generate", body.encode())))
                .contains(meant("max_budget0", "max_budget"), meant("max_budget7", "max_budget"))
                .hasSizeLessThan(1_000);
    }

    @ParameterizedTest
    @CsvSource({
        "KEYS,/key/generate,,",
        "KEYS,/key/service-account/generate,team_id,t",
        "KEYS,/key/update,key,KEY",
        "KEYS,/key/KEY/regenerate,,",
        "TEAMS,/team/new,,",
        "TEAMS,/team/update,team_id,t",
        "USERS,/user/new,,",
        "USERS,/user/update,user_id,u",
        "ORGANIZATIONS,/organization/new,organization_alias,a",
        "ORGANIZATIONS,/organization/update,organization_id,o",
        "CUSTOMERS,/customer/new,user_id,new",
        "CUSTOMERS,/customer/update,user_id,c",
        "BUDGETS,/budget/new,,",
        "BUDGETS,/budget/update,budget_id,b",
        "TAGS,/tag/new,name,new",
        "TAGS,/tag/update,name,n",
        "PLACES,/team/member_add,team_id,t",
    })
    void fieldsThatLiteLlmHasAreNoSlips(String fields, String path, String named, String value) {
        String key = counter.ok("POST /key/generate", "{}").getString("key");
        counter.ok("POST /team/new", "{'team_id': 't'}");
        counter.ok("POST /user/new", "{'user_id': 'u'}");
        counter.ok("POST /organization/new", "{'organization_id': 'o', 'organization_alias': 'o'}");
        counter.ok("POST /customer/new", "{'user_id': 'c'}");
        counter.ok("POST /budget/new", "{'budget_id': 'b'}");
        counter.ok("POST /tag/new", "{'name': 'n'}");
        JsonObject body = new JsonObject();
        for (String name : all(fields).strip().split("\\s+")) {
            body.putNull(name);
        }
        if (named != null) {
            body.put(named, value.replace("KEY", key));
        }
        if (fields.equals("PLACES")) {
            body.put("member", JsonArray.of(new JsonObject().put("user_id", "bo")));
        }

        assertThat(warnings("POST " + path.replace("KEY", key), body.encode())).isEmpty();
    }

    private static String all(String fields) {
        return switch (fields) {
            case "KEYS" -> KEYS;
            case "TEAMS" -> TEAMS;
            case "USERS" -> USERS;
            case "ORGANIZATIONS" -> ORGANIZATIONS;
            case "CUSTOMERS" -> CUSTOMERS;
            case "BUDGETS" -> BUDGETS;
            case "TAGS" -> TAGS;
            default -> PLACES;
        };
    }
}
