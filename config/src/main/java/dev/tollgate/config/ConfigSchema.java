package dev.tollgate.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * The configuration file as a JSON Schema (draft 2020-12), for editors. It is made of what the loader itself reads: names, types and
 * meanings from {@code keys/*.txt}, providers from {@code providers.csv}; a test holds each type against what the loader accepts.
 * Like the loader it lets unknown keys pass, takes a number or a flag in quotes, and {@code os.environ/NAME} for any single value.
 */
public final class ConfigSchema {
    private static final String NUMBER = "^\\s*\\+?([0-9_]+\\.?[0-9_]*|\\.[0-9_]+)([eE][+-]?[0-9]+)?\\s*$";
    private static final String WHOLE = "^\\s*\\+?[0-9_]+(\\.0*)?\\s*$";
    private static final String FLAG = "^([Tt]rue|TRUE|[Ff]alse|FALSE|[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF|1|0)$";
    private static final String REFERENCE = "^os\\.environ/";

    private final ObjectMapper json = new ObjectMapper();
    private final ProviderCatalog catalog = ProviderCatalog.load();
    private final ObjectNode definitions = json.createObjectNode();

    private ConfigSchema() {}

    /** The schema as indented JSON text that ends with a line feed. */
    public static String json() {
        return new ConfigSchema().text();
    }

    private String text() {
        ObjectNode root = json.createObjectNode()
                .put("$schema", "https://json-schema.org/draft/2020-12/schema")
                .put("title", "Tollgate configuration")
                .put("description", "LiteLLM's config.yaml. Unknown keys are kept, with a warning.");
        root.setAll(section(KnownKeys.of("top")));
        scalars();
        models();
        routing();
        for (String name : List.of(
                "router_settings",
                "litellm_settings",
                "general_settings",
                "credential_values",
                "hedging",
                "cluster",
                "routing_strategy_args")) {
            definitions.set(name, section(KnownKeys.of(name)));
        }
        root.set("$defs", definitions);
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
        try {
            return json.writer(printer).writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree can always be written", e);
        }
    }

    private void scalars() {
        definitions.set("text", type("string", "number", "boolean", "null"));
        definitions.set("reference", pattern(REFERENCE).put("description", "The value of this environment variable."));
        ObjectNode number = type("number").put("minimum", 0);
        definitions.set("number", anyOf(number, pattern(NUMBER), ref("reference"), type("null")));
        definitions.set("seconds", anyOf(number.deepCopy(), pattern(NUMBER), ref("reference"), type("null")));
        ObjectNode whole = type("integer").put("minimum", 0);
        definitions.set("whole", anyOf(whole, pattern(WHOLE), ref("reference"), type("null")));
        ObjectNode digit = json.createObjectNode();
        digit.putArray("enum").add(0).add(1);
        definitions.set("flag", anyOf(type("boolean"), pattern(FLAG), digit, ref("reference"), type("null")));
        definitions.set("strategy", anyOf(choice(SettingsReader.STRATEGIES), ref("reference"), type("null")));
        List<String> providers = catalog.nameSet().stream().sorted().toList();
        definitions.set("provider", anyOf(choice(providers), ref("reference"), type("null")));
        ObjectNode model = type("string");
        ArrayNode examples = model.putArray("examples");
        providers.forEach(name -> examples.add(name + "/"));
        definitions.set("provider_model", model);
        ObjectNode single = type("string", "number", "boolean");
        ObjectNode list = type("array");
        list.set("items", single);
        definitions.set("texts", anyOf(list, single.deepCopy(), type("null")));
        ObjectNode map = type("object", "null");
        map.set("additionalProperties", ref("text"));
        definitions.set("text_map", map);
        definitions.set("object", type("object", "null"));
        ObjectNode counts = type("object", "null");
        counts.set("additionalProperties", ref("whole"));
        definitions.set("counts", counts);
        ObjectNode groupCounts = type("object", "null");
        groupCounts.set("additionalProperties", ref("counts"));
        definitions.set("group_counts", groupCounts);
        ObjectNode groupTexts = type("object", "null");
        groupTexts.set("additionalProperties", ref("texts"));
        definitions.set("group_texts", groupTexts);
        ObjectNode numbers = type("object", "null");
        numbers.set("additionalProperties", ref("number"));
        ObjectNode weights = type("object", "null");
        weights.set("additionalProperties", anyOf(ref("number"), numbers));
        definitions.set("weights", weights);
        definitions.set("price", anyOf(ref("number"), type("object"), type("array")));
        ObjectNode budget = type("object", "null");
        ObjectNode members = budget.putObject("properties");
        for (String name : List.of("budget_limit", "max_budget")) {
            members.set(name, ref("number"));
        }
        for (String name : List.of("time_period", "budget_duration")) {
            members.set(name, ref("text"));
        }
        ObjectNode window = type("object");
        window.putObject("properties").set("budget_duration", ref("text"));
        ((ObjectNode) window.get("properties")).set("max_budget", ref("number"));
        window.putArray("required").add("budget_duration").add("max_budget");
        definitions.set("window", window);
        definitions.set("windows", listOf("window"));
        ObjectNode budgets = type("object", "null");
        budgets.set("additionalProperties", budget);
        definitions.set("budgets", budgets);
    }

    private void models() {
        ObjectNode params = section(KnownKeys.of("litellm_params"));
        ObjectNode properties = (ObjectNode) params.get("properties");
        KnownKeys.of("call_parameters").names().forEach(name -> {
            if (!properties.has(name)) {
                properties.putObject(name);
            }
        });
        definitions.set("litellm_params", priced(params));
        definitions.set("model_info", priced(section(KnownKeys.of("model_info"))));
        ObjectNode model = item("model");
        model.putArray("required").add("model_name").add("litellm_params");
        ((ObjectNode) model.get("properties").get("litellm_params"))
                .putArray("required")
                .add("model");
        definitions.set("model", model);
        definitions.set("models", listOf("model"));
        ObjectNode group = item("model_group");
        group.putArray("required").add("name").add("models");
        definitions.set("model_group", group);
        definitions.set("model_groups", listOf("model_group"));
        ObjectNode credential = item("credential");
        credential.putArray("required").add("credential_name");
        definitions.set("credential", credential);
        definitions.set("credentials", listOf("credential"));
        ObjectNode key = item("virtual_key");
        key.putArray("required").add("key");
        definitions.set("virtual_key", key);
        definitions.set("virtual_keys", listOf("virtual_key"));
    }

    private void routing() {
        ObjectNode full = type("object");
        full.putArray("required").add("model");
        full.putObject("properties").set("model", ref("text"));
        ObjectNode target = anyOf(type("string", "number", "boolean"), full);
        ObjectNode targets = type("array");
        targets.set("items", target);
        ObjectNode entry = type("object");
        entry.set("additionalProperties", anyOf(targets, target.deepCopy(), type("null")));
        definitions.set("fallback", entry);
        definitions.set("fallbacks", listOf("fallback"));
        ObjectNode alias = type("object");
        ObjectNode properties = alias.putObject("properties");
        properties.set("model", ref("text"));
        properties.set("hidden", ref("flag"));
        ObjectNode aliases = type("object", "null");
        aliases.set("additionalProperties", anyOf(ref("text"), alias));
        definitions.set("aliases", aliases);
    }

    private ObjectNode section(KnownKeys keys) {
        ObjectNode section = type("object", "null");
        ObjectNode properties = section.putObject("properties");
        keys.keys().forEach((name, key) -> {
            ObjectNode property = properties.putObject(name);
            if (!key.type().isEmpty()) {
                property.setAll(ref(key.type()));
            }
            if (!key.meaning().isEmpty()) {
                property.put("description", key.meaning());
            }
        });
        return section;
    }

    private ObjectNode priced(ObjectNode section) {
        section.putObject("patternProperties").set(KnownKeys.PRICE.pattern(), ref("price"));
        return section;
    }

    /** An item of a list, which cannot be left empty as a section can. */
    private ObjectNode item(String name) {
        return section(KnownKeys.of(name)).put("type", "object");
    }

    private ObjectNode listOf(String name) {
        ObjectNode list = type("array");
        list.set("items", ref(name));
        return anyOf(list, ref(name), type("null"));
    }

    private ObjectNode ref(String name) {
        return json.createObjectNode().put("$ref", "#/$defs/" + name);
    }

    private ObjectNode pattern(String pattern) {
        return type("string").put("pattern", pattern);
    }

    private ObjectNode choice(List<String> names) {
        ObjectNode choice = json.createObjectNode();
        ArrayNode values = choice.putArray("enum");
        names.forEach(values::add);
        return choice;
    }

    private ObjectNode type(String... names) {
        ObjectNode node = json.createObjectNode();
        if (names.length == 1) {
            return node.put("type", names[0]);
        }
        ArrayNode types = node.putArray("type");
        for (String name : names) {
            types.add(name);
        }
        return node;
    }

    private ObjectNode anyOf(ObjectNode... choices) {
        ObjectNode node = json.createObjectNode();
        ArrayNode any = node.putArray("anyOf");
        for (ObjectNode choice : choices) {
            any.add(choice);
        }
        return node;
    }
}
