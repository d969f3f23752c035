package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Labels of calls, with limits of their own: {@code /tag/…}. */
final class TagDesk {
    private static final Form FIELDS = LimitFields.LIMITS
            .and(FieldType.ID, "name")
            .and(FieldType.TEXT, "description")
            .and(FieldType.TEXTS, "models")
            .and(FieldType.OBJECT, "model_info")
            .and(FieldType.AMOUNT, "spend")
            .needs("name");
    private static final Form ONE = Form.empty().and(FieldType.ID, "name").needs("name");
    private static final Form SEVERAL =
            Form.empty().and(FieldType.TEXTS, "names").needs("names");

    private final Office office;
    private final Supplier<Set<String>> listed;

    /** {@code listed}: tags that have a budget in the configuration file. */
    TagDesk(Office office, Supplier<Set<String>> listed) {
        this.office = office;
        this.listed = listed;
    }

    Asked.Reply create(Asked asked) throws Refusal {
        JsonObject fields = asked.read(FIELDS);
        String name = String.valueOf(fields.getString("name"));
        if (office.book().entry(Kind.TAG, name).isPresent()) {
            throw Refusal.conflict("Tag " + name + " already exists");
        }
        LimitFields.known(office.book(), fields);
        JsonObject document = asked.born(LimitFields.document(kept(fields)));
        if (listed.get().contains(name)) {
            asked.writing().adopt(Kind.TAG, name, document);
        } else {
            asked.writing().create(Kind.TAG, name, document);
        }
        spend(asked, name, fields);
        return said(name, "created");
    }

    Asked.Reply update(Asked asked) throws Refusal {
        JsonObject fields = asked.read(FIELDS);
        Entry tag = get(String.valueOf(fields.getString("name")));
        LimitFields.known(office.book(), fields);
        JsonObject document = asked.writing().document(tag);
        LimitFields.merge(document, kept(fields));
        asked.writing().update(tag, asked.changed(document));
        spend(asked, tag.id(), fields);
        return said(tag.id(), "updated");
    }

    private Asked.Reply said(String name, String done) {
        return Asked.show(() -> new JsonObject()
                .put("message", "Tag " + name + " " + done + " successfully")
                .put("tag", office.shown().tag(name, office.document(Kind.TAG, name))));
    }

    private Entry get(String name) throws Refusal {
        return office.book().entry(Kind.TAG, name).orElseThrow(() -> Refusal.missing("Tag " + name + " not found"));
    }

    Asked.Reply info(Asked asked) throws Refusal {
        List<String> names = KeyRules.texts(asked.read(SEVERAL), "names");
        for (String name : names) {
            get(name);
        }
        return Asked.show(() -> {
            JsonObject rows = new JsonObject();
            names.forEach(name -> rows.put(name, office.shown().tag(name, office.document(Kind.TAG, name))));
            return rows;
        });
    }

    Asked.Reply list(Asked asked) {
        return Asked.list(() -> {
            JsonArray rows = new JsonArray();
            office.where(Kind.TAG, _ -> true)
                    .forEach(tag -> rows.add(office.shown().tag(tag.id(), tag.document())));
            return rows;
        });
    }

    Asked.Reply delete(Asked asked) throws Refusal {
        String name = String.valueOf(asked.read(ONE).getString("name"));
        asked.writing().delete(get(name));
        if (listed.get().contains(name)) {
            asked.writing().carry(new Holder(Kind.TAG, name));
        }
        return Asked.show(() -> new JsonObject().put("message", "Tag " + name + " deleted successfully"));
    }

    private static void spend(Asked asked, String name, JsonObject fields) {
        if (fields.getValue("spend") instanceof Number spend) {
            asked.writing().spend(new Holder(Kind.TAG, name), Usd.nanos(spend));
        }
    }

    private static JsonObject kept(JsonObject fields) {
        JsonObject kept = fields.copy();
        kept.remove("spend");
        return kept;
    }
}
