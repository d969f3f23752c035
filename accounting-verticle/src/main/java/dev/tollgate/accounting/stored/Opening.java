package dev.tollgate.accounting.stored;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.config.StoredModels;
import dev.tollgate.protocol.Secret;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Opens models and credentials as they are stored, with the keys there are. */
final class Opening {
    static final String SEALED = "sealed";

    private final Opener opener;

    /** Opens one entry's document. */
    interface Opener {
        JsonObject opened(Entry entry) throws Vault.Closed;
    }

    Opening(Seals seals) {
        this(entry -> opened(seals, entry));
    }

    Opening(Opener opener) {
        this.opener = opener;
    }

    /** What can be opened, and what cannot. */
    record Inside(StoredModels stored, List<String> closed) {}

    static String secretPart(Kind kind) {
        return kind == Kind.MODEL ? "litellm_params" : "credential_values";
    }

    /** What is sealed of a document, or null: nothing is. */
    static @Nullable String text(Entry entry) {
        return entry.document().getValue(secretPart(entry.kind())) instanceof JsonObject inner
                        && inner.getValue(SEALED) instanceof String text
                ? text
                : null;
    }

    /** A document as it was before it was sealed. */
    static JsonObject opened(Seals seals, Entry entry) throws Vault.Closed {
        String text = text(entry);
        if (text == null) {
            return entry.document();
        }
        try {
            JsonObject inner = new JsonObject(seals.open(entry.kind(), entry.id(), text));
            return entry.document().copy().put(secretPart(entry.kind()), inner);
        } catch (Seal.Broken e) {
            throw new Vault.Closed(String.valueOf(e.getMessage()));
        } catch (DecodeException _) {
            throw new Vault.Closed("what was sealed is no JSON");
        }
    }

    /** A document as it was before it was sealed, or what this node may see of that. */
    JsonObject opened(Entry entry) throws Vault.Closed {
        return opener.opened(entry);
    }

    /** {@code document}: put in the place of that entry, when {@code kind} is not null; null: as if the entry were gone. */
    Inside all(Function<Kind, List<Entry>> entriesOf, @Nullable Kind kind, String id, @Nullable JsonObject document) {
        List<String> closed = new ArrayList<>();
        List<List<StoredModels.Entry>> both = new ArrayList<>();
        for (Kind each : List.of(Kind.MODEL, Kind.CREDENTIAL)) {
            List<StoredModels.Entry> all = new ArrayList<>();
            List<Entry> entries = entriesOf.apply(each);
            for (int i = 0; i < entries.size(); i++) {
                try {
                    Entry entry = entries.get(i);
                    if (each != kind || !entry.id().equals(id)) {
                        open(entry, all, closed);
                    }
                } catch (DecodeException e) {
                    closed.add(each.storedName() + " that is no JSON: " + e.getMessage());
                }
            }
            if (each == kind && document != null) {
                all.add(plain(id, document));
            }
            // The book has no order; what comes first decides about ties, on all nodes alike.
            all.sort((a, b) -> a.id().compareTo(b.id()));
            both.add(all);
        }
        return new Inside(new StoredModels(both.getFirst(), both.getLast()), closed);
    }

    private void open(Entry entry, List<StoredModels.Entry> all, List<String> closed) {
        try {
            all.add(plain(entry.id(), opened(entry)));
        } catch (Vault.Closed e) {
            closed.add(entry.kind().storedName() + " " + name(entry) + ": " + e.getMessage());
        }
    }

    private static String name(Entry entry) {
        return entry.kind() == Kind.MODEL
                ? "`" + entry.document().getValue("model_name") + "` (" + entry.id() + ")"
                : "`" + entry.id() + "`";
    }

    /** As it would stand in a file, with the stamps that {@code /model/info} shows. */
    private static StoredModels.Entry plain(String id, JsonObject document) {
        JsonObject entry = document.copy();
        if (entry.getValue("model_info") instanceof JsonObject info) {
            for (String stamp : List.of("created_at", "created_by", "updated_at", "updated_by")) {
                info.put(stamp, entry.getValue(stamp));
            }
        }
        List.of("model_id", "created_at", "created_by", "updated_at", "updated_by")
                .forEach(entry::remove);
        return new StoredModels.Entry(id, Secret.of(entry.encode()));
    }
}
