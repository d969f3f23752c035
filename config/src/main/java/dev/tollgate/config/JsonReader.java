package dev.tollgate.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON as if it stood in a configuration file. All of it has the one place that is given. */
final class JsonReader {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private final Origin origin;

    JsonReader(Origin origin) {
        this.origin = origin;
    }

    /** An empty mapping, and a problem, when the text is no JSON object. */
    ConfigNode.Mapping mapping(String text, Problems problems) {
        try {
            if (node(JSON.readTree(text)) instanceof ConfigNode.Mapping mapping) {
                return mapping;
            }
            problems.error(origin, "it is no JSON object");
        } catch (JsonProcessingException _) {
            // Its message would quote the text, which may be secret.
            problems.error(origin, "it is no JSON");
        }
        return new ConfigNode.Mapping(origin, Map.of());
    }

    private ConfigNode node(JsonNode json) {
        return switch (json.getNodeType()) {
            case OBJECT -> {
                Map<String, ConfigNode.Entry> entries = new LinkedHashMap<>();
                json.properties()
                        .forEach(field ->
                                entries.put(field.getKey(), new ConfigNode.Entry(origin, node(field.getValue()))));
                yield new ConfigNode.Mapping(origin, entries);
            }
            case ARRAY -> {
                List<ConfigNode> items = new ArrayList<>();
                json.forEach(item -> items.add(node(item)));
                yield new ConfigNode.Sequence(origin, items);
            }
            case NUMBER ->
                scalar(json.isIntegralNumber() ? ConfigNode.Type.INTEGER : ConfigNode.Type.DECIMAL, json.asText());
            case BOOLEAN -> scalar(ConfigNode.Type.BOOLEAN, json.asText());
            case NULL, MISSING -> scalar(ConfigNode.Type.NULL, "");
            case STRING, BINARY, POJO -> scalar(ConfigNode.Type.TEXT, json.asText());
        };
    }

    private ConfigNode.Scalar scalar(ConfigNode.Type type, String text) {
        return new ConfigNode.Scalar(origin, type, text);
    }
}
