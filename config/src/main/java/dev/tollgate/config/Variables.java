package dev.tollgate.config;

import java.util.LinkedHashMap;
import java.util.Map;

/** Puts the environment's values in the place of {@code os.environ/NAME}. */
final class Variables {
    private static final String REFERENCE = "os.environ/";

    private final Environment environment;
    private final Problems problems;

    Variables(Environment environment, Problems problems) {
        this.environment = environment;
        this.problems = problems;
    }

    ConfigNode in(ConfigNode node) {
        return switch (node) {
            case ConfigNode.Mapping mapping -> in(mapping);
            case ConfigNode.Sequence list ->
                new ConfigNode.Sequence(
                        list.origin(), list.items().stream().map(this::in).toList());
            case ConfigNode.Scalar scalar -> scalar(scalar);
        };
    }

    ConfigNode.Mapping in(ConfigNode.Mapping mapping) {
        Map<String, ConfigNode.Entry> entries = new LinkedHashMap<>();
        mapping.entries()
                .forEach((key, entry) -> entries.put(key, new ConfigNode.Entry(entry.keyOrigin(), in(entry.value()))));
        return new ConfigNode.Mapping(mapping.origin(), entries);
    }

    private ConfigNode scalar(ConfigNode.Scalar scalar) {
        if (scalar.type() != ConfigNode.Type.TEXT || !scalar.text().startsWith(REFERENCE)) {
            return scalar;
        }
        String name = scalar.text().substring(REFERENCE.length()).strip();
        String value = environment.get(name);
        if (value == null) {
            problems.unset(scalar.origin(), name);
            return new ConfigNode.Scalar(scalar.origin(), ConfigNode.Type.UNSET, "", scalar.text());
        }
        return new ConfigNode.Scalar(scalar.origin(), ConfigNode.Type.TEXT, value, scalar.text());
    }
}
