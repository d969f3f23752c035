package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamsTest {
    @TempDir
    Path folder;

    private static String model(String params) {
        return "model_list: [{model_name: m, litellm_params: {" + params + "}}]\n";
    }

    private static Map<String, String> environment(String words) {
        Map<String, String> variables = new HashMap<>();
        for (String word : words.split(" ")) {
            String[] pair = word.split("=", 2);
            variables.put(pair[0], pair[1]);
        }
        return variables;
    }

    @Test
    void aStarForAnyModelGoesWhereTheNameSays() throws IOException {
        Map<String, String> keys = Map.of("OPENAI_API_KEY", "o", "ANTHROPIC_API_KEY", "a", "GROQ_API_KEY", "g");
        ModelTable models = new Loading(folder, keys)
                .good("model_list: [{model_name: '*', litellm_params: {model: '*'}}]\n")
                .models();

        assertThat(places(models, "anthropic/claude-x", "claude-x", "groq/llama", "gpt-4o", "openai/gpt-4o"))
                .containsExactly(
                        "anthropic claude-x a",
                        "anthropic claude-x a",
                        "groq llama g",
                        "openai gpt-4o o",
                        "openai gpt-4o o");
        ModelTable own = new Loading(folder, keys)
                .good("model_list: [{model_name: '*', litellm_params: {model: '*', api_key: mine}}]\n")
                .models();
        assertThat(places(own, "claude-x")).containsExactly("openai claude-x mine");
    }

    @Test
    void aKeyLosesItsLineBreakAndAHeaderMayNotHaveOne() throws IOException {
        Loading loading = new Loading(folder, Map.of());
        assertThat(loading.good(model("model: openai/x, api_key: \"k\\n\""))
                        .models()
                        .resolve("m")
                        .deployments()
                        .getFirst()
                        .apiKey()
                        .reveal())
                .isEqualTo("k");
        assertThat(loading.problems(model("model: openai/x, extra_headers: {a: \"b\\nc\"}")))
                .singleElement()
                .asString()
                .contains("config.yaml:1:")
                .contains("line break");
    }

    private static List<String> places(ModelTable models, String... names) {
        return Stream.of(names)
                .map(name -> models.resolve(name).deployments().getFirst())
                .map(one -> one.provider().name() + " " + one.upstreamModel() + " "
                        + one.apiKey().reveal())
                .toList();
    }

    /** A key that comes out as {@code -} is not sent; {@code !} says that this is worth a warning. */
    @ParameterizedTest
    @CsvSource({
        "model: openai/x,                                                   K=1 OPENAI_API_KEY=usual,                   usual",
        "'model: openai/x, api_key: own',                                   K=1 OPENAI_API_KEY=usual,                   own",
        "'model: openai/x, api_key: os.environ/K',                          K=1 OPENAI_API_KEY=usual,                   1",
        "'model: openai/x, api_key: \"\"',                                  K=1 OPENAI_API_KEY=usual,                   usual",
        "'model: openai/x, api_base: \"https://API.openai.com/v1/\"',       K=1 OPENAI_API_KEY=usual,                   usual",
        "'model: openai/x, api_base: \"https://api.openai.com:443/v1\"',    K=1 OPENAI_API_KEY=usual,                   usual",
        "'model: openai/x, api_base: \"http://api.openai.com/v1\"',         K=1 OPENAI_API_KEY=usual,                   -",
        "'model: openai/x, api_base: \"https://api.openai.com:8443/v1\"',   K=1 OPENAI_API_KEY=usual,                   -!",
        "'model: openai/x, api_base: \"https://api.openai.com.evil.io/v1\"', K=1 OPENAI_API_KEY=usual,                  -!",
        "'model: openai/x, api_base: \"https://api.openai.com@evil.io/v1\"', K=1 OPENAI_API_KEY=usual,                  -!",
        "'model: openai/x, base_url: \"https://evil.io/v1\"',               K=1 OPENAI_API_KEY=usual,                   -!",
        "'model: openai/x, api_base: \"http://127.0.0.1:1234/v1\"',         K=1 OPENAI_API_KEY=usual,                   -",
        "'model: openai/x, api_base: \"http://my_vllm:8000/v1\"',           K=1 OPENAI_API_KEY=usual,                   -",
        "'model: openai/x, api_base: \"https://own.io/v1\"',                OPENAI_API_KEY=usual OPENAI_BASE_URL=https://own.io/v1/, usual",
        "model: openai/x,                                                   OPENAI_API_KEY=usual OPENAI_API_BASE=http://h:1/v1, usual",
        "model: openai/x,                                                   K=1,                                        -!",
        "'model: openai/x, mock_response: hi',                              K=1,                                        -",
        "'model: azure/x, api_base: \"https://mine.openai.azure.com\"',     AZURE_API_KEY=usual,                        usual",
        "'model: azure/x, api_base: \"https://mine.openai.azure.com.io\"',  AZURE_API_KEY=usual,                        -!",
        "'model: azure/x, api_base: \"http://mine.openai.azure.com\"',      AZURE_API_KEY=usual,                        -",
        "model: azure/x,                                                    AZURE_API_KEY=usual AZURE_API_BASE=https://h, usual",
        "model: ollama/x,                                                   K=1,                                        -",
        "'model: x, api_base: \"http://127.0.0.1:8080/v1\"',                OPENAI_API_KEY=usual,                       -",
        "'model: x, api_base: \"https://api.groq.com/openai/v1\"',          GROQ_API_KEY=groqs OPENAI_API_KEY=usual,    groqs",
    })
    void sendsAProvidersUsualKeyOnlyToTheProviderItself(String params, String variables, String key)
            throws IOException {
        Snapshot snapshot = new Loading(folder, environment(variables)).good(model(params));
        Deployment deployment = snapshot.models().deployments().getFirst();
        String sent = deployment.apiKey() == null ? "-" : deployment.apiKey().reveal();
        assertThat(sent + (snapshot.warnings().isEmpty() ? "" : "!")).isEqualTo(key);
        assertThat(snapshot.warnings().toString()).doesNotContain("usual");
    }

    @ParameterizedTest
    @CsvSource({
        "model: gpt-4o,                                  openai/gpt-4o",
        "model: o3-mini,                                 openai/o3-mini",
        "model: whisper-1,                               openai/whisper-1",
        "model: omni-moderation-latest,                  openai/omni-moderation-latest",
        "model: claude-sonnet-4-5,                       anthropic/claude-sonnet-4-5",
        "model: openrouter/openai/gpt-4o,                openrouter/openai/gpt-4o",
        "'model: groq/x, custom_llm_provider: groq',     groq/x",
        "'model: a/b, custom_llm_provider: groq',        groq/a/b",
        "'model: org/x, api_base: \"http://h:1/v1\"',    openai/org/x",
    })
    void findsTheProviderByPrefixNameOrAddress(String params, String expected) throws IOException {
        Deployment deployment = new Loading(folder, Map.of())
                .good(model(params))
                .models()
                .deployments()
                .getFirst();
        assertThat(deployment.qualifiedModel()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:1234/v1", "api.example.com/v1", "ftp://h/v1", "https://", "http:// h/"})
    void refusesAnAddressThatIsNoUrl(String address) throws IOException {
        assertThat(new Loading(folder, Map.of()).problems(model("model: openai/x, api_base: \"" + address + "\"")))
                .singleElement()
                .asString()
                .startsWith("config.yaml:1:74: `api_base` must be a URL");
    }

    @Test
    void takesKeyAndAddressFromACredentialAndRefusesOneThatIsMissing() throws IOException {
        String credentials = """
                credential_list:
                  - credential_name: mine
                    credential_values: {api_key: stored, api_base: "https://own.io/v1"}
                """;
        Loading loading = new Loading(folder, Map.of("OPENAI_API_KEY", "usual"));
        Deployment deployment = loading.good(credentials + model("model: openai/x, litellm_credential_name: mine"))
                .models()
                .deployments()
                .getFirst();
        assertThat(deployment.apiBase()).isEqualTo("https://own.io/v1");
        assertThat(deployment.apiKey()).isNotNull();
        assertThat(deployment.apiKey().reveal()).isEqualTo("stored");
        assertThat(loading.problems(credentials + model("model: openai/x, litellm_credential_name: mien")))
                .singleElement()
                .asString()
                .contains("no credential `mien`", "did you mean `mine`?");
        assertThat(loading.problems("credential_list: [5, {credential_info: {}}]"))
                .hasSize(2);
    }

    @Test
    void saysWhatIsMissingForAProviderWithoutAUsualAddress() throws IOException {
        List<String> problems = new Loading(folder, Map.of("OPENAI_BASE_URL", "nonsense")).problems("""
                        model_list:
                          - {model_name: a, litellm_params: {model: azure/x}}
                          - {model_name: b, litellm_params: {model: openai/x}}
                        """);
        assertThat(problems)
                .containsExactly(
                        "OPENAI_BASE_URL must be a URL such as https://host/v1, not `nonsense`",
                        "config.yaml:2:45: `azure/` needs `api_base` or the environment variable AZURE_API_BASE");
    }
}
