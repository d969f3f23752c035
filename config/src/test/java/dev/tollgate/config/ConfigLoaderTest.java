package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
    @TempDir
    Path folder;

    private LoadResult load(String yaml, Map<String, String> environment) throws IOException {
        Path file = folder.resolve("config.yaml");
        Files.writeString(file, yaml);
        return new ConfigLoader(Environment.of(environment)).load(file);
    }

    private Snapshot good(String yaml, Map<String, String> environment) throws IOException {
        LoadResult result = load(yaml, environment);
        assertThat(result).as(String.valueOf(result)).isInstanceOf(LoadResult.Loaded.class);
        return ((LoadResult.Loaded) result).snapshot();
    }

    private static final RouterSettings.Choosing CHOOSING = new RouterSettings.Choosing(
            true,
            true,
            Set.of(RouterSettings.Affinity.SESSION),
            Map.of("a", Set.of(RouterSettings.Affinity.DEPLOYMENT, RouterSettings.Affinity.PROMPT_CACHING)),
            true,
            Map.of("openai/gpt-4o", 0.5, "a\none", 3.0),
            7,
            false);

    private List<String> problems(String yaml) throws IOException {
        LoadResult result = load(yaml, Map.of());
        assertThat(result).isInstanceOf(LoadResult.Rejected.class);
        return ((LoadResult.Rejected) result)
                .problems().stream()
                        .map(problem -> problem.toString().replace(folder + "/", ""))
                        .toList();
    }

    private static Deployment only(Snapshot snapshot, String name) {
        ModelTable.Group group = snapshot.models().resolve(name);
        assertThat(group).isNotNull();
        return group.deployments().get(0);
    }

    @Test
    void takes_the_provider_key_from_its_usual_variable_for_the_providers_own_host() throws IOException {
        Snapshot snapshot = good("""
                model_list:
                  - model_name: openai/main
                    litellm_params: {model: openai/gpt-4o}
                  - model_name: local/llama3.1-8b
                    litellm_params: {model: ollama/llama3.1:8b, api_base: http://127.0.0.1:11434}
                model_groups: [{name: chat-default, models: [openai/main], fallback: true}]
                """, Map.of("OPENAI_API_KEY", "sk-secret"));
        Deployment main = only(snapshot, "chat-default");
        assertThat(main.upstreamModel()).isEqualTo("gpt-4o");
        assertThat(main.apiBase()).isEqualTo("https://api.openai.com/v1");
        assertThat(main.apiKey()).isNotNull();
        assertThat(main.toString()).doesNotContain("sk-secret");
        assertThat(only(snapshot, "local/llama3.1-8b").upstreamModel()).isEqualTo("llama3.1:8b");
    }

    @Test
    void never_sends_a_provider_key_to_another_host() throws IOException {
        Snapshot snapshot = good("""
                model_list:
                  - model_name: lm
                    litellm_params: {model: openai/local-model, api_base: "http://127.0.0.1:1234/v1/"}
                """, Map.of("OPENAI_API_KEY", "sk-secret"));
        assertThat(only(snapshot, "lm").apiKey()).isNull();
        assertThat(only(snapshot, "lm").apiBase()).isEqualTo("http://127.0.0.1:1234/v1");
        assertThat(snapshot.warnings()).isEmpty();
    }

    @Test
    void sends_the_key_to_a_host_that_came_from_the_providers_own_variable() throws IOException {
        Snapshot snapshot = good(
                "model_list: [{model_name: a, litellm_params: {model: openai/gpt-4o}}]",
                Map.of("OPENAI_API_KEY", "sk-secret", "OPENAI_BASE_URL", "http://127.0.0.1:9/v1"));
        assertThat(only(snapshot, "a").apiBase()).isEqualTo("http://127.0.0.1:9/v1");
        assertThat(only(snapshot, "a").apiKey()).isNotNull();
    }

    @Test
    void reads_router_and_general_settings_as_litellm_writes_them() throws IOException {
        Snapshot snapshot = good("""
                model_list:
                  - {model_name: a, litellm_params: {model: ollama/a}}
                  - {model_name: b, litellm_params: {model: gemini/b, api_key: k}}
                router_settings: {fallbacks: [{a: [b]}], routing_strategy: simple-shuffle, num_retries: 2, timeout: 60, allowed_fails: 3}
                general_settings: {set_verbose: true, json_logs: true, master_key: sk-1234, max_request_size_mb: 5}
                """, Map.of());
        assertThat(snapshot.router().fallbacks()).containsEntry("a", List.of("b"));
        assertThat(snapshot.router().timeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(snapshot.router().allowedFails()).isEqualTo(3);
        assertThat(snapshot.general().jsonLogs()).isTrue();
        assertThat(snapshot.general().verbose()).isTrue();
        assertThat(snapshot.general().maxRequestBytes()).isEqualTo(5L << 20);
        assertThat(snapshot.general().toString()).doesNotContain("sk-1234");
        assertThat(snapshot.warnings()).isEmpty();
    }

    @Test
    void readsWhatOursAddsToThePatienceWithUpstreams() throws IOException {
        String models = "model_list: [{model_name: a, litellm_params: {model: echo/x}}]\n";
        Snapshot usual = good(models, Map.of());
        assertThat(usual.router().trying().minStreamRate()).isZero();
        assertThat(usual.general().connectTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(usual.general().drain()).isEqualTo(Duration.ofSeconds(20));
        Snapshot set = good(
                models
                        + "router_settings: {min_stream_rate: 0.5}\ngeneral_settings: {upstream_connect_timeout: 2.5, drain_timeout: 300}\n",
                Map.of());
        assertThat(set.general().drain()).isEqualTo(Duration.ofMinutes(5));
        assertThat(set.router().trying().minStreamRate()).isEqualTo(0.5);
        assertThat(set.general().connectTimeout()).isEqualTo(Duration.ofMillis(2_500));
    }

    @Test
    void readsEachStrategyWithItsArgumentsTagsAndPolicies() throws IOException {
        String yaml = """
                model_list: [{model_name: a, litellm_params: {model: echo/x}}]
                router_settings:
                  routing_strategy: NAME
                  routing_strategy_args: {max_latency_list_size: 3, ttl: 60, lowest_latency_buffer: 0.5, ttft_percentile: 95}
                  enable_tag_filtering: true
                  tag_filtering_match_any: false
                  tag_routing_prefix: "route:"
                  enable_pre_call_checks: true
                  optional_pre_call_checks: [session_affinity, enforce_model_rate_limits]
                  model_group_affinity_config: {a: [deployment_affinity, prompt_caching]}
                  deployment_affinity_ttl_seconds: 600
                  enable_weighted_failover: true
                  default_max_parallel_requests: 7
                  weights: {openai/gpt-4o: 0.5, a: {one: 3}}
                  retry_policy: {RateLimitErrorRetries: 3}
                  model_group_retry_policy: {a: {TimeoutErrorRetries: 0}}
                  allowed_fails_policy: {InternalServerErrorAllowedFails: 100}
                """;
        for (String name : List.of(
                "simple-shuffle",
                "least-busy",
                "latency-based-routing",
                "usage-based-routing",
                "usage-based-routing-v2",
                "cost-based-routing")) {
            Snapshot snapshot = good(yaml.replace("NAME", name), Map.of());
            RouterSettings router = snapshot.router();
            assertThat(router.strategy()).isEqualTo(name);
            assertThat(snapshot.warnings()).as(name).isEmpty();
            assertThat(router.latency()).isEqualTo(new RouterSettings.Latency(3, Duration.ofSeconds(60), 0.5, 95.0));
            assertThat(router.tags()).isEqualTo(new RouterSettings.Tags(true, false, "route:"));
            assertThat(router.choosing()).isEqualTo(CHOOSING);
            assertThat(router.retryPolicy()).isEqualTo(Map.of("RateLimitError", 3));
            assertThat(router.groupRetryPolicies()).isEqualTo(Map.of("a", Map.of("TimeoutError", 0)));
            assertThat(router.allowedFailsPolicy()).isEqualTo(Map.of("InternalServerError", 100));
        }
    }

    @Test
    void names_file_line_and_column_of_every_mistake_at_once() throws IOException {
        assertThat(problems("""
                        model_list:
                          - model_name: a
                            litellm_params: {model: opena/gpt-4o}
                          - model_name: b
                            litellm_params: {model: openai/b, rpm: many, weight: -1}
                        router_settings:
                          routing_strategy: simple-shufle
                          fallbacks: [{a: [c]}]
                        """))
                .anyMatch(line -> line.startsWith("config.yaml:3:29: ") && line.contains("did you mean `openai`?"))
                .anyMatch(line -> line.startsWith("config.yaml:5:44: ") && line.contains("must be a number"))
                .anyMatch(line -> line.startsWith("config.yaml:5:58: ") && line.contains("negative"))
                .anyMatch(line -> line.startsWith("config.yaml:7:21: ") && line.contains("`simple-shuffle`"))
                .anyMatch(line -> line.contains("leads to `c`"));
    }

    @Test
    void refuses_a_missing_variable_with_its_place() throws IOException {
        assertThat(problems("""
                        general_settings:
                          master_key: os.environ/NOT_SET
                        """))
                .containsExactly(
                        "config.yaml:2:15: the environment variable NOT_SET is not set; set it or write the value here");
    }

    /** What needs the value of a variable is not said to be missing, and names are not said to lead nowhere. */
    @Test
    void missingVariablesAndAllOtherMistakesAreSaidAtOnceAndNothingElse() throws IOException {
        List<String> found = problems("""
                credential_list: [{credential_name: os.environ/V1, credential_values: {api_key: k}}]
                model_list:
                  - {model_name: os.environ/V2, litellm_params: {model: echo/x, rpm: many}}
                  - {model_name: b, litellm_params: {model: os.environ/V3, tpm: some}}
                  - {model_name: c, litellm_params: {model: x, api_base: os.environ/V4}}
                  - {model_name: d, litellm_params: {model: x, custom_llm_provider: os.environ/V5, tags: [os.environ/V6]}}
                  - {model_name: e, litellm_params: {model: opena/x, litellm_credential_name: good, timeout: long}}
                model_groups: [{name: os.environ/V7, models: [c]}, {name: g, models: [os.environ/V8]}]
                router_settings:
                  num_retries: few
                  model_group_alias: {other: nothing}
                  fallbacks: [{c: [os.environ/V9, {model: os.environ/V10}]}]
                """);
        assertThat(found.stream().filter(line -> line.contains("is not set")))
                .hasSize(10)
                .anyMatch(line -> line.startsWith("config.yaml:3:18: the environment variable V2 is not set"));
        assertThat(found.stream().filter(line -> !line.contains("is not set")))
                .containsExactlyInAnyOrder(
                        "config.yaml:3:70: `litellm_params.rpm` must be a number, not text",
                        "config.yaml:4:65: `litellm_params.tpm` must be a number, not text",
                        "config.yaml:7:45: unknown provider `opena` in `opena/x`; did you mean `openai`?",
                        "config.yaml:7:94: `litellm_params.timeout` must be a number, not text",
                        "config.yaml:10:16: `router_settings.num_retries` must be a number, not text");
    }

    @Test
    void refuses_duplicate_keys_and_broken_yaml_with_their_place() throws IOException {
        assertThat(problems("a: 1\nb: 2\na: 3\n")).singleElement().asString().startsWith("config.yaml:3:1: ");
        assertThat(problems("a: [1, 2\nb: 3\n")).singleElement().asString().startsWith("config.yaml:2:");
    }

    @Test
    void keeps_unknown_keys_and_warns_with_the_nearest_name() throws IOException {
        Snapshot snapshot = good("""
                model_list:
                  - {model_name: a, litellm_params: {model: ollama/a, temprature: 0.2}}
                router_setings: {}
                """, Map.of());
        assertThat(snapshot.warnings().stream().map(Problem::message))
                .anyMatch(text -> text.contains("`temprature`") && text.contains("`temperature`"))
                .anyMatch(text -> text.contains("`router_setings`") && text.contains("`router_settings`"));
        assertThat(only(snapshot, "a").defaults()).containsEntry("temprature", "0.2");
    }

    @Test
    void resolves_wildcards_most_specific_first_and_aliases() throws IOException {
        Snapshot snapshot = good("""
                model_list:
                  - {model_name: "*", litellm_params: {model: "openai/*", api_key: k}}
                  - {model_name: "anthropic/*", litellm_params: {model: "anthropic/*", api_key: k}}
                router_settings: {model_group_alias: {fast: anthropic/claude-haiku-4-5}}
                """, Map.of());
        assertThat(only(snapshot, "anthropic/claude-x").qualifiedModel()).isEqualTo("anthropic/claude-x");
        assertThat(only(snapshot, "gpt-9").qualifiedModel()).isEqualTo("openai/gpt-9");
        assertThat(only(snapshot, "fast").qualifiedModel()).isEqualTo("anthropic/claude-haiku-4-5");
    }

    @Test
    void reads_included_files_and_a_folder_of_models() throws IOException {
        Files.writeString(
                folder.resolve("more.yaml"), "model_list: [{model_name: b, litellm_params: {model: ollama/b}}]");
        Files.createDirectory(folder.resolve("models"));
        Files.writeString(folder.resolve("models/c.yml"), "model_name: c\nlitellm_params: {model: ollama/c}\n");
        Snapshot snapshot = good("""
                include: [more.yaml]
                model_list: [{model_name: a, litellm_params: {model: ollama/a}}]
                """, Map.of());
        assertThat(snapshot.models().names()).containsExactly("a", "b", "c");
    }

    @Test
    void makes_a_group_whose_members_fall_back_in_order() throws IOException {
        Snapshot snapshot = good("""
                model_list:
                  - {model_name: a, litellm_params: {model: ollama/a}}
                  - {model_name: b, litellm_params: {model: ollama/b}}
                model_groups: [{name: chat, models: [a, b], fallback: true}]
                """, Map.of());
        assertThat(snapshot.models().aliases()).containsEntry("chat", "a");
        assertThat(snapshot.router().fallbacks()).containsEntry("chat", List.of("b"));
    }

    @Test
    void survives_an_alias_bomb() throws IOException {
        StringBuilder yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 9; i++) {
            yaml.append("a").append(i).append(": &a").append(i).append(" [");
            yaml.append(("*a" + (i - 1) + ", ").repeat(10)).append("x]\n");
        }
        assertThat(problems(yaml.toString())).anyMatch(line -> line.contains("too large"));
    }

    @Test
    void env_file_never_overrides_the_environment() throws IOException {
        Path file = folder.resolve(".env");
        Files.writeString(file, "export A=\"from file\"\nB=2 # two\nnonsense\n");
        List<Problem> warnings = new java.util.ArrayList<>();
        Environment environment = DotEnv.under(Map.of("A", "real"), file, warnings);
        assertThat(environment.get("A")).isEqualTo("real");
        assertThat(environment.get("B")).isEqualTo("2");
        assertThat(warnings).hasSize(1);
    }

    private static final String THREE = """
        model_list:
          - {model_name: a, litellm_params: {model: echo/x}}
          - {model_name: b, litellm_params: {model: echo/y}}
          - {model_name: c, litellm_params: {model: echo/z}}
        """;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{fallbacks: [{a: [nobody]}]} | 5:32: `fallbacks` of `a` leads to `nobody`, which is no model",
                "{fallbacks: [{b: [c]}, {a: [a]}]} | 5:42: `fallbacks` of `a` leads back to itself; leave it out",
                "{context_window_fallbacks: [{b: [c, b]}]} | 5:47: `context_window_fallbacks` of `b` leads back to itself;"
                        + " leave it out",
                "{model_group_alias: {d: d}} | 5:39: the alias `d` leads to `d`, which is no model",
                "{routing_strategy: fastest} | 5:37: unknown routing strategy `fastest`",
                "{num_retries: -1} | 5:32: `router_settings.num_retries` must not be negative",
                "{cooldown_time: -1} | 5:34: `router_settings.cooldown_time` must not be negative",
                "{timeout: -0.5} | 5:28: `router_settings.timeout` must not be negative",
            })
    void refusesRoutingThatCannotBeMeant(String settings, String problem) throws IOException {
        assertThat(problems(THREE + "router_settings: " + settings))
                .singleElement()
                .asString()
                .contains("config.yaml:" + problem);
    }

    /** LiteLLM users write them, and a call enters each group once. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{fallbacks: [{a: [b]}, {b: [a]}]} | 5:32: `fallbacks` lead in a circle: a → b → a; a call",
                "{fallbacks: [{c: [a]}, {a: [b]}, {b: [c]}]} | 5:42: `fallbacks` lead in a circle: a → b → c → a; a call",
                "{context_window_fallbacks: [{b: [c]}, {c: [b]}]} | 5:47: `context_window_fallbacks` lead in a circle:"
                        + " b → c → b; a call",
                "{fallbacks: [{a: [d]}], model_group_alias: {d: a}} | 5:32: `fallbacks` of `a` leads to `d`, another name",
            })
    void groupsThatFallBackToEachOtherAreServedWithOneWarning(String settings, String warning) throws IOException {
        Snapshot snapshot = good(THREE + "router_settings: " + settings, Map.of());
        assertThat(snapshot.warnings()).singleElement().asString().contains("config.yaml:" + warning);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"weight", "rpm", "tpm", "order", "timeout", "stream_timeout", "num_retries", "cooldown_time"})
    void refusesNegativeFiguresOfADeployment(String name) throws IOException {
        assertThat(problems("model_list: [{model_name: a, litellm_params: {model: echo/x, " + name + ": -2}}]"))
                .singleElement()
                .asString()
                .matches("config.yaml:1:\\d+: .*" + name + "` must not be negative.*");
    }

    @Test
    void whatHoldsForAllModelsMayLeadToOneOfThem() throws IOException {
        good(
                THREE
                        + "router_settings: {fallbacks: [{'*': [a]}, {a: [b]}, {b: [c]}, {c: []}], default_fallbacks:"
                        + " [a], model_group_alias: {d: a}}",
                Map.of());
    }

    @ParameterizedTest
    @CsvSource({"0, 1, true", "0.3, 1, true", "1, 1, false", "60, 60, false"})
    void healthChecksAreASecondApartAtLeast(String written, long seconds, boolean warned) throws IOException {
        Snapshot snapshot = good(
                THREE + "general_settings: {background_health_checks: true, health_check_interval: " + written + "}",
                Map.of());
        assertThat(snapshot.general().health().interval()).isEqualTo(Duration.ofSeconds(seconds));
        assertThat(snapshot.warnings()).hasSize(warned ? 1 : 0);
    }

    @Test
    void noAttemptAtAllIsNoLimitOfParallelRequests() throws IOException {
        assertThat(problems("""
                        model_list: [{model_name: a, litellm_params: {model: echo/x, max_parallel_requests: 0}}]
                        router_settings: {default_max_parallel_requests: 0}
                        """))
                .hasSize(2)
                .allMatch(line -> line.contains("max_parallel_requests` must be 1 at least"))
                .anyMatch(line -> line.startsWith("config.yaml:1:"))
                .anyMatch(line -> line.startsWith("config.yaml:2:"));
    }
}
