package dev.tollgate.accounting.desk;

import dev.tollgate.config.Nearest;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Members of a request's body that are probably fields with a slip in their name. They are ignored, as LiteLLM ignores them; but a
 * key whose {@code max_buget} is ignored has no limit, so whoever sent it is told. What is like nothing that is known is not told of.
 */
final class Misspelt {
    private static final int MOST_TOLD = 8;

    /** A body may have many thousands of members, and each name is compared with all fields. */
    private static final int MOST_COMPARED = 64;

    /** Fields of LiteLLM that mean nothing here, and those of its other endpoints that are much like one another. */
    private static final Set<String> IGNORED = Set.of(
            "access_group_ids",
            "agent_id",
            "allowed_models",
            "allowed_passthrough_routes",
            "allowed_vector_store_indexes",
            "budget_fallbacks",
            "budget_reset_at",
            "default_estimated_output_tokens",
            "default_estimated_output_tokens_per_model",
            "denied_passthrough_routes",
            "disable_global_guardrails",
            "enable_prompt_caching",
            "end_user_budget_id",
            "enforced_batch_output_expires_after",
            "enforced_file_expires_after",
            "key_alias",
            "mcp_rpm_limit",
            "new_master_key",
            "object_permission",
            "password",
            "project_id",
            "rotation_interval",
            "router_settings",
            "rpm_limit_type",
            "secret_manager_settings",
            "send_invite_email",
            "tag_rpm_limit",
            "team_alias",
            "temp_budget_expiry",
            "temp_budget_increase",
            "throttle_on_budget_exceeded",
            "tpm_limit_type",
            "user_alias");

    private final Set<String> warnings = new LinkedHashSet<>();

    /** A list of objects has the same names again and again. */
    private final Set<Comparison> compared = new HashSet<>();

    private record Comparison(String name, Set<String> known) {}

    /** Compares the members of an object with the fields that are read from it. */
    void look(JsonObject given, Set<String> known) {
        for (String name : given.fieldNames()) {
            if (known.contains(name) || IGNORED.contains(name)) {
                continue;
            }
            if (compared.size() == MOST_COMPARED || warnings.size() == MOST_TOLD) {
                return;
            }
            if (!compared.add(new Comparison(name, known))) {
                continue;
            }
            String meant = Nearest.to(name, known);
            if (meant != null) {
                warnings.add("unknown field \"" + printable(name) + "\"; did you mean \"" + meant + "\"?");
            }
        }
    }

    /** A header and a line of the log can hold it. It is about as long as the name that is meant. */
    private static String printable(String name) {
        return name.replaceAll("[^ -~]|[\"\\\\]", "?");
    }

    /** What to tell, in the order of the body. */
    List<String> warnings() {
        return List.copyOf(warnings);
    }
}
