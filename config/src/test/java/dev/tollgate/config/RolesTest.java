package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolesTest {
    private static final String CLUSTER = "cluster: {secret: hush}\n";

    @TempDir
    Path folder;

    private Snapshot read(String roles, Map<String, String> variables, String yaml) throws IOException {
        Map<String, String> all = new HashMap<>(variables);
        all.put("TOLLGATE_ROLES", roles);
        return new Loading(folder, all).good(yaml);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gateway,router,provider,accounting | ALL | ",
                "all | ALL | ",
                "' ' | ALL | ",
                "Accounting, GATEWAY,router | FRONT | ",
                "provider | PROVIDER | ",
                "gateway | ALL | a node cannot play gateway without the rest: gateway, router and accounting go together; write gateway,router,accounting, or provider, or leave it out for all",
                "provider,router | ALL | a node cannot play provider,router without the rest: gateway, router and accounting go together; write gateway,router,accounting, or provider, or leave it out for all",
                "cook | ALL | unknown role `cook`; the roles are gateway, router, provider and accounting",
                "providers | ALL | unknown role `providers`; did you mean `provider`?",
            })
    void someMixesWorkAndOthersAreRefused(String said, Roles expected, String problem) {
        List<Problem> wrong = new ArrayList<>();

        assertThat(Roles.of(Environment.of(Map.of("TOLLGATE_ROLES", said)), wrong))
                .isEqualTo(expected);
        assertThat(wrong.stream().map(Problem::message)).isEqualTo(problem == null ? List.of() : List.of(problem));
    }

    @Test
    void theFileSaysItTooTheVariableComesFirstAndBothNeedACluster() throws IOException {
        String yaml = "model_list: [{model_name: a, litellm_params: {model: echo/echo}}]\n";
        String front = yaml + "cluster: {secret: hush, roles: [gateway, router, accounting], health_port: 81}\n";

        ClusterSettings cluster = new Loading(folder, Map.of()).good(front).cluster();
        assertThat(cluster.roles()).isEqualTo(Roles.FRONT);
        assertThat(cluster.healthPort()).isEqualTo(81);
        assertThat(new Loading(folder, Map.of("TOLLGATE_ROLES", "provider"))
                        .good(front)
                        .cluster()
                        .roles())
                .isEqualTo(Roles.PROVIDER);
        assertThat(new Loading(folder, Map.of()).problems(yaml + "cluster: {secret: hush, roles: router}\n"))
                .singleElement()
                .asString()
                .contains("config.yaml:2:", "a node cannot play router without the rest");
        assertThat(new Loading(folder, Map.of("TOLLGATE_ROLES", "provider")).problems(yaml))
                .singleElement()
                .asString()
                .contains("a node that does not play all roles needs others that do");
    }

    private static final String MODELS = """
            environment_variables: {GROQ_API_KEY: literal-groq, OWN: literal-own, REGION: eu}
            files_settings:
              - {custom_llm_provider: openai, api_key: literal-files}
              - {custom_llm_provider: azure, api_key: os.environ/FILES_KEY}
            credential_list:
              - credential_name: c
                credential_values: {api_key: os.environ/C_KEY, api_base: os.environ/C_BASE}
            model_list:
              - model_name: plain
                litellm_params: {model: openai/gpt-4o, rpm: 5, temperature: 0.5}
              - model_name: named
                litellm_params:
                  model: openai/gpt-4o
                  api_key: os.environ/SECRET
                  api_base: os.environ/BASE
                  region_name: os.environ/REGION
                  extra_headers: {x-key: os.environ/HEADER, x-plain: literal-header}
              - model_name: literal
                litellm_params: {model: anthropic/claude-sonnet-4-5, api_key: literal-key, api_version: }
              - model_name: stored
                litellm_params: {model: azure/gpt, litellm_credential_name: c, client_secret: os.environ/OWN}
              - model_name: groq
                litellm_params: {model: groq/llama, input_cost_per_token: 0.1}
            """ + CLUSTER;
    private static final Map<String, String> SECRETS = Map.of(
            "OPENAI_API_KEY", "v-openai",
            "C_KEY", "v-c",
            "C_BASE", "https://c.example",
            "SECRET", "v-secret",
            "BASE", "https://b.example/v1",
            "HEADER", "v-header",
            "FILES_KEY", "v-files");

    private static List<String> ids(Snapshot snapshot) {
        return snapshot.models().deployments().stream().map(Deployment::id).toList();
    }

    @Test
    void aFrontKeepsNoCredentialMissesNoneAndKnowsModelsByTheSameIds() throws IOException {
        Snapshot whole = read("all", SECRETS, MODELS);
        Snapshot provider = read("provider", SECRETS, MODELS);
        Snapshot withNone = read("gateway,router,accounting", Map.of(), MODELS);
        Snapshot withAll = read("gateway,router,accounting", SECRETS, MODELS);

        assertThat(ids(whole)).doesNotHaveDuplicates().hasSize(5);
        assertThat(List.of(ids(provider), ids(withNone), ids(withAll))).containsOnly(ids(whole));
        assertThat(provider.models().deployments().stream()
                        .map(each -> each.apiKey().reveal()))
                .containsExactly("v-openai", "v-secret", "literal-key", "v-c", "literal-groq");
        for (Snapshot front : List.of(withNone, withAll)) {
            for (Deployment each : front.models().deployments()) {
                assertThat(each.apiKey()).isNull();
                assertThat(each.extraHeaders()).isEmpty();
                assertThat(each.defaults()).isEmpty();
            }
            assertThat(front.models().deployments().get(0).routing().rpm()).isEqualTo(5);
            assertThat(front.models().deployments().get(1).routing().fit().region())
                    .isEqualTo("eu");
            assertThat(front.models().deployments().get(4).prices()).containsKey("input_cost_per_token");
            assertThat(front.warnings()).isEmpty();
        }
        assertThat(withAll.models().deployments().get(1).apiBase()).isEqualTo("https://b.example/v1");
    }

    /** By reading everything that the object leads to. */
    @Test
    void nothingThatAFrontHoldsLeadsToACredential() throws Exception {
        Map<String, String> all = Map.of("TOLLGATE_ROLES", "gateway,router,accounting");
        LoadResult.Loaded loaded = (LoadResult.Loaded) new Loading(folder, all).read(MODELS);

        Field root = loaded.basis().getClass().getDeclaredField("root");
        root.setAccessible(true);
        Field entries = Section.class.getDeclaredField("entries");
        entries.setAccessible(true);
        String held = String.valueOf(entries.get(root.get(loaded.basis()))) + loaded.snapshot();
        assertThat(held).contains("claude-sonnet").doesNotContain("literal-key", "literal-header", "literal-groq");
        assertThat(held).doesNotContain("literal-own", "literal-files");
        assertThat(loaded.basis().credentials())
                .allSatisfy(each -> assertThat(each.values()).isEmpty());
    }

    @Test
    void aChangedKeyInTheFileIsAnotherDeploymentAndAChangedVariableIsNot() throws IOException {
        String changed = MODELS.replace("literal-key", "literal-other");
        Map<String, String> rotated = new HashMap<>(SECRETS);
        rotated.replaceAll((_, value) -> value.startsWith("v-") ? value + "2" : value);

        assertThat(ids(read("all", rotated, MODELS))).isEqualTo(ids(read("all", SECRETS, MODELS)));
        assertThat(ids(read("all", SECRETS, changed)).get(2))
                .isNotEqualTo(ids(read("all", SECRETS, MODELS)).get(2));
    }

    @Test
    void whereItIsNotKnownWhichKeysThereAreTheStarStandsForAllProviders() throws IOException {
        String yaml = "model_list: [{model_name: '*', litellm_params: {model: '*'}}]\n" + CLUSTER;
        Snapshot provider = read("provider", Map.of("ANTHROPIC_API_KEY", "k", "OPENAI_API_KEY", "k"), yaml);
        Snapshot front = read("gateway,router,accounting", Map.of(), yaml);

        assertThat(ids(front)).containsAll(ids(provider));
        assertThat(ids(provider)).hasSizeGreaterThan(2);
    }

    @Test
    void anAddressThatAFrontCannotKnowIsStillAnAddressAndOneOfTheFileIsKnown() throws IOException {
        String star =
                "model_list: [{model_name: '*', litellm_params: {model: '*', api_base: os.environ/LOCAL}}]\n" + CLUSTER;
        Map<String, String> variables = Map.of("LOCAL", "http://localhost:1/v1", "ANTHROPIC_API_KEY", "k");
        assertThat(ids(read("gateway,router,accounting", Map.of(), star)))
                .isEqualTo(ids(read("provider", variables, star)))
                .hasSize(1);

        String file = "environment_variables: {LOCAL: 'https://api.groq.com/openai/v1'}\n"
                + "model_list: [{model_name: m, litellm_params: {model: llama, api_base: os.environ/LOCAL}}]\n"
                + CLUSTER;
        for (String roles : List.of("gateway,router,accounting", "provider")) {
            Deployment found =
                    read(roles, Map.of(), file).models().deployments().getFirst();
            assertThat(found.provider().name()).isEqualTo("groq");
        }
    }

    @Test
    void aNodeThatOnlyTalksToProvidersDoesNotMissTheGatewaysVariables() throws IOException {
        String yaml = MODELS + """
                general_settings: {master_key: os.environ/MASTER, database_url: os.environ/DB}
                litellm_settings: {success_callback: [os.environ/X]}
                """;

        assertThat(read("provider", SECRETS, yaml).general().masterKey()).isNull();
        assertThat(new Loading(folder, SECRETS).problems(yaml)).hasSize(3);
        Map<String, String> keyless = Map.of("TOLLGATE_ROLES", "provider", "C_BASE", "https://c.example");
        assertThat(new Loading(folder, keyless).problems(yaml))
                .isNotEmpty()
                .allMatch(each -> each.contains("is not set"));
    }
}
