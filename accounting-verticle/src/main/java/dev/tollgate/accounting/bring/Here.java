package dev.tollgate.accounting.bring;

import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.accounting.book.Definitions.Definition;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.cluster.Bring;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * This gateway's store while something is brought into it. What counts as spent is written before the entries that it is for: when
 * something breaks in between, the next run finds them missing, and says the same once more. Amounts are set, not added.
 */
final class Here {
    private static final int AT_ONCE = 500;

    private final @Nullable Definitions definitions;
    private final @Nullable Ledger ledger;
    private final Bring order;
    private final InstantSource clock;
    private final Map<Kind, Map<String, Definition>> entries = new EnumMap<>(Kind.class);
    private final Map<Holder, Balance> balances = new HashMap<>();
    private final Map<Kind, Tally> tallies = new EnumMap<>(Kind.class);
    private final List<Change> changes = new ArrayList<>();
    private final Map<Charge, Long> amounts = new HashMap<>();
    private int opened;

    /** How many entries of a kind. */
    static final class Tally {
        private int made;
        private int overwritten;
        private int same;
        private int left;

        String text(boolean applied) {
            StringBuilder text = new StringBuilder().append(made).append(applied ? " brought" : " to bring");
            more(text, overwritten, applied ? "overwritten" : "to overwrite");
            more(text, same, "here already and the same");
            more(text, left, "here already with other fields and left alone (--overwrite replaces them)");
            return text.toString();
        }

        private static void more(StringBuilder text, int count, String what) {
            if (count > 0) {
                text.append(", ").append(count).append(' ').append(what);
            }
        }
    }

    /** {@code definitions} and {@code ledger} are null where there is no store yet and nothing shall be written. */
    Here(@Nullable Definitions definitions, @Nullable Ledger ledger, Bring order, InstantSource clock) {
        this.definitions = definitions;
        this.ledger = ledger;
        this.order = order;
        this.clock = clock;
        if (definitions != null) {
            definitions.changes(0, each -> {
                if (each.document() != null) {
                    of(each.kind()).put(each.id(), each);
                }
            });
        }
        if (ledger != null) {
            ledger.balances().forEach(each -> balances.put(each.charge().holder(), each));
        }
    }

    private Map<String, Definition> of(Kind kind) {
        return entries.computeIfAbsent(kind, _ -> new HashMap<>());
    }

    /** The document of a budget, brought or here before, or null. */
    @Nullable JsonObject budget(String id) {
        Definition budget = of(Kind.BUDGET).get(id);
        return budget == null ? null : new JsonObject(String.valueOf(budget.document()));
    }

    void take(Brought brought) {
        JsonObject document = brought.document();
        boolean counts = document == null
                ? order.overwrite() || !balances.containsKey(brought.holder())
                : take(brought.kind(), brought.id(), document);
        if (counts && brought.opening() != null) {
            open(brought.opening());
        }
        if (changes.size() >= AT_ONCE || amounts.size() >= AT_ONCE) {
            write();
        }
    }

    /** Whether the entry becomes what it was there. */
    private boolean take(Kind kind, String id, JsonObject document) {
        Tally tally = tallies.computeIfAbsent(kind, _ -> new Tally());
        Definition before = of(kind).get(id);
        String text = document.encode();
        if (before == null) {
            tally.made++;
        } else if (text.equals(before.document())) {
            tally.same++;
            return order.overwrite();
        } else if (order.overwrite()) {
            tally.overwritten++;
        } else {
            tally.left++;
            return false;
        }
        changes.add(new Change(kind, id, before == null ? 0 : before.version(), document));
        if (kind == Kind.BUDGET) {
            of(kind).put(id, new Definition(kind, id, before == null ? 0 : before.version(), text));
        }
        return true;
    }

    /** Of one holder's periods the last one counts, so an older one would not be seen. */
    private void open(Brought.Opening opening) {
        Charge charge = opening.charge();
        Balance before = balances.get(charge.holder());
        long has = 0;
        if (before != null && before.charge().periodMillis() >= charge.periodMillis()) {
            charge = before.charge();
            has = before.nanos();
        }
        opened++;
        if (has != opening.nanos()) {
            amounts.put(charge, opening.nanos() - has);
        }
    }

    /** Writes what has come together. */
    void write() {
        if (order.apply() && ledger != null && definitions != null) {
            if (!amounts.isEmpty()) {
                ledger.adjust(amounts);
            }
            if (!changes.isEmpty()) {
                try {
                    definitions.write(changes, clock.millis());
                } catch (Book.Stale e) {
                    throw new IllegalStateException(
                            "Somebody changed an entry meanwhile. What was brought so far stays; run this again", e);
                }
            }
        }
        amounts.clear();
        changes.clear();
    }

    /** What became of the entries of a kind, or null: there were none. */
    @Nullable String tally(Kind kind) {
        Tally tally = tallies.get(kind);
        return tally == null ? null : tally.text(order.apply());
    }

    /** For how many something counts as spent now. */
    int opened() {
        return opened;
    }
}
