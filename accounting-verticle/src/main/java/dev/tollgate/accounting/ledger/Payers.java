package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who pays for a stored call beside those whom its row names: the account of a key that was regenerated, and the organization of the key
 * or its team, as they are today. With each holder's present period.
 */
public final class Payers {
    private final Map<Holder, Long> stored;
    private final Map<Holder, Long> periods;
    private final Set<Holder> listed = new HashSet<>();
    private final Map<Holder, List<Holder>> parts = new HashMap<>();
    private final Map<String, Long> members = new HashMap<>();
    private final Map<String, String> accounts = new HashMap<>();
    private final Map<String, String> organizations = new HashMap<>();
    private final Map<String, String> teams = new HashMap<>();

    /** {@code periods}: when each holder's present one began, in milliseconds since 1970. */
    public Payers(Map<Holder, Long> periods) {
        this.stored = Map.copyOf(periods);
        this.periods = new HashMap<>();
        periods.forEach(this::begin);
    }

    /**
     * Present periods by the limits of today: who was never charged has no other, and those of others may be over.
     *
     * @param present of each holder
     * @param ofMembers of the members of teams, who may have no limits but those that the team has for each
     */
    public void begin(Map<Holder, Long> present, Map<String, Long> ofMembers) {
        present.forEach(this::begin);
        listed.addAll(present.keySet());
        members.putAll(ofMembers);
    }

    private void begin(Holder holder, long millis) {
        Holder whole = holder.whole();
        if (periods.put(holder, Math.max(millis, periods.getOrDefault(holder, millis))) == null && whole != null) {
            parts.computeIfAbsent(whole, _ -> new ArrayList<>()).add(holder);
        }
    }

    /** What of a holder's spend is counted apart: its windows, and its use of that model under the name that has the limits. */
    List<Holder> parts(Holder holder, String model) {
        List<Holder> all = parts.getOrDefault(holder, List.of());
        if (all.isEmpty()) {
            return all;
        }
        Map<String, Holder> models = new HashMap<>();
        List<Holder> found = new ArrayList<>();
        for (Holder part : all) {
            if (part.part() == Holder.Part.WINDOW) {
                found.add(part);
            } else {
                models.put(part.id().substring(part.id().lastIndexOf('\n') + 1), part);
            }
        }
        String named = Limits.named(models.keySet(), model);
        Holder used = named == null ? null : models.get(named);
        if (used != null) {
            found.add(used);
        }
        return found;
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
        Long known = periods.get(holder);
        // Members with an entry have the period of their own limits already, or that of their team's.
        if (holder.kind() != Kind.MEMBER
                || listed.contains(holder)
                || holder.id().endsWith("\n")) {
            return known;
        }
        Long ofTeam = members.get(holder.id().substring(0, holder.id().indexOf('\n')));
        if (known == null || ofTeam == null) {
            return known == null ? ofTeam : known;
        }
        return Math.max(known, ofTeam);
    }

    /** When the last period began of which the store has what the holder spent, or null: it has none. */
    @Nullable Long stored(Holder holder) {
        return stored.get(holder);
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
