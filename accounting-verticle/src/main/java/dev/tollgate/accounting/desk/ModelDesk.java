package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.stored.Vault;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Models that are in the store instead of the file: {@code /model/…}. Each change is read as a file would be before it is written, and
 * answered when this node serves it.
 */
final class ModelDesk {
    private static final Form UPDATE = Form.empty()
            .and(FieldType.ID, "model_name")
            .and(FieldType.OBJECT, "litellm_params", "model_info")
            .and(FieldType.FLAG, "blocked");
    private static final Form NEW = UPDATE.needs("model_name", "litellm_params");
    private static final Form ONE = Form.empty().and(FieldType.ID, "id").needs("id");
    private static final Form SWITCHED =
            Form.empty().and(FieldType.ID, "model_id").needs("model_id");
    private static final Form ID = Form.empty().and(FieldType.ID, "id");
    private static final String AUTH_ERROR = "auth_error";

    private final Office office;
    private final Vault vault;

    ModelDesk(Office office, Vault vault) {
        this.office = office;
        this.vault = vault;
    }

    Asked.Reply create(Asked asked) throws Refusal {
        accepting(vault);
        JsonObject fields = asked.read(NEW);
        JsonObject info = fields.getJsonObject("model_info", new JsonObject());
        String given = ID.read(info).getString("id");
        String id = given == null ? UUID.randomUUID().toString() : given;
        Deployment present = vault.models().byId(id);
        if (office.book().entry(Kind.MODEL, id).isPresent()) {
            throw refused("Model with id=" + id + " exists already. Change it with `/model/update`");
        }
        if (present != null) {
            throw refused("Model with id=" + id + " stands in the configuration: " + place(present));
        }
        JsonObject document = new JsonObject()
                .put("model_id", id)
                .put("model_name", fields.getString("model_name"))
                .put("litellm_params", fields.getJsonObject("litellm_params"))
                .put("model_info", owned(info, id))
                .put("blocked", fields.getBoolean("blocked", false));
        check(id, document);
        asked.born(document);
        asked.writing().create(Kind.MODEL, id, sealed(vault, Kind.MODEL, id, document));
        return shown(document);
    }

    private static JsonObject owned(JsonObject info, String id) {
        return info.copy().put("id", id).put("db_model", true);
    }

    Asked.Reply update(Asked asked) throws Refusal {
        accepting(vault);
        JsonObject fields = asked.read(UPDATE);
        JsonObject info = fields.getJsonObject("model_info");
        String id = info == null ? null : ID.read(info).getString("id");
        if (id == null) {
            throw refused("Authentication Error, model_info" + (info == null ? "" : ".id") + " not provided");
        }
        return change(asked, find(id, refused("Authentication Error, model not found")), fields, false);
    }

    Asked.Reply patch(Asked asked) throws Refusal {
        accepting(vault);
        String id = asked.named();
        Refusal missing = Refusal.missing("Model " + id + " not found on proxy.");
        return change(asked, find(id, missing), asked.read(UPDATE), true);
    }

    Asked.Reply block(Asked asked) throws Refusal {
        return switchTo(asked, true);
    }

    Asked.Reply unblock(Asked asked) throws Refusal {
        return switchTo(asked, false);
    }

    private Asked.Reply switchTo(Asked asked, boolean blocked) throws Refusal {
        accepting(vault);
        String id = String.valueOf(asked.read(SWITCHED).getString("model_id"));
        Entry entry = find(id, Refusal.missing("Model " + id + " not found on proxy."));
        return change(asked, entry, new JsonObject().put("blocked", blocked), false);
    }

    private Entry find(String id, Refusal missing) throws Refusal {
        Deployment present = vault.models().byId(id);
        Entry entry = office.book().entry(Kind.MODEL, id).orElse(null);
        if (entry == null && present != null) {
            throw refused("Can't edit model. Model in config. Store model in db via `/model/new`. to edit. (It is "
                    + place(present) + ".)");
        }
        if (entry == null) {
            throw missing;
        }
        return entry;
    }

    /** LiteLLM's clients send null for what they do not mean to change; only PATCH clears. */
    private Asked.Reply change(Asked asked, Entry entry, JsonObject fields, boolean clears) throws Refusal {
        JsonObject document = opened(vault, entry);
        for (String name : List.of("model_name", "blocked")) {
            if (fields.getValue(name) != null) {
                document.put(name, fields.getValue(name));
            }
        }
        for (String name : List.of("litellm_params", "model_info")) {
            JsonObject merged = document.getJsonObject(name, new JsonObject()).copy();
            Masked.merge(merged, fields.getJsonObject(name), clears);
            document.put(name, merged);
        }
        document.put("model_info", owned(document.getJsonObject("model_info"), entry.id()));
        check(entry.id(), document);
        asked.changed(document);
        asked.writing().update(entry, sealed(vault, Kind.MODEL, entry.id(), document));
        return shown(document);
    }

    Asked.Reply delete(Asked asked) throws Refusal {
        accepting(vault);
        String id = String.valueOf(asked.read(ONE).getString("id"));
        Deployment present = vault.models().byId(id);
        Entry entry = office.book().entry(Kind.MODEL, id).orElse(null);
        if (entry == null) {
            throw refused("Model with id=" + id + " not found in db"
                    + (present == null ? "" : "; it stands in the configuration: " + place(present)));
        }
        asked.writing().delete(entry);
        return Asked.inForce(vault, () -> new JsonObject().put("message", "Model: " + id + " deleted successfully"));
    }

    private static String place(Deployment deployment) {
        return deployment.origin() == null ? "it was found, not configured" : "at " + deployment.origin();
    }

    private void check(String id, JsonObject document) throws Refusal {
        JsonObject info = document.getJsonObject("model_info");
        if (info.getValue("team_id") != null) {
            throw Refusal.forbidden(
                    "Models of a team (model_info.team_id) are not made here: leave it out, and give the"
                            + " team the model in its `models`");
        }
        fine(vault, Kind.MODEL, id, document);
    }

    /** The row as LiteLLM keeps it, without its secrets. */
    private Asked.Reply shown(JsonObject document) {
        return Asked.inForce(
                vault,
                () -> document.copy().put("litellm_params", Masked.of(document.getJsonObject("litellm_params"))));
    }

    /** Refuses when models of the store are switched off. */
    static void accepting(Vault vault) throws Refusal {
        if (!vault.accepts()) {
            throw Refusal.of(Failure.of(
                            FailureKind.INTERNAL, "Set `'STORE_MODEL_IN_DB='True'` in your env to enable this feature.")
                    .withType(AUTH_ERROR)
                    .withParam("None"));
        }
    }

    /** Refuses what could not be put in force. */
    static void fine(Vault vault, Kind kind, String id, @Nullable JsonObject document) throws Refusal {
        List<String> mistakes = vault.mistakes(kind, id, document);
        if (!mistakes.isEmpty()) {
            throw Refusal.bad(String.join("; ", mistakes));
        }
    }

    static JsonObject sealed(Vault vault, Kind kind, String id, JsonObject document) throws Refusal {
        try {
            return vault.sealed(kind, id, document);
        } catch (Vault.Closed e) {
            throw Refusal.bad(String.valueOf(e.getMessage()));
        }
    }

    static JsonObject opened(Vault vault, Entry entry) throws Refusal {
        try {
            return vault.opened(entry);
        } catch (Vault.Closed e) {
            throw Refusal.bad(
                    "The " + entry.kind().storedName() + " " + entry.id() + " cannot be opened: " + e.getMessage());
        }
    }

    private static Refusal refused(String message) {
        return Refusal.of(Failure.of(FailureKind.BAD_REQUEST, message)
                .withType(AUTH_ERROR)
                .withParam("None"));
    }
}
