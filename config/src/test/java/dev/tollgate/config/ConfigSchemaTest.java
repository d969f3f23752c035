package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigSchemaTest {
    private static final String MODELS = "model_list: [{model_name: m, litellm_params: {model: echo/x}}]\n";

    @TempDir
    Path folder;

    private final JsonNode schema = read(ConfigSchema.json());

    private static JsonNode read(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new AssertionError("not JSON", e);
        }
    }

    /** For each type: what the loader refuses, then what it takes. */
    private static final Map<String, List<List<String>>> VALUES = Map.ofEntries(
            Map.entry("text", List.of(List.of("{a: 1}", "[a]"), List.of("text", "5", "~", "os.environ/ECHO"))),
            Map.entry("number", List.of(List.of("many", "-1"), List.of("1.5", "'2'", "~", "os.environ/TWO"))),
            Map.entry("seconds", List.of(List.of("many", "-1"), List.of("0.5", "'2'", "~", "os.environ/TWO"))),
            Map.entry(
                    "whole", List.of(List.of("many", "-1", "1.5"), List.of("3", "'3'", "3.0", "~", "os.environ/TWO"))),
            Map.entry(
                    "flag",
                    List.of(
                            List.of("maybe", "[true]", "2"),
                            List.of("true", "'no'", "On", "0", "~", "os.environ/YES"))),
            Map.entry("texts", List.of(List.of("{a: 1}", "[[m]]", "[~]"), List.of("[m, m]", "m", "~", "os.environ/M"))),
            Map.entry("text_map", List.of(List.of("[a]", "{a: [b]}", "5"), List.of("{a: 1, b: os.environ/M}", "~"))),
            Map.entry("object", List.of(List.of("5", "[a]"), List.of("{max_budget: 1}", "~"))),
            Map.entry("strategy", List.of(List.of("fastest", "[a]"), List.of("simple-shuffle", "~"))),
            Map.entry(
                    "counts",
                    List.of(
                            List.of("5", "[a]", "{RateLimitErrorRetries: many}"),
                            List.of("{RateLimitErrorRetries: 3, TimeoutErrorRetries: ~}", "~"))),
            Map.entry(
                    "group_counts",
                    List.of(
                            List.of("5", "[a]", "{m: 3}", "{m: {TimeoutErrorRetries: -1}}"),
                            List.of("{m: {TimeoutErrorRetries: 3}}", "{m: ~}", "~"))),
            Map.entry("hedging", List.of(List.of("5", "[a]"), List.of("{enabled: true}", "~"))),
            Map.entry(
                    "group_texts",
                    List.of(List.of("5", "[a]", "{m: {a: 1}}"), List.of("{m: [session_affinity]}", "{m: ~}", "~"))),
            Map.entry(
                    "weights",
                    List.of(List.of("5", "[a]", "{m: many}"), List.of("{m: 1.5, n: {echo/x: 2}}", "{m: ~}", "~"))),
            Map.entry("routing_strategy_args", List.of(List.of("5", "[a]"), List.of("{ttl: 60}", "~"))),
            Map.entry("provider", List.of(List.of("opena", "{a: 1}"), List.of("echo", "~", "os.environ/ECHO"))),
            Map.entry("provider_model", List.of(List.of("nobody/x", "[a]"), List.of("echo/y"))),
            Map.entry(
                    "fallbacks",
                    List.of(List.of("5", "[m]", "[{m: [[m]]}]"), List.of("[{x: [m, {model: m}]}]", "{x: m}", "~"))),
            Map.entry(
                    "aliases",
                    List.of(
                            List.of("[a]", "{a: [m]}", "{a: {model: m, hidden: maybe}}"),
                            List.of("{a: m, b: {model: m, hidden: true}}", "~"))),
            Map.entry(
                    "budgets",
                    List.of(
                            List.of("5", "[a]", "{openai: 5}", "{openai: {budget_limit: many}}"),
                            List.of("{openai: {budget_limit: 5, time_period: 1d}}", "{groq: {max_budget: 1}}", "~"))),
            Map.entry("price", List.of(List.of("dear", "-1"), List.of("1e-6", "'0.5'", "{a: 1}"))));

    private String where(String section, String key, String value) {
        String entry = key + ": " + value;
        return switch (section) {
            case "litellm_params" ->
                "model_list: [{model_name: m, litellm_params: {" + (key.equals("model") ? "" : "model: echo/x, ")
                        + entry + "}}]\n";
            case "model_info" -> MODELS.replace("}}]", "}, model_info: {" + entry + "}}]");
            case "hedging" -> MODELS + "router_settings: {hedging: {" + entry + "}}\n";
            case "routing_strategy_args" -> MODELS + "router_settings: {routing_strategy_args: {" + entry + "}}\n";
            case "credential_values" ->
                "credential_list: [{credential_name: c, credential_values: {" + entry + "}}]\n"
                        + "model_list: [{model_name: m, litellm_params: {model: echo/x, litellm_credential_name: c}}]\n";
            default -> MODELS + section + ": {" + entry + "}\n";
        };
    }

    private List<String> problems(String yaml) throws IOException {
        Map<String, String> variables =
                Map.of("TWO", "2", "YES", "yes", "M", "m", "ECHO", "echo", "URL", "http://127.0.0.1:1");
        return new Loading(folder, variables).problems(yaml);
    }

    private static final Set<String> SECTIONS = Set.of(
            "litellm_params",
            "model_info",
            "credential_values",
            "hedging",
            "routing_strategy_args",
            "router_settings",
            "litellm_settings",
            "general_settings");

    private JsonNode properties(String section) {
        return schema.get("$defs").get(section).get("properties");
    }

    private static String type(JsonNode property) {
        return property.path("$ref").asText("").replace("#/$defs/", "");
    }

    /** Name to type of all that a section types, with the prices, which are typed by their form. */
    private Map<String, String> typed(String section) {
        boolean priced = schema.get("$defs").get(section).has("patternProperties");
        Map<String, String> types = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : properties(section).properties()) {
            String type = type(property.getValue());
            if (!type.isEmpty() || (priced && KnownKeys.isPrice(property.getKey()))) {
                types.put(property.getKey(), type.isEmpty() ? "price" : type);
            }
        }
        return types;
    }

    @Test
    void refusesForEachTypeWhatTheLoaderRefuses() throws IOException {
        for (String section : SECTIONS) {
            for (Map.Entry<String, String> key : typed(section).entrySet()) {
                assertThat(VALUES).containsKey(key.getValue());
                for (String bad : VALUES.get(key.getValue()).getFirst()) {
                    assertThat(problems(where(section, key.getKey(), bad)))
                            .as("%s.%s: %s", section, key.getKey(), bad)
                            .isNotEmpty();
                }
            }
        }
    }

    @Test
    void takesForEachTypeWhatTheLoaderTakes() throws IOException {
        for (String section : SECTIONS) {
            Map<String, String> types = typed(section);
            types.remove("model");
            for (int i = 0; i < 5; i++) {
                int turn = i;
                List<String> all = new ArrayList<>();
                types.forEach((key, type) ->
                        all.add(key + ": " + good(key, VALUES.get(type).getLast(), turn)));
                String last = all.removeLast();
                String name = last.substring(0, last.indexOf(':'));
                String head = all.isEmpty() ? "" : String.join(", ", all) + ", ";
                assertThat(problems(where(section, head + name, last.substring(name.length() + 2))))
                        .as("%s: %s", section, all)
                        .isEmpty();
            }
        }
    }

    private static String good(String key, List<String> values, int turn) {
        return switch (key) {
            case "database_url" -> "postgres://h/d";
            case "budget_duration" -> "30d";
            case "timezone" -> "Europe/Berlin";
            case "unpriced_models" -> "deny";
            case "budget_exceeded_status_code" -> "429";
            case "maximum_spend_logs_retention_period", "maximum_spend_logs_retention_interval" -> "30d";
            case "api_base", "base_url" -> "os.environ/URL";
            case "litellm_credential_name" -> "~";
            default -> values.get(turn % values.size());
        };
    }

    @Test
    void leavesFreeWhatTheLoaderLeavesFree() throws IOException {
        for (String section : SECTIONS) {
            List<String> free = properties(section).properties().stream()
                    .filter(property -> type(property.getValue()).isEmpty() && !KnownKeys.isPrice(property.getKey()))
                    .map(Map.Entry::getKey)
                    .toList();
            for (String value : List.of("many", "-1.5", "{a: [b]}", "[{a: 1}]", "~")) {
                String all = String.join(": " + value + ", ", free);
                assertThat(problems(where(section, free.isEmpty() ? "other" : all, value)))
                        .as("%s: %s", section, value)
                        .isEmpty();
            }
        }
    }

    @Test
    void knowsEachNameAndProviderAndLetsOthersPass() {
        Map<String, UnaryOperator<String>> places = Map.of(
                "top", name -> "/properties/" + name,
                "model", name -> "/$defs/model/properties/" + name,
                "model_group", name -> "/$defs/model_group/properties/" + name,
                "model_info", name -> "/$defs/model_info/properties/" + name,
                "litellm_params", name -> "/$defs/litellm_params/properties/" + name,
                "call_parameters", name -> "/$defs/litellm_params/properties/" + name,
                "litellm_settings", name -> "/$defs/litellm_settings/properties/" + name,
                "router_settings", name -> "/$defs/router_settings/properties/" + name,
                "general_settings", name -> "/$defs/general_settings/properties/" + name);
        places.forEach((file, place) -> assertThat(KnownKeys.of(file).names())
                .isNotEmpty()
                .allSatisfy(name -> assertThat(schema.at(place.apply(name)).isMissingNode())
                        .as("%s of %s", name, file)
                        .isFalse()));
        assertThat(schema.get("$defs").get("provider").toString())
                .contains("\"openai\"", "\"groq\"", "\"ollama_chat\"");
        assertThat(schema.toString()).doesNotContain("\"additionalProperties\":false");
    }

    @Test
    void refersOnlyToDefinitionsThatExistAndUsesThemAll() {
        Set<String> used = new TreeSet<>();
        schema.findValues("$ref").forEach(ref -> used.add(ref.asText().replace("#/$defs/", "")));
        Set<String> defined = new TreeSet<>();
        schema.get("$defs").fieldNames().forEachRemaining(defined::add);
        assertThat(used).isEqualTo(defined);
    }

    @Test
    void isCommittedAsItIsPrinted() throws IOException {
        assertThat(Files.readString(Path.of("../docs/config.schema.json")))
                .as("docs/config.schema.json is old: write it anew with `tollgate schema > docs/config.schema.json`")
                .isEqualTo(ConfigSchema.json());
    }
}
