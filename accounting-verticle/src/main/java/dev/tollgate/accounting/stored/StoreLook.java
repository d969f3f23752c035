package dev.tollgate.accounting.stored;

import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.cluster.InStore;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.StoredModels;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Looks at the models and credentials of a store beside the gateway, whether it runs or not. */
public final class StoreLook {
    private StoreLook() {}

    /** All that is there and can be opened with the configuration's keys. */
    public static InStore of(Definitions definitions, Snapshot config) {
        if (!config.storing().accepted()) {
            return InStore.NOTHING;
        }
        Map<Kind, List<Entry>> entries = new EnumMap<>(Kind.class);
        List<String> troubles = new ArrayList<>();
        definitions.changes(0, each -> {
            String document = each.document();
            if (document != null && (each.kind() == Kind.MODEL || each.kind() == Kind.CREDENTIAL)) {
                try {
                    entries.computeIfAbsent(each.kind(), _ -> new ArrayList<>())
                            .add(new Entry(each.kind(), each.id(), each.version(), new JsonObject(document)));
                } catch (DecodeException e) {
                    troubles.add(
                            "the " + each.kind().storedName() + " `" + each.id() + "` is no JSON: " + e.getMessage());
                }
            }
        });
        Seals seals = new Seals(config.storing().saltKey(), config.general().masterKey(), Seal.ROUNDS);
        Opening.Inside inside = new Opening(seals).all(kind -> entries.getOrDefault(kind, List.of()), null, "", null);
        inside.closed().forEach(each -> troubles.add("the " + each));
        StoredModels stored = inside.stored();
        return new InStore(stored, troubles);
    }
}
