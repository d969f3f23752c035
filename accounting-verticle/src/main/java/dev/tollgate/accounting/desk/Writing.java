package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What one request changes, put down while it is answered and written at its end, all or nothing. An entry that was changed twice
 * is written once. Entries of the configuration file are never changed.
 */
final class Writing {
    private static final String PERIOD = "budget_duration";

    private final Balances balances;
    private final Map<Place, Change> changes = new LinkedHashMap<>();
    private final Map<Holder, Long> spends = new LinkedHashMap<>();

    /** Whoever had their names before. */
    private final Set<Holder> forgotten = new LinkedHashSet<>();

    /** Those whose period gets another length. */
    private final Set<Holder> carried = new LinkedHashSet<>();

    private record Place(Kind kind, String id) {}

    Writing(Balances balances) {
        this.balances = balances;
    }

    /** A new entry; whatever somebody of that name spent before is forgotten. */
    void create(Kind kind, String id, JsonObject document) {
        changes.put(new Place(kind, id), Change.create(kind, id, document));
        forgotten.add(new Holder(kind, id));
    }

    /** A new entry for somebody who has been there without; what they have spent goes on to count. */
    void adopt(Kind kind, String id, JsonObject document) {
        changes.put(new Place(kind, id), Change.create(kind, id, document));
        carried.add(new Holder(kind, id));
    }

    /** Whether such an entry is to be made. */
    boolean creates(Kind kind, String id) {
        Change change = changes.get(new Place(kind, id));
        return change != null && change.basedOn() == 0;
    }

    /** The document as it is to be written so far, as a copy to change. */
    JsonObject document(Entry entry) {
        Change change = changes.get(new Place(entry.kind(), entry.id()));
        JsonObject document = change == null ? entry.document() : change.document();
        return document == null ? new JsonObject() : document.copy();
    }

    void update(Entry entry, JsonObject document) throws Refusal {
        ours(entry);
        Place place = new Place(entry.kind(), entry.id());
        Change change = changes.get(place);
        if (change == null || change.document() != null) {
            changes.put(place, Change.update(entry, document));
        }
        if (changes(entry, document, PERIOD)
                || changes(entry, document, "budget_id")
                || changes(entry, document, "model_max_budget")) {
            carry(entry);
        }
    }

    private static boolean changes(Entry entry, JsonObject document, String field) {
        return !Objects.equals(entry.document().getValue(field), document.getValue(field));
    }

    /** What the entry's holder spent goes on to count: its period gets another length, or that of a single model's budget. */
    void carry(Entry entry) {
        String account = entry.kind() == Kind.KEY ? entry.document().getString("account") : null;
        carry(new Holder(entry.kind(), account == null ? entry.id() : account));
    }

    /** The same of a holder that may have no entry. */
    void carry(Holder holder) {
        carried.add(holder);
    }

    void delete(Entry entry) throws Refusal {
        ours(entry);
        changes.put(new Place(entry.kind(), entry.id()), Change.delete(entry));
    }

    /** From now on this much counts as spent, and no more of it for single models and windows. */
    void spend(Holder holder, long nanos) {
        spends.put(holder, nanos);
    }

    private static void ours(Entry entry) throws Refusal {
        if (Boolean.TRUE.equals(entry.document().getValue("config"))) {
            throw Refusal.bad("This " + entry.kind().storedName().replace('_', ' ')
                    + " is declared in the configuration file: change it there");
        }
    }

    /** Most requests change nothing of what was spent. */
    private void count() {
        if (spends.isEmpty() && carried.isEmpty() && forgotten.isEmpty()) {
            return;
        }
        Set<Holder> concerned = new HashSet<>(spends.keySet());
        concerned.addAll(carried);
        concerned.addAll(forgotten);
        Map<Holder, Long> set = new LinkedHashMap<>(spends);
        Set<Holder> carry = new LinkedHashSet<>(carried);
        for (Holder part : balances.parts(concerned)) {
            Holder whole = part.whole();
            long most = forgotten.contains(whole) ? 0 : spends.getOrDefault(whole, Long.MAX_VALUE);
            // Of other nodes' calls of this very moment nothing is known; to set them to nothing, nothing has to be.
            if (spends.getOrDefault(whole, 1L) == 0 || balances.spentNanos(part) > most) {
                set.put(part, most);
            } else if (carried.contains(whole) && part.part() == Holder.Part.MODEL) {
                carry.add(part);
            }
        }
        forgotten.removeAll(spends.keySet());
        for (Holder holder : forgotten) {
            if (balances.spentNanos(holder) != 0) {
                set.put(holder, 0L);
            }
        }
        carry.removeAll(set.keySet());
        balances.change(set, carry);
    }

    /** Answers which nodes did not say in time that they know of it. */
    List<String> commit(Book book) throws Book.Stale, Book.Unavailable {
        try {
            balances.found(carried);
        } catch (RuntimeException e) {
            throw new Book.Unavailable(
                    "Nothing is changed, because it cannot be found out what was spent: " + e.getMessage(), e);
        }
        List<String> unreached = changes.isEmpty() ? List.of() : book.write(List.copyOf(changes.values()));
        try {
            count();
            return unreached;
        } catch (RuntimeException e) {
            throw new Book.Unavailable(
                    changes.isEmpty()
                            ? "Nothing is changed, because what was spent cannot be written: " + e.getMessage()
                            : "The change is written, but not what was spent: " + e.getMessage()
                                    + ". Set `spend` again",
                    e);
        }
    }
}
