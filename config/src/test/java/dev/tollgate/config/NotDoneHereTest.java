package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of LiteLLM by which nothing is done: whoever writes one must not believe that it works. */
class NotDoneHereTest {
    @TempDir
    private Path folder;

    private List<String> warnings(String yaml) throws IOException {
        return new Loading(folder, Map.of()).warnings(yaml);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "allowed_fails | 5",
                "allowed_fails_policy | {RateLimitErrorAllowedFails: 5}",
                "access_windows | []",
                "health_check_timeout | 5",
                "health_check_max_tokens | 5"
            })
    void aNameOfModelInfoIsWarnedAboutOnceWithItsPlace(String name, String value) throws IOException {
        assertThat(warnings("""
                model_list:
                  - model_name: a
                    litellm_params: {model: ollama/a}
                    model_info:
                      %s: %s
                """.formatted(name, value)))
                .containsExactly(
                        "config.yaml:5:7: `model_info." + name + "` is known, but not done here: it has no effect");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "router_settings | routing_groups | [{a: b}]",
                "router_settings | default_litellm_params | {max_tokens: 5}",
                "router_settings | health_check_staleness_threshold | 60",
                "router_settings | health_check_ignore_transient_errors | true",
                "router_settings | background_health_check_model_groups | [a]",
                "general_settings | health_check_staleness_threshold | 60",
                "general_settings | health_check_ignore_transient_errors | true",
                "general_settings | background_health_check_model_groups | [a]"
            })
    void aSettingIsWarnedAboutOnceWithItsPlace(String section, String name, String value) throws IOException {
        assertThat(warnings("""
                model_list: [{model_name: a, litellm_params: {model: ollama/a}}]
                %s:
                  %s: %s
                """.formatted(section, name, value)))
                .containsExactly("config.yaml:3:3: `" + section + "." + name
                        + "` is known, but not done here: it has no effect");
    }

    @ParameterizedTest
    @CsvSource({"rpm_limit", "tpm_limit"})
    void anArgumentOfAStrategyIsWarnedAboutOnceWithItsPlace(String name) throws IOException {
        assertThat(warnings("""
                model_list: [{model_name: a, litellm_params: {model: ollama/a}}]
                router_settings:
                  routing_strategy_args: {ttl: 60, %s: 5}
                """.formatted(name)))
                .containsExactly("config.yaml:3:36: `routing_strategy_args." + name
                        + "` is known, but not done here: it has no effect");
    }

    @ParameterizedTest
    @CsvSource({"timeout_by_service_tier", "stream_timeout_by_service_tier"})
    void aTimeoutByServiceTierIsWarnedAboutOnceWithItsPlace(String name) throws IOException {
        assertThat(warnings("""
                model_list:
                  - model_name: a
                    litellm_params:
                      model: ollama/a
                      %s: {flex: 900}
                """.formatted(name)))
                .containsExactly(
                        "config.yaml:5:7: `litellm_params." + name + "` is known, but not done here: it has no effect");
    }

    @Test
    void whatAFallbackSaysBesideItsModelIsWarnedAboutAndTheModelCounts() throws IOException {
        String yaml = """
                model_list:
                  - {model_name: a, litellm_params: {model: ollama/a}}
                  - {model_name: b, litellm_params: {model: ollama/b}}
                router_settings:
                  fallbacks:
                    - a: [{model: b, max_tokens: 10}]
                """;
        assertThat(warnings(yaml))
                .containsExactly(
                        "config.yaml:6:22: `max_tokens` of a fallback is not done here: only its `model` counts,"
                                + " and the call goes on unchanged");
        assertThat(new Loading(folder, Map.of()).good(yaml).router().fallbacks())
                .isEqualTo(Map.of("a", List.of("b")));
    }

    @Test
    void aNameWithoutAValueAsksForNothing() throws IOException {
        assertThat(warnings("""
                model_list: [{model_name: a, litellm_params: {model: ollama/a}}]
                router_settings: {routing_groups: null}
                """)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "input_cost_per_tokn, input_cost_per_token",
        "ouput_cost_per_token, output_cost_per_token",
        "cache_read_input_tokens_cost_per_, ''",
        "input_cost_per_tokens_above_128k_tokens, input_cost_per_token",
        "cache_creation_input_token_costs_flex, cache_creation_input_token_cost",
        "input_cost_per_token, ''",
        "output_cost_per_token_above_200k_tokens_priority, ''",
        "output_cost_per_image_3K, ''",
        "input_cost_per_token_flex, ''",
        "brand_new_cost_per_thought, ''"
    })
    void aPriceThatIsNearlyAnothersNameIsWarnedAbout(String name, String meant) throws IOException {
        List<String> warnings = warnings("""
                model_list:
                  - model_name: a
                    litellm_params:
                      model: ollama/a
                      %s: 0.001
                """.formatted(name));
        if (meant.isEmpty()) {
            assertThat(warnings).isEmpty();
        } else {
            assertThat(warnings)
                    .containsExactly("config.yaml:5:7: unknown price `" + name + "`; did you mean `" + meant + "`?");
        }
    }
}
