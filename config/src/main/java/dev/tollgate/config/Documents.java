package dev.tollgate.config;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The main file and all it draws in, as one mapping with every {@code os.environ/NAME} replaced. Files named by {@code include}
 * (relative to the file that names them, each read once) are merged as LiteLLM does: lists are joined, any other value replaces the
 * one before. Beside {@code config.yml}, every file of a {@code models/} folder is read too, in the order of names.
 */
final class Documents {
    private static final String REFERENCE = "os.environ/";

    private final Problems problems;
    private final Set<Path> files = new LinkedHashSet<>();
    private Environment environment;

    Documents(Environment environment, Problems problems) {
        this.environment = environment;
        this.problems = problems;
    }

    /** Every file that was read. */
    List<Path> files() {
        return List.copyOf(files);
    }

    /** The process's variables and those of {@code environment_variables}. */
    Environment environment() {
        return environment;
    }

    Section read(Path file) {
        Map<String, ConfigNode.Entry> all = new LinkedHashMap<>();
        add(file, all);
        Path folder = file.toAbsolutePath().normalize().resolveSibling("models");
        if (Files.isDirectory(folder)) {
            for (Path model : yamlFiles(folder)) {
                add(model, all);
            }
        }
        ConfigNode.Mapping merged = new ConfigNode.Mapping(new Origin(file.toString(), 1, 1), all);
        Section variables = new Section("root", merged, problems).section("environment_variables");
        Map<String, String> set = new HashMap<>();
        for (String name : variables.keys()) {
            ConfigNode value = variables.node(name);
            if (value != null && expanded(value) instanceof ConfigNode.Scalar scalar) {
                set.put(name, scalar.text());
            }
        }
        environment = Environment.of(set).or(environment);
        return new Section("root", (ConfigNode.Mapping) expanded(merged), problems);
    }

    private List<Path> yamlFiles(Path folder) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.{yml,yaml}")) {
            entries.forEach(found::add);
        } catch (IOException e) {
            problems.error(null, folder + " cannot be read: " + e.getMessage());
        }
        found.sort(null);
        return found;
    }

    private void add(Path file, Map<String, ConfigNode.Entry> all) {
        if (!files.add(file.toAbsolutePath().normalize())) {
            return;
        }
        ConfigNode root = YamlReader.read(file, problems);
        ConfigNode.Mapping mapping = asDocument(root);
        if (mapping == null) {
            return;
        }
        mapping.entries().forEach((key, entry) -> all.merge(key, entry, Documents::joined));
        ConfigNode.Entry include = mapping.entries().get("include");
        if (include != null) {
            Section section = new Section("include", mapping, problems);
            for (String name : section.texts("include")) {
                Path target = file.toAbsolutePath().normalize().resolveSibling(name);
                if (Files.isRegularFile(target)) {
                    add(target, all);
                } else {
                    problems.error(include.value().origin(), "included file not found: " + name);
                }
            }
        }
    }

    /** A file of models may be a whole document, a list of models, or one model. */
    private ConfigNode.@Nullable Mapping asDocument(@Nullable ConfigNode root) {
        return switch (root) {
            case null -> null;
            case ConfigNode.Mapping mapping
            when mapping.entries().containsKey("model_name") ->
                models(mapping.origin(), new ConfigNode.Sequence(mapping.origin(), List.of(mapping)));
            case ConfigNode.Mapping mapping -> mapping;
            case ConfigNode.Sequence list -> models(list.origin(), list);
            case ConfigNode.Scalar scalar -> {
                if (scalar.type() != ConfigNode.Type.NULL) {
                    problems.error(scalar.origin(), "the file must hold a mapping such as `model_list:`");
                }
                yield null;
            }
        };
    }

    private static ConfigNode.Mapping models(Origin origin, ConfigNode list) {
        return new ConfigNode.Mapping(origin, Map.of("model_list", new ConfigNode.Entry(origin, list)));
    }

    private static ConfigNode.Entry joined(ConfigNode.Entry before, ConfigNode.Entry after) {
        if (before.value() instanceof ConfigNode.Sequence first
                && after.value() instanceof ConfigNode.Sequence second) {
            List<ConfigNode> items = new ArrayList<>(first.items());
            items.addAll(second.items());
            return new ConfigNode.Entry(before.keyOrigin(), new ConfigNode.Sequence(first.origin(), items));
        }
        return after;
    }

    private ConfigNode expanded(ConfigNode node) {
        return switch (node) {
            case ConfigNode.Mapping mapping -> {
                Map<String, ConfigNode.Entry> entries = new LinkedHashMap<>();
                mapping.entries()
                        .forEach((key, entry) ->
                                entries.put(key, new ConfigNode.Entry(entry.keyOrigin(), expanded(entry.value()))));
                yield new ConfigNode.Mapping(mapping.origin(), entries);
            }
            case ConfigNode.Sequence list ->
                new ConfigNode.Sequence(
                        list.origin(), list.items().stream().map(this::expanded).toList());
            case ConfigNode.Scalar scalar -> scalar(scalar);
        };
    }

    private ConfigNode scalar(ConfigNode.Scalar scalar) {
        if (scalar.type() != ConfigNode.Type.TEXT || !scalar.text().startsWith(REFERENCE)) {
            return scalar;
        }
        String name = scalar.text().substring(REFERENCE.length()).strip();
        String value = environment.get(name);
        if (value == null) {
            problems.error(
                    scalar.origin(),
                    "the environment variable " + name + " is not set; set it or write the value here");
            return new ConfigNode.Scalar(scalar.origin(), ConfigNode.Type.NULL, "");
        }
        return new ConfigNode.Scalar(scalar.origin(), ConfigNode.Type.TEXT, value);
    }
}
