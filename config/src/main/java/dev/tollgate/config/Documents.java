package dev.tollgate.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
    private final Problems problems;
    private final Sources.Recorder read = new Sources.Recorder();
    private final ProviderCatalog catalog;
    private Environment environment;
    private Roles roles = Roles.ALL;

    Documents(Environment environment, ProviderCatalog catalog, Problems problems) {
        this.environment = environment;
        this.catalog = catalog;
        this.problems = problems;
    }

    /** What this node does, and so what was left out of what was read. */
    Roles roles() {
        return roles;
    }

    /** Every file that was read or looked for. */
    Sources sources() {
        return read.sources();
    }

    /** The process's variables and those of {@code environment_variables}. */
    Environment environment() {
        return environment;
    }

    Section read(Path file) {
        Map<String, ConfigNode.Entry> all = new LinkedHashMap<>();
        add(file, all);
        folder(file.toAbsolutePath().normalize().resolveSibling("models"), all);
        roles = roles(all);
        Map<String, ConfigNode.Entry> needed =
                new LinkedHashMap<>(new Unneeded(roles, environment, catalog.keyVariables()).without(all));
        ConfigNode.Mapping merged = new ConfigNode.Mapping(new Origin(file.toString(), 1, 1), needed);
        Map<String, String> set = new HashMap<>();
        ConfigNode.Entry block = needed.get("environment_variables");
        if (block != null) {
            // These are in force for all the other values, so they are replaced first, by the environment alone.
            ConfigNode.Entry ready = new ConfigNode.Entry(block.keyOrigin(), expanded(block.value()));
            needed.put("environment_variables", ready);
            set.putAll(new Section("", merged, problems).textMap("environment_variables"));
        }
        environment = Environment.of(set).or(environment);
        return new Section("", (ConfigNode.Mapping) expanded(merged), problems);
    }

    private Roles roles(Map<String, ConfigNode.Entry> all) {
        ConfigNode.Entry cluster = all.get("cluster");
        ConfigNode.Mapping said = cluster != null && cluster.value() instanceof ConfigNode.Mapping mapping
                ? new ConfigNode.Mapping(mapping.origin(), new LinkedHashMap<>(mapping.entries()))
                : null;
        if (said != null) {
            said.entries().keySet().retainAll(Set.of("roles"));
            said = new Variables(environment, problems).in(said);
        }
        return Roles.read(new Section("cluster", said, problems), environment, problems);
    }

    private void folder(Path folder, Map<String, ConfigNode.Entry> all) {
        if (read.missing(folder) && Files.isDirectory(folder)) {
            try {
                List<Path> models = Sources.yamlFiles(folder);
                read.names(folder, models);
                models.forEach(model -> add(model, all));
            } catch (IOException e) {
                problems.error(null, folder + " cannot be read: " + e.getMessage());
            }
        }
    }

    private byte @Nullable [] content(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            read.content(file.toAbsolutePath().normalize(), bytes);
            return bytes;
        } catch (NoSuchFileException _) {
            problems.error(null, "Config file not found: " + file);
        } catch (IOException e) {
            problems.error(null, "Config file " + file + " cannot be read: " + e.getMessage());
        }
        return null;
    }

    private void add(Path file, Map<String, ConfigNode.Entry> all) {
        byte[] content = read.missing(file.toAbsolutePath().normalize()) ? content(file) : null;
        if (content == null) {
            return;
        }
        ConfigNode root = YamlReader.read(file.toString(), content, problems);
        ConfigNode.Mapping mapping = asDocument(root);
        if (mapping == null) {
            return;
        }
        mapping.entries().forEach((key, entry) -> all.merge(key, entry, Documents::joined));
        ConfigNode.Entry include = mapping.entries().get("include");
        if (include != null) {
            include(file.toAbsolutePath().normalize(), include, all);
        }
    }

    private void include(Path from, ConfigNode.Entry include, Map<String, ConfigNode.Entry> all) {
        ConfigNode.Entry ready = new ConfigNode.Entry(include.keyOrigin(), expanded(include.value()));
        ConfigNode.Mapping only = new ConfigNode.Mapping(include.keyOrigin(), Map.of("include", ready));
        for (String name : new Section("", only, problems).texts("include")) {
            Path target = from.resolveSibling(name).normalize();
            if (Files.isRegularFile(target)) {
                add(target, all);
            } else if (read.missing(target)) {
                problems.error(include.value().origin(), "included file not found: " + name);
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
                if (!scalar.empty()) {
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
        return new Variables(environment, problems).in(node);
    }
}
