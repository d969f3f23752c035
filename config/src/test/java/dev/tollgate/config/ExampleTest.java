package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The example of the documentation is good, and the schema knows every key of it. */
class ExampleTest {
    private static final Path EXAMPLE = Path.of("../docs/config.example.yaml");

    private final List<String> unknown = new ArrayList<>();
    private final List<String> visited = new ArrayList<>();

    @Test
    void isAcceptedWithoutWarnings() {
        LoadResult result = new ConfigLoader(Environment.of(Map.of(
                        "LITELLM_MASTER_KEY", "sk-1234",
                        "OPENAI_API_KEY", "sk-1",
                        "AZURE_API_KEY", "k",
                        "ANTHROPIC_API_KEY", "sk-ant",
                        "GROQ_API_KEY", "gsk")))
                .load(EXAMPLE);
        assertThat(result).as("%s", result).isInstanceOf(LoadResult.Loaded.class);
        Snapshot snapshot = ((LoadResult.Loaded) result).snapshot();
        assertThat(snapshot.warnings()).isEmpty();
        assertThat(snapshot.models().names()).containsExactly("gpt-4o", "claude", "local", "groq/*", "gpt-4", "chat");
        assertThat(snapshot.models().resolve("chat")).isNotNull();
        assertThat(snapshot.router().fallbacks()).containsEntry("chat", List.of("claude", "local"));
    }

    @Test
    void theVariablesThatItWantsAreNamedInItsHeadAndInTheDocumentation() throws IOException {
        LoadResult result = new ConfigLoader(Environment.of(Map.of())).load(EXAMPLE);
        assertThat(result).isInstanceOf(LoadResult.Rejected.class);
        String head = Files.readString(EXAMPLE).split("general_settings:", 2)[0];
        String documentation = Files.readString(EXAMPLE.resolveSibling("configuration.md"));
        assertThat(((LoadResult.Rejected) result).problems()).hasSize(5).allSatisfy(problem -> {
            String name = problem.message().replaceAll("the environment variable (\\w+) is not set.*", "$1");
            assertThat(head).contains(name);
            assertThat(documentation).contains(name + "=x");
        });
    }

    @Test
    void usesOnlyKeysAndKindsOfValuesThatTheSchemaNames() throws Exception {
        JsonNode schema = new ObjectMapper().readTree(ConfigSchema.json());
        Problems problems = new Problems();
        ConfigNode root = YamlReader.read("example", Files.readAllBytes(EXAMPLE), problems);
        assertThat(problems.errors()).isEmpty();
        assertThat(root).isNotNull();
        walk(root, schema, schema, "");
        assertThat(unknown).isEmpty();
        assertThat(visited)
                .contains("/model_list/litellm_params/rpm", "/model_groups/models", "/router_settings/fallbacks");
    }

    private void walk(ConfigNode node, JsonNode given, JsonNode schema, String path) {
        JsonNode rule = schemaFor(node, given, schema);
        if (rule == null) {
            unknown.add(path + ": no rule takes " + node.kind());
            return;
        }
        switch (node) {
            case ConfigNode.Mapping mapping ->
                mapping.entries().forEach((key, entry) -> {
                    String place = path + "/" + key;
                    visited.add(place);
                    JsonNode known = rule.path("properties").path(key);
                    JsonNode member = known.isMissingNode() ? rule.path("additionalProperties") : known;
                    if (member.isMissingNode()) {
                        unknown.add(place);
                    } else {
                        walk(entry.value(), member, schema, place);
                    }
                });
            case ConfigNode.Sequence list -> list.items().forEach(item -> walk(item, rule.path("items"), schema, path));
            case ConfigNode.Scalar _ -> {}
        }
    }

    /** The rule, or that of several, which takes a node of this kind; null when there is none. */
    private static JsonNode schemaFor(ConfigNode node, JsonNode given, JsonNode schema) {
        JsonNode rule = given;
        while (rule.has("$ref")) {
            rule = schema.at(rule.get("$ref").asText().substring(1));
        }
        if (rule.has("anyOf")) {
            for (JsonNode choice : rule.get("anyOf")) {
                JsonNode found = schemaFor(node, choice, schema);
                if (found != null) {
                    return found;
                }
            }
            return null;
        }
        String kind = switch (node) {
            case ConfigNode.Mapping _ -> "object";
            case ConfigNode.Sequence _ -> "array";
            case ConfigNode.Scalar scalar ->
                switch (scalar.type()) {
                    case TEXT -> "string";
                    case INTEGER -> "integer";
                    case DECIMAL -> "number";
                    case BOOLEAN -> "boolean";
                    case NULL, UNSET -> "null";
                };
        };
        String types = rule.path("type").toString();
        boolean fits = !rule.has("type")
                || types.contains("\"" + kind + "\"")
                || (kind.equals("integer") && types.contains("\"number\""));
        return fits ? rule : null;
    }
}
