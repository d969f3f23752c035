package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** The fields that say what an entry may use, and those that LiteLLM keeps inside {@code metadata}. */
final class LimitFields {
    /** Of everything that has limits. */
    static final Form LIMITS = Form.empty()
            .and(FieldType.AMOUNT, "max_budget", "soft_budget")
            .and(FieldType.COUNT, "max_parallel_requests", "tpm_limit", "rpm_limit", "tpd_limit")
            .and(FieldType.PERIOD, "budget_duration")
            .and(FieldType.BUDGETS, "model_max_budget")
            .and(FieldType.WINDOWS, "budget_limits")
            .and(FieldType.ID, "budget_id");

    /** Of keys, users and teams besides. */
    static final Form MORE = LIMITS.and(FieldType.AMOUNT, "spend")
            .and(FieldType.TEXTS, "models")
            .and(FieldType.FLAG, "blocked")
            .and(FieldType.METADATA, "metadata")
            .and(FieldType.COUNTS, "model_rpm_limit", "model_tpm_limit")
            .and(FieldType.TEXTS, "tags", "guardrails", "policies", "prompts", "enforced_params");

    private static final List<String> IN_METADATA = List.of(
            "model_rpm_limit", "model_tpm_limit", "tags", "guardrails", "policies", "prompts", "enforced_params");

    private LimitFields() {}

    /** Moves fields into the metadata where LiteLLM has them: into the new one, else into that which the entry has already. */
    static void fold(JsonObject fields, JsonObject before) {
        boolean any = false;
        JsonObject metadata = fields.getJsonObject("metadata", before.getJsonObject("metadata", new JsonObject()));
        metadata = metadata == null ? new JsonObject() : metadata.copy();
        for (String name : IN_METADATA) {
            if (fields.containsKey(name)) {
                any = true;
                Object value = fields.remove(name);
                if (value == null) {
                    metadata.remove(name);
                } else {
                    metadata.put(name, value);
                }
            }
        }
        if (any) {
            fields.put("metadata", metadata);
        }
    }

    /** Takes over what an update says; null takes a field away. */
    static void merge(JsonObject document, JsonObject fields) {
        fields.forEach(field -> {
            if (field.getValue() == null) {
                document.remove(field.getKey());
            } else {
                document.put(field.getKey(), field.getValue());
            }
        });
    }

    /** A new document of the fields that are not null. */
    static JsonObject document(JsonObject fields) {
        JsonObject document = new JsonObject();
        merge(document, fields);
        return document;
    }

    /** A budget that is pointed to must be there. */
    static void known(Book book, JsonObject fields) throws Refusal {
        String budget = fields.getString("budget_id");
        if (budget != null && book.entry(Kind.BUDGET, budget).isEmpty()) {
            throw Refusal.bad(
                    "Budget not found, passed budget_id=" + budget + ". Create it via `/budget/new`", "budget_id");
        }
        String organization = fields.getString("organization_id");
        if (organization != null && book.entry(Kind.ORGANIZATION, organization).isEmpty()) {
            throw Refusal.bad("Organization not found for organization_id=" + organization, "organization_id");
        }
    }
}
