package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A configuration and what the admin API adds to it. */
class StoredModelsTest {
    private static final String FILE = """
            credential_list:
              - {credential_name: ours, credential_values: {api_key: sk-of-the-file}}
            model_list:
              - {model_name: a, litellm_params: {model: echo/x}, model_info: {id: a-1}}
            model_groups: [{name: team, models: [a]}]
            """;
    private static final String KEYED = FILE + "general_settings: {master_key: sk-1}\n";

    @TempDir
    Path folder;

    private final List<StoredModels.Entry> models = new ArrayList<>();
    private final List<StoredModels.Entry> credentials = new ArrayList<>();

    private StoredModelsTest model(String id, String name, String params) {
        String json = "{'model_name': '" + name + "', 'litellm_params': " + params + ", 'model_info': {'id': '" + id
                + "', 'db_model': true}}";
        models.add(new StoredModels.Entry(id, Secret.of(json.replace('\'', '"'))));
        return this;
    }

    private StoredModelsTest credential(String name, String values) {
        String json = "{'credential_name': '" + name + "', 'credential_values': " + values + "}";
        credentials.add(new StoredModels.Entry(name, Secret.of(json.replace('\'', '"'))));
        return this;
    }

    private Composed with(String yaml, Map<String, String> environment) throws IOException {
        LoadResult read = new Loading(folder, environment).read(yaml);
        assertThat(read).isInstanceOf(LoadResult.Loaded.class);
        return ((LoadResult.Loaded) read).basis().with(new StoredModels(models, credentials));
    }

    private static @Nullable Deployment only(Composed composed, String name) {
        ModelTable.Group group = composed.snapshot().models().resolve(name);
        return group == null ? null : group.deployments().getFirst();
    }

    private static List<String> said(Composed composed) {
        return composed.leftOut().stream()
                .flatMap(each -> each.problems().stream())
                .map(Problem::toString)
                .toList();
    }

    @Test
    void bothAreServedAndTheFilesCredentialWins() throws IOException {
        model("m-1", "b", "{'model': 'openai/gpt-4o', 'litellm_credential_name': 'ours', 'rpm': '5', 'weight': 0.5}");
        model("m-2", "b", "{'model': 'openai/gpt-4o', 'api_key': 'os.environ/THEIRS', 'input_cost_per_token': 1e-6}");
        model("m-3", "c", "{'model': 'openai/x', 'litellm_credential_name': 'theirs'}");
        credential("ours", "{'api_key': 'sk-of-the-store'}");
        credential("theirs", "{'api_key': 'sk-theirs', 'api_base': 'http://127.0.0.1:1/v1/'}");
        Composed composed = with(KEYED, Map.of("THEIRS", "sk-of-the-environment"));
        assertThat(composed.leftOut()).isEmpty();
        ModelTable table = composed.snapshot().models();
        assertThat(table.names()).containsExactly("a", "b", "c", "team");
        Deployment first = table.byId("m-1");
        assertThat(first.apiKey()).isEqualTo(Secret.of("sk-of-the-file"));
        assertThat(first.routing().rpm()).isEqualTo(5);
        assertThat(first.routing().weight()).isEqualTo(0.5);
        assertThat(first.origin()).hasToString("model m-1 of the admin API");
        assertThat(table.byId("a-1").origin().inFile()).isTrue();
        assertThat(table.byId("m-2").apiKey()).isEqualTo(Secret.of("sk-of-the-environment"));
        assertThat(table.byId("m-2").prices()).containsKey("input_cost_per_token");
        assertThat(only(composed, "c").apiBase()).isEqualTo("http://127.0.0.1:1/v1");
        assertThat(with(KEYED, Map.of("THEIRS", "x")).snapshot().virtualKeys()).isEmpty();
    }

    @Test
    void aFrontTakesOverWhatItsRouterNeedsAndNoSecrets() throws IOException {
        model(
                "m-1",
                "b",
                "{'model': 'openai/x', 'api_base': 'http://127.0.0.1:1/v1', 'rpm': 5, 'api_key': 'sk-hush',"
                        + " 'extra_headers': {'h': 'hush'}, 'temperature': 0.5}");
        model("m-2", "c", "{'model': 'azure/x', 'litellm_credential_name': 'theirs'}");
        credential("theirs", "{'api_key': 'sk-hush', 'api_base': 'http://127.0.0.1:2/v1'}");
        Composed composed = with(KEYED + "cluster: {secret: s}\n", Map.of(Roles.VARIABLE, "gateway,router,accounting"));
        assertThat(composed.leftOut()).isEmpty();
        assertThat(composed.snapshot().storing().accepted()).isTrue();
        Deployment first = composed.snapshot().models().byId("m-1");
        assertThat(first.routing().rpm()).isEqualTo(5);
        assertThat(first.apiBase()).isEqualTo("http://127.0.0.1:1/v1");
        assertThat(first.apiKey()).isNull();
        assertThat(first.extraHeaders()).isEmpty();
        assertThat(composed.snapshot().models().byId("m-2").apiKey()).isNull();
    }

    /** What the environment holds must not come out again in a name, a message or an answer. */
    @Test
    void variablesStandForKeysAndAddressesOnlyAndNeverForTheGatewaysOwn() throws IOException {
        Map<String, String> environment =
                Map.of("HUSH", "secret", "LITELLM_MASTER_KEY", "secret", "LITELLM_SALT_KEY", "secret");
        model("m-1", "b", "{'model': 'os.environ/HUSH'}");
        model("m-2", "b", "{'model': 'openai/x', 'api_base': 'os.environ/HUSH'}");
        model("m-3", "b", "{'model': 'openai/x', 'api_key': 'os.environ/LITELLM_MASTER_KEY'}");
        model("m-4", "b", "{'model': 'openai/x', 'extra_headers': {'h': 'os.environ/LITELLM_SALT_KEY'}}");
        model("m-5", "kept", "{'model': 'openai/x', 'api_key': 'k', 'mock_response': 'os.environ/HUSH'}");
        Composed composed = with(KEYED, environment);
        assertThat(composed.leftOut()).extracting(Composed.LeftOut::id).containsExactly("m-1", "m-2", "m-3", "m-4");
        assertThat(String.join(" ", said(composed))).doesNotContain("secret");
        assertThat(only(composed, "kept").toString()).doesNotContain("secret");

        models.clear();
        model("m-6", "b", "{'model': 'openai/x', 'api_key': 'os.environ/HUSH'}");
        assertThat(with(KEYED, environment).leftOut()).isEmpty();
        assertThat(said(with(FILE, Map.of("HUSH", "secret"))))
                .singleElement()
                .asString()
                .contains("needs a master key");
    }

    /** Each is left out with what a file's mistake is said with, and keeps no other out. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "m | {'model': 'opnai/gpt'} | model bad of the admin API: unknown provider `opnai` in `opnai/gpt`; did you mean `openai`?",
                "m | {} | model bad of the admin API: the model `m` needs `litellm_params.model`, such as openai/gpt-4o",
                "m | {'model': 'echo/x', 'rpm': 'many'} | model bad of the admin API: `litellm_params.rpm` must be a number, not text",
                "m | {'model': 'openai/x', 'api_key': 'os.environ/NOT_SET'} | model bad of the admin API: the environment variable NOT_SET is not set; set it or write the value here",
                "m | {'model': 'openai/x', 'litellm_credential_name': 'our'} | model bad of the admin API: no credential `our`; did you mean `ours`?; make it first, with POST /credentials",
                "team | {'model': 'echo/x'} | model bad of the admin API: `team` is a group of `model_groups` in the configuration; choose another name",
            })
    void aMistakeKeepsOnlyItsOwnEntryOut(String name, String params, String message) throws IOException {
        model("bad", name, params);
        model("good", "g", "{'model': 'echo/y'}");
        Composed composed = with(KEYED, Map.of());
        assertThat(said(composed)).containsExactly(message);
        assertThat(composed.leftOut().getFirst().id()).isEqualTo("bad");
        assertThat(composed.snapshot().models().byId("bad")).isNull();
        assertThat(only(composed, "g")).isNotNull();
        assertThat(only(composed, "a")).isNotNull();
        assertThat(only(composed, "team")).isNotNull();
    }

    @Test
    void anIdOfTheFileIsTheFiles() throws IOException {
        model("a-1", "mine", "{'model': 'echo/y'}");
        Composed composed = with(FILE, Map.of());
        assertThat(said(composed)).singleElement().asString().contains("the id `a-1` is used already, at ", ":4:5");
        assertThat(only(composed, "a").upstreamModel()).isEqualTo("x");
    }

    @Test
    void aCredentialWithAMistakeTakesItsModelsWithIt() throws IOException {
        credential("theirs", "{'api_key': ['a', 'list']}");
        model("m-1", "b", "{'model': 'openai/x', 'litellm_credential_name': 'theirs'}");
        Composed composed = with(FILE, Map.of());
        assertThat(composed.leftOut()).extracting(Composed.LeftOut::what).containsExactly("credential", "model");
        assertThat(said(composed).getFirst())
                .isEqualTo("credential theirs of the admin API: `credential_values.api_key` must be text, not a list");
    }

    @Test
    void namesOfTheFileMayLeadToThemWhereTheyAreExpected() throws IOException {
        String yaml = """
                model_list:
                  - {model_name: a, litellm_params: {model: echo/x}}
                  - {model_name: waiting, litellm_params: {model: openai/x, litellm_credential_name: theirs}}
                model_groups: [{name: team, models: [later]}, {name: all, models: [a, later], fallback: false}]
                router_settings:
                  fallbacks: [{a: [later]}]
                  model_group_alias: {l: later}
                """;
        Loading loading = new Loading(folder, Map.of());
        assertThat(loading.problems(yaml))
                .hasSize(5)
                .anyMatch(line -> line.contains("`fallbacks` of `a` leads to `later`, which is no model"))
                .anyMatch(line -> line.contains("no credential `theirs`; one of the admin API counts when"));
        String expecting = yaml + "general_settings: {store_model_in_db: true}\n";
        assertThat(loading.warnings(expecting))
                .hasSize(6)
                .anyMatch(line -> line.contains("no credential `theirs`; the model waits for one of the admin API"));
        assertThat(loading.good(expecting).models().resolve("waiting")).isNull();
        model("m-1", "later", "{'model': 'echo/late'}");
        credential("theirs", "{'api_key': 'sk-theirs'}");
        Composed composed = with(expecting, Map.of());
        assertThat(composed.leftOut()).isEmpty();
        assertThat(composed.snapshot().warnings()).isEmpty();
        assertThat(only(composed, "waiting").apiKey()).isEqualTo(Secret.of("sk-theirs"));
        assertThat(only(composed, "l").id()).isEqualTo("m-1");
        assertThat(only(composed, "team").id()).isEqualTo("m-1");
        assertThat(composed.snapshot().models().resolve("all").deployments()).hasSize(2);
        assertThat(composed.snapshot().router().fallbacks()).containsEntry("a", List.of("later"));
    }

    @Test
    void whatTheVariableSaysOfTheStoreCountsUnlessTheFileSaysMore() throws IOException {
        Map<String, String> off = Map.of("STORE_MODEL_IN_DB", "False", "LITELLM_SALT_KEY", "salt");
        StoringSettings storing = new Loading(folder, off).good(FILE).storing();
        assertThat(storing.accepted()).isFalse();
        assertThat(storing.saltKey()).isEqualTo(Secret.of("salt"));
        assertThat(new Loading(folder, off)
                        .good(FILE + "general_settings: {store_model_in_db: yes}")
                        .storing()
                        .expected())
                .isTrue();
        assertThat(new Loading(folder, Map.of()).good(FILE).storing()).isEqualTo(StoringSettings.DEFAULT);
    }

    @Test
    void modelsAreAddedToWhatWasFoundToo() {
        model("m-1", "b", "{'model': 'openai/x', 'litellm_credential_name': 'theirs'}")
                .model("m-2", "c", "{}");
        credential("theirs", "{'api_key': 'sk-theirs'}");
        Composed composed = new Discovery(Environment.of(Map.of()))
                .loaded(List.of())
                .basis()
                .with(new StoredModels(models, credentials));
        assertThat(only(composed, "echo")).isNotNull();
        assertThat(only(composed, "b").apiKey()).isEqualTo(Secret.of("sk-theirs"));
        assertThat(composed.leftOut()).extracting(Composed.LeftOut::id).containsExactly("m-2");
    }

    @Test
    void theFilesCredentialsAreNamedWithoutTheirValues() throws IOException {
        LoadResult.Loaded read = (LoadResult.Loaded) new Loading(folder, Map.of()).read(FILE);
        assertThat(read.basis().credentials()).singleElement().satisfies(credential -> {
            assertThat(credential.name()).isEqualTo("ours");
            assertThat(credential.values()).containsEntry("api_key", Secret.of("sk-of-the-file"));
            assertThat(credential.toString()).doesNotContain("sk-of-the-file");
        });
    }
}
