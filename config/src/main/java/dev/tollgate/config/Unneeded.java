package dev.tollgate.config;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Takes out of a configuration what a node does not need for its roles, before any variable is looked up: a node that does not talk to
 * providers never holds their keys, and one that only talks to them does not miss the gateway's own variables. What is taken out of a
 * model leaves its sum behind, so that the model has the same id on every node.
 */
final class Unneeded {
    private static final String REFERENCE = "os.environ/";

    /** What the router and the reports read of {@code litellm_params}, besides prices. All else is for whoever makes the call. */
    private static final Set<String> CHOOSING = Set.of(
            "model",
            "custom_llm_provider",
            "api_base",
            "base_url",
            "litellm_credential_name",
            "weight",
            "rpm",
            "tpm",
            "order",
            "timeout",
            "stream_timeout",
            "num_retries",
            "max_retries",
            "cooldown_time",
            "tags",
            "tag_regex",
            "max_parallel_requests",
            "region_name",
            "max_budget",
            "budget_duration",
            "mock_response");

    /** Where a front can do without what the variable would say. */
    private static final Set<String> ADDRESSES = Set.of("api_base", "base_url");

    /** LiteLLM's files have more sections, for what the gateway does not do; there may be providers' keys in them. */
    private static final Set<String> READ = Set.of(
            "model_list",
            "credential_list",
            "environment_variables",
            "cluster",
            "general_settings",
            "include",
            "litellm_settings",
            "model_groups",
            "router_settings",
            "virtual_keys");

    private static final Set<String> OF_PROVIDERS =
            Set.of("model_list", "credential_list", "environment_variables", "cluster");

    private final Roles roles;
    private final Environment environment;
    private final Set<String> keyVariables;
    private final Set<String> withheld = new HashSet<>();

    /** Variables that the file itself brings. */
    private Set<String> own = Set.of();

    Unneeded(Roles roles, Environment environment, Set<String> keyVariables) {
        this.roles = roles;
        this.environment = environment;
        this.keyVariables = keyVariables;
    }

    /** Whether the router, too, reads that parameter of a model. */
    static boolean choosing(String parameter) {
        return CHOOSING.contains(parameter) || KnownKeys.isPrice(parameter);
    }

    /** What is left of the top-level members. */
    Map<String, ConfigNode.Entry> without(Map<String, ConfigNode.Entry> all) {
        ConfigNode.Entry block = all.get("environment_variables");
        if (block != null && block.value() instanceof ConfigNode.Mapping variables) {
            own = Set.copyOf(variables.entries().keySet());
        }
        return switch (roles) {
            case ALL -> all;
            case FRONT -> front(all);
            case PROVIDER -> provider(all);
        };
    }

    private Map<String, ConfigNode.Entry> front(Map<String, ConfigNode.Entry> all) {
        Map<String, ConfigNode.Entry> left = new LinkedHashMap<>(all);
        left.computeIfPresent("model_list", (_, list) -> items(list, "litellm_params"));
        left.computeIfPresent("credential_list", (_, list) -> items(list, "credential_values"));
        left.replaceAll((name, entry) ->
                READ.contains(name) ? entry : new ConfigNode.Entry(entry.keyOrigin(), taken(entry.value())));
        left.computeIfPresent("environment_variables", (_, block) -> variables(block));
        return left;
    }

    private ConfigNode.Entry items(ConfigNode.Entry list, String part) {
        ConfigNode value = list.value();
        if (value instanceof ConfigNode.Sequence items) {
            value = new ConfigNode.Sequence(
                    items.origin(),
                    items.items().stream().map(item -> item(item, part)).toList());
        } else {
            value = item(value, part);
        }
        return new ConfigNode.Entry(list.keyOrigin(), value);
    }

    private ConfigNode item(ConfigNode item, String part) {
        return item instanceof ConfigNode.Mapping mapping ? routing(mapping, part) : item;
    }

    /** What a front needs of a model or credential, whose secrets are in that part of it. */
    ConfigNode.Mapping routing(ConfigNode.Mapping mapping, String part) {
        ConfigNode.Entry inner = mapping.entries().get(part);
        if (inner == null || !(inner.value() instanceof ConfigNode.Mapping values)) {
            return mapping;
        }
        Map<String, ConfigNode.Entry> left = new LinkedHashMap<>(values.entries());
        left.replaceAll((name, entry) -> {
            ConfigNode value = entry.value();
            if (ADDRESSES.contains(name) && value instanceof ConfigNode.Scalar reference && !here(value)) {
                value = new ConfigNode.Scalar(value.origin(), ConfigNode.Type.UNSET, "", reference.text());
            } else if (!choosing(name) && !(value instanceof ConfigNode.Scalar scalar && scalar.empty())) {
                value = taken(value);
            }
            return new ConfigNode.Entry(entry.keyOrigin(), value);
        });
        Map<String, ConfigNode.Entry> members = new LinkedHashMap<>(mapping.entries());
        members.put(part, new ConfigNode.Entry(inner.keyOrigin(), new ConfigNode.Mapping(values.origin(), left)));
        return new ConfigNode.Mapping(mapping.origin(), members);
    }

    private ConfigNode.Scalar taken(ConfigNode value) {
        noteVariables(value);
        return new ConfigNode.Scalar(value.origin(), ConfigNode.Type.UNSET, "", JsonText.sum(value));
    }

    private boolean here(ConfigNode value) {
        return !(value instanceof ConfigNode.Scalar scalar)
                || !scalar.text().startsWith(REFERENCE)
                || own.contains(name(scalar))
                || environment.get(name(scalar)) != null;
    }

    private void noteVariables(ConfigNode value) {
        switch (value) {
            case ConfigNode.Mapping mapping ->
                mapping.entries().values().forEach(entry -> noteVariables(entry.value()));
            case ConfigNode.Sequence list -> list.items().forEach(this::noteVariables);
            case ConfigNode.Scalar scalar -> {
                if (scalar.text().startsWith(REFERENCE)) {
                    withheld.add(name(scalar));
                }
            }
        }
    }

    /** Keys that the file itself brings as variables are not for this node either. */
    private ConfigNode.Entry variables(ConfigNode.Entry block) {
        if (!(block.value() instanceof ConfigNode.Mapping mapping)) {
            return block;
        }
        Map<String, ConfigNode.Entry> left = new LinkedHashMap<>(mapping.entries());
        left.keySet().removeIf(name -> keyVariables.contains(name) || withheld.contains(name));
        return new ConfigNode.Entry(block.keyOrigin(), new ConfigNode.Mapping(mapping.origin(), left));
    }

    private Map<String, ConfigNode.Entry> provider(Map<String, ConfigNode.Entry> all) {
        Map<String, ConfigNode.Entry> left = new LinkedHashMap<>(all);
        left.replaceAll((name, entry) -> OF_PROVIDERS.contains(name)
                ? entry
                : new ConfigNode.Entry(entry.keyOrigin(), withoutMissing(entry.value())));
        return left;
    }

    private ConfigNode withoutMissing(ConfigNode value) {
        return switch (value) {
            case ConfigNode.Mapping mapping -> {
                Map<String, ConfigNode.Entry> entries = new LinkedHashMap<>(mapping.entries());
                entries.replaceAll(
                        (_, entry) -> new ConfigNode.Entry(entry.keyOrigin(), withoutMissing(entry.value())));
                yield new ConfigNode.Mapping(mapping.origin(), entries);
            }
            case ConfigNode.Sequence list ->
                new ConfigNode.Sequence(
                        list.origin(),
                        list.items().stream().map(this::withoutMissing).toList());
            case ConfigNode.Scalar scalar -> here(scalar) ? scalar : taken(scalar);
        };
    }

    private static String name(ConfigNode.Scalar reference) {
        return reference.text().substring(REFERENCE.length()).strip();
    }
}
