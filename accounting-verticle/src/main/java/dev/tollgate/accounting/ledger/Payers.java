package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who pays for a stored call beside those whom its row names: the account of a key that was regenerated, and the organization of the key
 * or its team, as they are today. With each holder's present period.
 */
public final class Payers {
    private final Map<Holder, Long> periods;
    private final Map<String, List<Holder>> parts = new HashMap<>();
    private final Map<String, String> accounts = new HashMap<>();
    private final Map<String, String> organizations = new HashMap<>();
    private final Map<String, String> teams = new HashMap<>();

    /** {@code periods}: when each holder's present one began, in milliseconds since 1970. */
    public Payers(Map<Holder, Long> periods) {
        this.periods = periods;
        for (Holder holder : periods.keySet()) {
            if (holder.kind() == Kind.PART) {
                int name = holder.id().lastIndexOf('\n');
                String owner = holder.id().substring(0, Math.max(0, holder.id().lastIndexOf('\n', name - 1)));
                parts.computeIfAbsent(owner, _ -> new ArrayList<>()).add(holder);
            }
        }
    }

    /** What of a holder's spend is counted apart: its windows, and its use of that model. */
    List<Holder> parts(Holder holder, String model) {
        return parts.getOrDefault(holder.kind().storedName() + '\n' + holder.id(), List.of()).stream()
                .filter(part -> part.equals(Holder.part(holder, "model", model))
                        || part.id().contains("\nwindow\n"))
                .toList();
    }

    /** Learns from all entries of a store. */
    public void learn(Definitions definitions) {
        definitions.changes(0, each -> {
            boolean tells = each.kind() == Kind.KEY || each.kind() == Kind.TEAM;
            if (tells && each.document() != null) {
                learn(each.kind(), each.id(), new JsonObject(each.document()));
            }
        });
    }

    /** Learns from the entry of a key or a team. */
    public void learn(Kind kind, String id, JsonObject document) {
        Object organization = document.getValue("organization_id");
        if (organization != null) {
            (kind == Kind.TEAM ? teams : organizations).put(id, organization.toString());
        }
        if (document.getValue("account") instanceof String account) {
            accounts.put(id, account);
            if (document.getValue("former") instanceof JsonArray former) {
                former.forEach(hash -> accounts.put(hash.toString(), account));
            }
        }
    }

    /** When the present period of a holder began, or null: nothing is known of it. */
    @Nullable Long period(Holder holder) {
        return periods.get(holder);
    }

    /** Under which hash a key's spend is kept. */
    String account(String key) {
        return accounts.getOrDefault(key, key);
    }

    /** Organization of a call with that key of that team, or null. */
    @Nullable String organization(String key, String team) {
        String own = organizations.get(key);
        return own == null ? teams.get(team) : own;
    }
}
