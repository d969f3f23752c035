package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentsTest {
    @TempDir
    Path folder;

    private Loading loading;

    @BeforeEach
    void prepare() {
        loading = new Loading(folder, Map.of("MORE", "more.yaml", "NAME", "real", "TWO", "2"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "general_settings: [1]                            | 1:19 `general_settings` must be a mapping, not a list",
                "router_settings: 5                               | 1:18 `router_settings` must be a mapping, not a number",
                "litellm_settings: {json_logs: maybe}             | 1:31 `litellm_settings.json_logs` must be true or false, not text",
                "router_settings: {num_retries: 1.5}              | 1:32 `router_settings.num_retries` must be a whole number",
                "router_settings: {num_retries: 1e99}             | 1:32 `router_settings.num_retries` must be a whole number",
                "router_settings: {timeout: -1}                   | 1:28 `router_settings.timeout` must not be negative",
                "router_settings: {timeout: [1]}                  | 1:28 `router_settings.timeout` must be a number, not a list",
                "router_settings: {default_fallbacks: [~]}        | 1:39 `router_settings.default_fallbacks` must be a list of texts",
                "router_settings: {fallbacks: [{a: [[b]]}]}       | 1:36 a fallback must be a model's name, not a list",
                "environment_variables: {A: [1]}                  | 1:28 `environment_variables.A` must be text, not a list",
                "environment_variables: {A: os.environ/NONE}      | 1:28 the environment variable NONE is not set",
                "general_settings: {x: [{y: os.environ/NONE}]}    | 1:28 the environment variable NONE is not set",
                "general_settings: {master_key: ''}               | 1:32 `master_key` is empty",
                "include: [none.yaml, none.yaml]                  | 1:10 included file not found: none.yaml",
                "a: {b: 1, b: 2}                                  | 1:11 the key `b` is given twice; the first is at config.yaml:1:5",
                "a: b: c                                          | 1:5 not valid YAML: mapping values are not allowed here",
                "just text                                        | 1:1 the file must hold a mapping",
            })
    void saysEachMistakeOnceWithItsPlace(String yaml, String expected) throws IOException {
        String[] place = expected.split(" ", 2);
        assertThat(loading.problems(yaml))
                .singleElement()
                .asString()
                .startsWith("config.yaml:" + place[0] + ": " + place[1]);
    }

    @Test
    void putsVariablesOfTheFileInForceForAllOtherValues() throws IOException {
        Snapshot snapshot = loading.good("""
                environment_variables: {OPENAI_API_KEY: sk-file, OPENAI_BASE_URL: "http://127.0.0.1:1/v1", COPY: os.environ/NAME}
                model_list: [{model_name: os.environ/COPY, litellm_params: {model: openai/x, rpm: os.environ/TWO}}]
                """);
        Deployment deployment = snapshot.models().deployments().getFirst();
        assertThat(deployment.group()).isEqualTo("real");
        assertThat(deployment.apiBase()).isEqualTo("http://127.0.0.1:1/v1");
        assertThat(deployment.apiKey()).isNotNull();
        assertThat(deployment.routing().rpm()).isEqualTo(2);
    }

    @Test
    void joinsListsAndReplacesOtherValuesOfIncludedFilesEachReadOnce() throws IOException {
        Files.writeString(folder.resolve("more.yaml"), """
                include: [sub/third.yaml, config.yaml]
                model_list: [{model_name: b, litellm_params: {model: echo/b}}]
                router_settings: {num_retries: 5}
                """);
        Files.createDirectory(folder.resolve("sub"));
        Files.writeString(folder.resolve("sub/third.yaml"), """
                include: [../more.yaml]
                model_list: [{model_name: c, litellm_params: {model: echo/c}}]
                """);
        Snapshot snapshot = loading.good("""
                include: os.environ/MORE
                model_list: [{model_name: a, litellm_params: {model: echo/a}}]
                router_settings: {num_retries: 1, timeout: 9}
                """);
        assertThat(snapshot.models().names()).containsExactly("a", "b", "c");
        assertThat(snapshot.router().numRetries()).isEqualTo(5);
        assertThat(snapshot.router().timeout()).isEqualTo(RouterSettings.DEFAULT.timeout());
    }

    @Test
    void namesTheIncludedFileThatAMistakeIsIn() throws IOException {
        Files.writeString(folder.resolve("more.yaml"), "model_list:\n  - {model_name: b, litellm_params: {}}\n");
        assertThat(loading.problems("include: [more.yaml]"))
                .singleElement()
                .asString()
                .startsWith("more.yaml:2:5: the model `b` needs `litellm_params.model`");
    }

    @Test
    void readsBytesThatEditorsLeaveAndRefusesWhatIsNoText() throws IOException {
        String yaml =
                "\uFEFFmodel_list:\r\n  - {model_name: é, litellm_params: {model: echo/x, rpm: 0x10, tpm: 1_000}}\r\n";
        Deployment deployment = loading.good(yaml).models().deployments().getFirst();
        assertThat(deployment.group()).isEqualTo("é");
        assertThat(deployment.routing().rpm()).isEqualTo(16);
        assertThat(deployment.routing().tpm()).isEqualTo(1000);
        Path file = folder.resolve("latin.yaml");
        Files.write(file, "a: é".getBytes(StandardCharsets.ISO_8859_1));
        LoadResult result = new ConfigLoader(Environment.of(Map.of())).load(file);
        assertThat(result.toString()).contains("latin.yaml:1:1: the file is not UTF-8 text");
    }

    @Test
    void survivesAnyDepth() throws IOException {
        assertThat(loading.problems("a: " + "[".repeat(200_000))).hasSize(1);
        assertThat(loading.problems("a: " + "[".repeat(150) + "]".repeat(150)))
                .singleElement()
                .asString()
                .contains("too deep");
    }

    @Test
    void countsSecondsAndMegabytes() throws IOException {
        List<String> none = loading.warnings("general_settings: {max_request_size_mb: 0}\nmodel_list: []");
        assertThat(none).singleElement().asString().contains("no models");
        Loading patient = new Loading(folder, Map.of("REQUEST_TIMEOUT", "1.5"));
        assertThat(patient.good("a: 1").router().timeout()).hasMillis(1500);
        Loading confused = new Loading(folder, Map.of("REQUEST_TIMEOUT", "-1"));
        assertThat(confused.warnings("model_list: []")).anyMatch(line -> line.startsWith("REQUEST_TIMEOUT is not"));
        assertThat(patient.good("litellm_settings: {request_timeout: 7}\nrouter_settings: {timeout: 8}")
                        .router()
                        .timeout())
                .hasSeconds(7);
        assertThat(patient.good("general_settings: {max_request_size_mb: 0}")
                        .general()
                        .maxRequestBytes())
                .isEqualTo(GeneralSettings.DEFAULT.maxRequestBytes());
    }
}
