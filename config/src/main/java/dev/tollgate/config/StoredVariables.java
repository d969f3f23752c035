package dev.tollgate.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Puts the environment's values in the place of {@code os.environ/NAME} in what the admin API made: only where a provider's keys and
 * addresses belong, for anywhere else their values would be shown or sent to a model, and none of the gateway's own. Where there is no
 * master key anybody may call the admin API, so there nobody gets any.
 */
final class StoredVariables {
    private static final String REFERENCE = "os.environ/";
    private static final Set<String> SECTIONS = Set.of("litellm_params", "credential_values");
    private static final Set<String> KEYS = Set.of(
            "api_key",
            "api_base",
            "base_url",
            "api_version",
            "organization",
            "extra_headers",
            "azure_ad_token",
            "tenant_id",
            "client_id",
            "client_secret",
            "aws_access_key_id",
            "aws_secret_access_key",
            "aws_session_token",
            "aws_region_name",
            "aws_role_name",
            "vertex_credentials",
            "vertex_project",
            "vertex_location");

    private final Variables variables;
    private final Problems problems;
    private final boolean keyed;

    /** {@code keyed}: whether the gateway has a master key. */
    StoredVariables(Environment environment, Problems problems, boolean keyed) {
        this.variables = new Variables(environment, problems);
        this.problems = problems;
        this.keyed = keyed;
    }

    ConfigNode.Mapping in(ConfigNode.Mapping entry) {
        Map<String, ConfigNode.Entry> entries = new LinkedHashMap<>(entry.entries());
        entries.replaceAll((name, part) -> SECTIONS.contains(name) && part.value() instanceof ConfigNode.Mapping section
                ? new ConfigNode.Entry(part.keyOrigin(), section(section))
                : part);
        return new ConfigNode.Mapping(entry.origin(), entries);
    }

    private ConfigNode.Mapping section(ConfigNode.Mapping section) {
        Map<String, ConfigNode.Entry> entries = new LinkedHashMap<>(section.entries());
        entries.replaceAll((name, part) -> KEYS.contains(name) && allowed(part.value())
                ? new ConfigNode.Entry(part.keyOrigin(), variables.in(part.value()))
                : part);
        return new ConfigNode.Mapping(section.origin(), entries);
    }

    private boolean allowed(ConfigNode node) {
        return switch (node) {
            case ConfigNode.Mapping mapping ->
                mapping.entries().values().stream().allMatch(entry -> allowed(entry.value()));
            case ConfigNode.Sequence list -> list.items().stream().allMatch(this::allowed);
            case ConfigNode.Scalar scalar -> !scalar.text().startsWith(REFERENCE) || allowed(scalar);
        };
    }

    private boolean allowed(ConfigNode.Scalar reference) {
        String name = reference.text().substring(REFERENCE.length()).strip();
        if (!keyed) {
            problems.error(
                    reference.origin(),
                    "`os.environ/` needs a master key here: without one anybody could have the gateway's variables");
            return false;
        }
        if (name.startsWith("LITELLM_") || name.startsWith("TOLLGATE_") || name.startsWith("DATABASE_")) {
            problems.error(
                    reference.origin(), "the variable " + name + " is the gateway's own, and no model may have it");
            return false;
        }
        return true;
    }
}
