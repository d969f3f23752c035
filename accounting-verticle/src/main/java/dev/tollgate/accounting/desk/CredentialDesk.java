package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.stored.Vault;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.FileCredential;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Keys and addresses of providers that models name: {@code /credentials}. Those of the file are shown, and win. */
final class CredentialDesk {
    private static final Form UPDATE = Form.empty()
            .and(FieldType.ID, "credential_name")
            .and(FieldType.OBJECT, "credential_values", "credential_info");
    private static final Form NEW = UPDATE.and(FieldType.ID, "model_id").needs("credential_name");
    private static final String NAME = "credential_name";
    private static final String VALUES = "credential_values";
    private static final String INFO = "credential_info";

    private final Office office;
    private final Vault vault;

    CredentialDesk(Office office, Vault vault) {
        this.office = office;
        this.vault = vault;
    }

    Asked.Reply create(Asked asked) throws Refusal {
        ModelDesk.accepting(vault);
        JsonObject fields = asked.read(NEW);
        String name = String.valueOf(fields.getString(NAME));
        notInFile(name);
        if (office.book().entry(Kind.CREDENTIAL, name).isPresent()) {
            throw Refusal.conflict("Credential " + name + " already exists");
        }
        String model = fields.getString("model_id");
        if (model != null && vault.apart()) {
            throw Refusal.bad("This node does not hold the keys of models: say `credential_values`", VALUES);
        }
        JsonObject values = model == null ? fields.getJsonObject(VALUES) : values(deployment(model));
        if (values == null) {
            throw Refusal.bad(
                    "Credential values are required. Unable to infer credential values from model ID.", VALUES);
        }
        JsonObject document = new JsonObject()
                .put(NAME, name)
                .put(VALUES, values)
                .put(INFO, fields.getJsonObject(INFO, new JsonObject()));
        ModelDesk.fine(vault, Kind.CREDENTIAL, name, document);
        asked.writing()
                .create(Kind.CREDENTIAL, name, asked.born(ModelDesk.sealed(vault, Kind.CREDENTIAL, name, document)));
        return done("created");
    }

    Asked.Reply update(Asked asked) throws Refusal {
        ModelDesk.accepting(vault);
        Entry entry = find(asked.named());
        JsonObject fields = asked.read(UPDATE);
        String name = fields.getString(NAME);
        if (name != null && !name.equals(entry.id())) {
            throw Refusal.bad("A credential keeps its name, for models know it by that: make another one", NAME);
        }
        JsonObject document = ModelDesk.opened(vault, entry).copy();
        for (String part : List.of(VALUES, INFO)) {
            JsonObject merged = document.getJsonObject(part, new JsonObject()).copy();
            Masked.merge(merged, fields.getJsonObject(part), true);
            document.put(part, merged);
        }
        ModelDesk.fine(vault, Kind.CREDENTIAL, entry.id(), document);
        asked.writing().update(entry, asked.changed(ModelDesk.sealed(vault, Kind.CREDENTIAL, entry.id(), document)));
        return done("updated");
    }

    Asked.Reply delete(Asked asked) throws Refusal {
        ModelDesk.accepting(vault);
        Entry entry = find(asked.named());
        ModelDesk.fine(vault, Kind.CREDENTIAL, entry.id(), null);
        asked.writing().delete(entry);
        return done("deleted");
    }

    private Asked.Reply done(String what) {
        return Asked.inForce(
                vault,
                () -> new JsonObject().put("success", true).put("message", "Credential " + what + " successfully"));
    }

    private Entry find(String name) throws Refusal {
        Optional<Entry> entry = office.book().entry(Kind.CREDENTIAL, name);
        if (entry.isEmpty()) {
            notInFile(name);
            throw Refusal.missing("Credential not found in DB.");
        }
        return entry.get();
    }

    private void notInFile(String name) throws Refusal {
        if (ofFile(name).isPresent()) {
            throw Refusal.bad("The credential " + name + " stands in the configuration file: change it there", NAME);
        }
    }

    private Optional<FileCredential> ofFile(String name) {
        return vault.fileCredentials().stream()
                .filter(credential -> credential.name().equals(name))
                .findFirst();
    }

    Asked.Reply list(Asked asked) {
        return Asked.show(() -> {
            JsonArray rows = new JsonArray();
            vault.fileCredentials().forEach(credential -> rows.add(row(credential)));
            office.book().entries(Kind.CREDENTIAL).stream()
                    .filter(entry -> ofFile(entry.id()).isEmpty())
                    .sorted(Comparator.comparing(Entry::id))
                    .forEach(entry -> rows.add(row(entry)));
            return new JsonObject().put("success", true).put("credentials", rows);
        });
    }

    Asked.Reply named(Asked asked) throws Refusal {
        String name = asked.named();
        Optional<FileCredential> file = ofFile(name);
        if (file.isPresent()) {
            return Asked.show(() -> row(file.get()));
        }
        Entry entry = office.book()
                .entry(Kind.CREDENTIAL, name)
                .orElseThrow(() -> Refusal.missing("Credential not found. Got credential name: " + name));
        return Asked.show(() -> row(entry));
    }

    Asked.Reply ofModel(Asked asked) throws Refusal {
        Deployment deployment = deployment(asked.named());
        return Asked.show(
                () -> row(deployment.group() + "-credential-" + deployment.id(), values(deployment), new JsonObject()));
    }

    private Deployment deployment(String id) throws Refusal {
        Deployment deployment = vault.models().byId(id);
        if (deployment == null) {
            throw Refusal.missing("Model not found");
        }
        return deployment;
    }

    private static JsonObject values(Deployment deployment) {
        JsonObject values = new JsonObject();
        if (deployment.apiKey() != null) {
            values.put("api_key", deployment.apiKey().reveal());
        }
        if (!deployment.apiBase().isEmpty()) {
            values.put("api_base", deployment.apiBase());
        }
        if (deployment.apiVersion() != null) {
            values.put("api_version", deployment.apiVersion());
        }
        return values;
    }

    private static JsonObject row(FileCredential credential) {
        JsonObject values = new JsonObject();
        credential.values().forEach((name, value) -> values.put(name, value.reveal()));
        return row(credential.name(), values, new JsonObject(credential.info()));
    }

    /** One that cannot be opened is there all the same, to be deleted. */
    private JsonObject row(Entry entry) {
        JsonObject values;
        try {
            values = vault.opened(entry).getJsonObject(VALUES);
        } catch (Vault.Closed _) {
            values = new JsonObject();
        }
        return row(entry.id(), values, entry.document().getJsonObject(INFO, new JsonObject()));
    }

    private static JsonObject row(String name, JsonObject values, JsonObject info) {
        return new JsonObject().put(NAME, name).put(VALUES, Masked.of(values)).put(INFO, info);
    }
}
