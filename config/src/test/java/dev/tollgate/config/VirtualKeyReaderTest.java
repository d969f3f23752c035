package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tollgate.protocol.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VirtualKeyReaderTest {
    private static final String BEFORE = """
            model_list: [{model_name: m, litellm_params: {model: echo/x}}]
            general_settings: {master_key: sk-master}
            virtual_keys:
            """;

    @TempDir
    Path folder;

    private Loading loading() {
        return new Loading(folder, Map.of("CI_KEY", "sk-of-the-variable-1234", "TWO", "2"));
    }

    @Test
    void fieldsAreReadAsWhatTheyAreAndTheKeyStandsInNone() throws IOException {
        Snapshot snapshot = loading().good(BEFORE + """
                          - key: os.environ/CI_KEY
                            key_alias: 5
                            models: m
                            max_budget: "0.1"
                            budget_duration: 30d
                            rpm_limit: os.environ/TWO
                            blocked: no
                            aliases: {fast: m}
                            metadata: {tags: [blue], owner: {name: Anna}}
                            model_max_budget: {m: {budget_limit: 1.5, time_period: 1d}, n: 2}
                            model_rpm_limit: {m: "3"}
                            budget_limits:
                              - {budget_duration: 1d, max_budget: os.environ/TWO}
                              - {budget_duration: 30d, max_budget: "20.5"}
                            expires: 2026-12-31T23:59:59Z
                            user_id: ~
                        """);
        VirtualKey key = snapshot.virtualKeys().getFirst();
        assertThat(snapshot.warnings()).isEmpty();
        assertThat(key.key()).isEqualTo(Secret.of("sk-of-the-variable-1234"));
        assertThat(key.toString() + snapshot).doesNotContain("sk-of-the-variable");
        assertThat(new ObjectMapper().readTree(key.document())).isEqualTo(new ObjectMapper().readTree("""
                                        {"aliases":{"fast":"m"},"blocked":false,"budget_duration":"30d","expires":"2026-12-31T23:59:59Z",
                                         "key_alias":"5","max_budget":0.1,"metadata":{"tags":["blue"],"owner":{"name":"Anna"}},
                                         "model_max_budget":{"m":{"budget_limit":1.5,"time_period":"1d"},"n":2},
                                         "model_rpm_limit":{"m":3},
                                         "budget_limits":[{"budget_duration":"1d","max_budget":2},{"budget_duration":"30d","max_budget":20.5}],"models":["m"],"rpm_limit":2,"config":true,"key_name":"sk-...1234"}"""));
        assertThat(key.origin()).hasToString(folder.resolve("config.yaml") + ":4:5");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "- 5                                          | config.yaml:4:5: a virtual key must be a mapping",
                "- {models: [m]}                              | config.yaml:4:5: a virtual key needs its `key`",
                "- {key: sk-1, max_budgt: 5}                  | config.yaml:4:17: unknown field `max_budgt` of a virtual key; did you mean `max_budget`?",
                "- {key: sk-1, duration: 30d}                 | config.yaml:4:17: a key in the file has no beginning",
                "- {key: sk-1, max_budget: much}              | config.yaml:4:29: `virtual_keys.max_budget` must be a number",
                "- {key: sk-1, rpm_limit: -1}                 | config.yaml:4:28: `virtual_keys.rpm_limit` must not be negative",
                "- {key: sk-1, blocked: maybe}                | config.yaml:4:26: `virtual_keys.blocked` must be true or false",
                "- {key: sk-1, budget_duration: soon}         | config.yaml:4:34: `budget_duration` must be like",
                "- {key: sk-1, expires: tomorrow}             | config.yaml:4:26: `expires` must be a time",
                "- {key: sk-1, metadata: [a]}                 | config.yaml:4:27: `virtual_keys.metadata` must be a mapping",
                "- {key: sk-1, model_max_budget: {m: {a: 1}}} | a model's budget needs `budget_limit`",
                "- {key: sk-1, model_max_budget: {m: dear}}   | `model_max_budget.m` must be a number",
                "- {key: sk-1, budget_limits: [5]}                       | `budget_limits` must be a list of `budget_duration` and `max_budget`",
                "- {key: sk-1, budget_limits: [{max_budget: 5}]}         | each of `budget_limits` needs `budget_duration`",
                "- {key: sk-1, budget_limits: [{budget_duration: 1d}]}   | each of `budget_limits` needs `max_budget`",
                "- {key: sk-1, budget_limits: [{budget_duration: soon, max_budget: 5}]} | `budget_duration` must be like",
                "- {key: sk-1, budget_limits: [{budget_duration: 1d, max_budget: 5, max: 1}]} | unknown field `max` of `budget_limits`",
                "- {key: sk-1, budget_limits: {budget_duration: 1d, max_budget: dear}} | `budget_limits.max_budget` must be a number",
                "- {key: sk-master}                           | config.yaml:4:11: the key is the master key",
                "- {key: os.environ/MISSING}                  | the environment variable MISSING is not set",
                "[{key: sk-1}, {key: sk-1}]                   | config.yaml:4:23: the same key stands at",
                "[{key: sk-1, key_alias: a}, {key: sk-2, key_alias: a}] | the same `key_alias` stands at",
            })
    void whatIsWrongIsSaidOnceWithItsPlaceAndWithoutTheKey(String keys, String problem) throws IOException {
        assertThat(loading().problems(BEFORE + "  " + keys + "\n"))
                .singleElement()
                .asString()
                .contains(problem)
                .doesNotContain("sk-1", "sk-master");
    }

    @Test
    void aKeyOfAnotherFormIsOdd() throws IOException {
        assertThat(loading().warnings(BEFORE + "  - {key: abcdefghijklm}\n"))
                .singleElement()
                .asString()
                .startsWith("config.yaml:4:11: the key does not begin with `sk-`")
                .doesNotContain("abcdefgh");
    }

    @Test
    void anOpenGatewayTakesKeysButSaysThatItIsOpen() throws IOException {
        assertThat(loading().warnings("""
                                model_list: [{model_name: m, litellm_params: {model: echo/x}}]
                                virtual_keys: [{key: sk-1}]
                                """))
                .singleElement()
                .asString()
                .startsWith("config.yaml:2:1: `virtual_keys` without `general_settings.master_key`");
    }

    @Test
    void aChangeOfAKeyIsToldAndAMoveIsNot() throws IOException {
        Snapshot before = loading().good(BEFORE + "  - {key: sk-1, rpm_limit: 1}\n");
        assertThat(ConfigDiff.describe(before, loading().good(BEFORE + "\n\n  - {key: sk-1, rpm_limit: 1}\n")))
                .isEmpty();
        for (String changed : List.of("{key: sk-1, rpm_limit: 2}", "{key: sk-2, rpm_limit: 1}", "{key: sk-1}")) {
            assertThat(ConfigDiff.describe(before, loading().good(BEFORE + "  - " + changed + "\n")))
                    .containsExactly("virtual keys changed: there are 1 in the file");
        }
    }
}
