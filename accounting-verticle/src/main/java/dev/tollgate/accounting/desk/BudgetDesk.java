package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Limits that other entries point to with {@code budget_id}: {@code /budget/…}. */
final class BudgetDesk {
    private static final Form NEW = LimitFields.LIMITS.and(FieldType.COUNTS, "model_rpm_limit", "model_tpm_limit");
    private static final Form UPDATE = NEW.needs("budget_id");
    private static final Form SEVERAL =
            Form.empty().and(FieldType.TEXTS, "budgets").needs("budgets");
    private static final Form ONE = Form.empty().and(FieldType.ID, "id").needs("id");
    private static final List<Kind> POINTING = List.of(
            Kind.KEY,
            Kind.USER,
            Kind.TEAM,
            Kind.MEMBER,
            Kind.ORGANIZATION,
            Kind.ORGANIZATION_MEMBER,
            Kind.CUSTOMER,
            Kind.TAG);

    private static final String PERIOD = "budget_duration";
    private static final String MODELS = "model_max_budget";

    private final Office office;

    BudgetDesk(Office office) {
        this.office = office;
    }

    Asked.Reply create(Asked asked) throws Refusal {
        JsonObject fields = asked.read(NEW);
        String given = fields.getString("budget_id");
        String id = given == null ? UUID.randomUUID().toString() : given;
        if (office.book().entry(Kind.BUDGET, id).isPresent()) {
            throw Refusal.bad("Budget id = " + id + " already exists. Please use a different one.", "budget_id");
        }
        JsonObject document = LimitFields.document(fields).put("budget_id", id);
        asked.writing().create(Kind.BUDGET, id, asked.born(document));
        return Asked.show(() -> row(id));
    }

    Asked.Reply update(Asked asked) throws Refusal {
        JsonObject fields = asked.read(UPDATE);
        Entry budget = get(String.valueOf(fields.getString("budget_id")));
        JsonObject document = asked.writing().document(budget);
        LimitFields.merge(document, fields);
        asked.writing().update(budget, asked.changed(document));
        for (String field : List.of(PERIOD, MODELS)) {
            if (!Objects.equals(budget.document().getValue(field), document.getValue(field))) {
                carry(asked, budget.id(), field);
            }
        }
        return Asked.show(() -> row(budget.id()));
    }

    /** Whoever has the budget's period, by this field, begins another one, with what they have spent. */
    private void carry(Asked asked, String budget, String field) {
        for (Kind kind : POINTING) {
            office.where(
                            kind,
                            document ->
                                    budget.equals(document.getValue("budget_id")) && document.getValue(field) == null)
                    .forEach(asked.writing()::carry);
        }
        for (Entry team : office.where(Kind.TEAM, document -> budget.equals(memberBudget(document)))) {
            for (JsonObject member : Members.of(team.document())) {
                asked.writing().carry(Holder.member(team.id(), member.getString("user_id", "")));
            }
        }
    }

    private static @Nullable Object memberBudget(JsonObject team) {
        return team.getValue("metadata") instanceof JsonObject metadata
                ? metadata.getValue("team_member_budget_id")
                : null;
    }

    private Entry get(String id) throws Refusal {
        return office.book()
                .entry(Kind.BUDGET, id)
                .orElseThrow(() -> Refusal.missing("Budget not found, passed budget_id=" + id));
    }

    /** Those of the named that there are. */
    Asked.Reply info(Asked asked) throws Refusal {
        List<Entry> found = new ArrayList<>();
        for (String id : KeyRules.texts(asked.read(SEVERAL), "budgets")) {
            office.book().entry(Kind.BUDGET, id).ifPresent(found::add);
        }
        return Asked.list(() -> rows(found));
    }

    Asked.Reply list(Asked asked) {
        return Asked.list(() -> rows(office.where(Kind.BUDGET, _ -> true)));
    }

    private JsonArray rows(List<Entry> budgets) {
        JsonArray rows = new JsonArray();
        budgets.forEach(budget -> rows.add(office.shown().budget(budget.id(), budget.document())));
        return rows;
    }

    /** The fields of one with what they mean, for forms. */
    Asked.Reply settings(Asked asked) throws Refusal {
        String id = asked.parameter("budget_id");
        if (id == null) {
            throw Refusal.bad("budget_id must be passed", "budget_id");
        }
        Entry budget = get(id);
        return Asked.list(() -> {
            JsonArray fields = new JsonArray();
            fields().forEach((name, about) -> fields.add(new JsonObject()
                    .put("field_name", name)
                    .put("field_type", about.getFirst())
                    .put("field_description", about.getLast())
                    .put("field_value", budget.document().getValue(name))
                    .put("stored_in_db", budget.document().getValue(name) != null)
                    .put("field_default_value", null)));
            return fields;
        });
    }

    private static Map<String, List<String>> fields() {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        fields.put("max_parallel_requests", List.of("Integer", "Most calls at once"));
        fields.put("tpm_limit", List.of("Integer", "Most tokens a minute"));
        fields.put("rpm_limit", List.of("Integer", "Most requests a minute"));
        fields.put("budget_duration", List.of("String", "How often spend begins anew, such as 30d"));
        fields.put("max_budget", List.of("Float", "Most to spend in each period, in US dollars"));
        fields.put("soft_budget", List.of("Float", "Spend that is worth an alert, in US dollars"));
        return fields;
    }

    /** Whoever points to it does not any more. */
    Asked.Reply delete(Asked asked) throws Refusal {
        Entry budget = get(String.valueOf(asked.read(ONE).getString("id")));
        JsonObject row = row(budget.id());
        asked.writing().delete(budget);
        for (Kind kind : POINTING) {
            for (Entry entry : office.where(kind, document -> budget.id().equals(document.getString("budget_id")))) {
                JsonObject document = asked.writing().document(entry);
                document.remove("budget_id");
                asked.writing().update(entry, asked.changed(document));
            }
        }
        return Asked.show(() -> row);
    }

    private JsonObject row(String id) {
        return office.shown().budget(id, office.document(Kind.BUDGET, id));
    }
}
