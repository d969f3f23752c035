package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/** End users: {@code /customer/…}, and {@code /end_user/…} as LiteLLM called them before. */
final class CustomerDesk {
    private static final Form FIELDS = LimitFields.LIMITS
            .and(FieldType.ID, "user_id")
            .and(FieldType.TEXT, "alias", "allowed_model_region", "default_model")
            .and(FieldType.TEXTS, "models")
            .and(FieldType.FLAG, "blocked")
            .and(FieldType.AMOUNT, "spend")
            .needs("user_id");
    private static final Form SEVERAL =
            Form.empty().and(FieldType.TEXTS, "user_ids").needs("user_ids");

    private final Office office;

    CustomerDesk(Office office) {
        this.office = office;
    }

    Asked.Reply create(Asked asked) throws Refusal {
        JsonObject fields = asked.read(FIELDS);
        String id = String.valueOf(fields.getString("user_id"));
        if (office.book().entry(Kind.CUSTOMER, id).isPresent()) {
            throw Refusal.bad(
                    "Customer already exists, passed user_id=" + id + ". Please pass a new user_id.", "user_id");
        }
        LimitFields.known(office.book(), fields);
        asked.writing().create(Kind.CUSTOMER, id, asked.born(LimitFields.document(kept(fields))));
        spend(asked, id, fields);
        return Asked.show(() -> row(id));
    }

    Asked.Reply update(Asked asked) throws Refusal {
        JsonObject fields = asked.read(FIELDS);
        Entry customer = get(String.valueOf(fields.getString("user_id")));
        LimitFields.known(office.book(), fields);
        JsonObject document = asked.writing().document(customer);
        LimitFields.merge(document, kept(fields));
        asked.writing().update(customer, asked.changed(document));
        spend(asked, customer.id(), fields);
        return Asked.show(() -> row(customer.id()));
    }

    private Entry get(String id) throws Refusal {
        return office.book()
                .entry(Kind.CUSTOMER, id)
                .orElseThrow(() -> Refusal.missing("End User Id=" + id + " does not exist in db"));
    }

    Asked.Reply info(Asked asked) throws Refusal {
        String id = asked.parameter("end_user_id");
        if (id == null) {
            throw Refusal.bad("end_user_id must be passed", "end_user_id");
        }
        get(id);
        return Asked.show(() -> row(id));
    }

    Asked.Reply list(Asked asked) {
        return Asked.list(() -> {
            JsonArray rows = new JsonArray();
            office.where(Kind.CUSTOMER, _ -> true)
                    .forEach(customer -> rows.add(office.shown().customer(customer.id(), customer.document())));
            return rows;
        });
    }

    Asked.Reply delete(Asked asked) throws Refusal {
        List<String> ids = KeyRules.texts(asked.read(SEVERAL), "user_ids");
        for (String id : ids) {
            asked.writing().delete(get(id));
        }
        return Asked.show(() -> new JsonObject()
                .put("deleted_customers", ids.size())
                .put("message", "Successfully deleted customers with ids: " + ids));
    }

    Asked.Reply block(Asked asked) throws Refusal {
        return turn(asked, true);
    }

    Asked.Reply unblock(Asked asked) throws Refusal {
        return turn(asked, false);
    }

    /** Blocking somebody who was never heard of makes the entry: they may come yet. */
    private Asked.Reply turn(Asked asked, boolean blocked) throws Refusal {
        List<String> ids = KeyRules.texts(asked.read(SEVERAL), "user_ids");
        for (String id : ids) {
            Optional<Entry> customer = office.book().entry(Kind.CUSTOMER, id);
            if (customer.isPresent()) {
                JsonObject document = asked.writing().document(customer.get()).put("blocked", blocked);
                asked.writing().update(customer.get(), asked.changed(document));
            } else if (blocked) {
                JsonObject document = new JsonObject().put("user_id", id).put("blocked", true);
                asked.writing().create(Kind.CUSTOMER, id, asked.born(document));
            } else {
                throw Refusal.missing("End User Id=" + id + " does not exist in db");
            }
        }
        return Asked.show(() -> {
            JsonArray rows = new JsonArray();
            ids.forEach(id -> rows.add(row(id)));
            return new JsonObject().put(blocked ? "blocked_users" : "unblocked_users", rows);
        });
    }

    private static void spend(Asked asked, String id, JsonObject fields) {
        if (fields.getValue("spend") instanceof Number spend) {
            asked.writing().spend(new Holder(Kind.CUSTOMER, id), Usd.nanos(spend));
        }
    }

    private static JsonObject kept(JsonObject fields) {
        JsonObject kept = fields.copy();
        kept.remove("spend");
        return kept;
    }

    private JsonObject row(String id) {
        return office.shown().customer(id, office.document(Kind.CUSTOMER, id));
    }
}
