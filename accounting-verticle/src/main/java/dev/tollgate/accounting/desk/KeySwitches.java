package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.price.Money;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Stops keys and ends them: {@code /key/block}, {@code /key/unblock}, {@code /key/delete}, {@code /key/…/reset_spend}. */
final class KeySwitches {
    private static final Form ONE = Form.empty().and(FieldType.TEXT, "key").needs("key");
    private static final Form SEVERAL = Form.empty().and(FieldType.TEXTS, "keys", "key_aliases");
    private static final Form RESET =
            Form.empty().and(FieldType.AMOUNT, "reset_to").needs("reset_to");

    private final Office office;
    private final Keys keys;

    KeySwitches(Office office, Keys keys) {
        this.office = office;
        this.keys = keys;
    }

    Asked.Reply block(Asked asked) throws Refusal {
        return turn(asked, true);
    }

    Asked.Reply unblock(Asked asked) throws Refusal {
        return turn(asked, false);
    }

    /** Who only owns a key cannot: what an admin has stopped stays so. */
    private Asked.Reply turn(Asked asked, boolean blocked) throws Refusal {
        Entry entry = keys.current(asked.read(ONE).getString("key"));
        if (!asked.rights().governsKey(entry.document())) {
            throw asked.rights().refused((blocked ? "block" : "unblock") + " this key");
        }
        keys.change(asked, entry, document -> document.put("blocked", blocked));
        return Asked.show(() -> new JsonObject()
                .put("token", entry.id())
                .mergeIn(office.shown().key(entry.id(), office.document(Kind.KEY, entry.id()))));
    }

    /** All that are named, or none. The old text of a key can be ended before its grace period is over. */
    Asked.Reply delete(Asked asked) throws Refusal {
        JsonObject fields = asked.read(SEVERAL);
        List<String> named = KeyRules.texts(fields, "keys");
        List<String> aliases = KeyRules.texts(fields, "key_aliases");
        if (named.isEmpty() && aliases.isEmpty()) {
            throw Refusal.bad("Name the keys to delete in `keys` or `key_aliases`", "keys");
        }
        List<Entry> entries = new ArrayList<>();
        for (String key : named) {
            entries.add(keys.get(key));
        }
        for (String alias : aliases) {
            List<Entry> found = office.where(
                    Kind.KEY,
                    document ->
                            alias.equals(document.getString("key_alias")) && document.getString("successor") == null);
            if (found.isEmpty()) {
                throw Refusal.missing("Key not found. No key with key_alias='" + alias + "'.");
            }
            entries.addAll(found);
        }
        for (Entry entry : entries) {
            if (!asked.rights().changesKey(entry)) {
                throw asked.rights().refused("delete this key");
            }
            keys.delete(asked, entry);
        }
        List<String> deleted = new ArrayList<>(named);
        deleted.addAll(aliases);
        return Asked.show(() -> new JsonObject().put("deleted_keys", new JsonArray(deleted)));
    }

    /** Lowers what counts as spent to {@code reset_to} of the body. */
    static void reset(Asked asked, Holder holder, long before) throws Refusal {
        long nanos = Usd.nanos((Number) asked.read(RESET).getValue("reset_to"));
        if (nanos > before) {
            throw Refusal.bad("reset_to must not be more than what is spent, " + Money.dollars(before), "reset_to");
        }
        asked.writing().spend(holder, nanos);
    }

    Asked.Reply resetSpend(Asked asked) throws Refusal {
        Entry entry = keys.current(asked.named());
        Holder holder = Keys.holder(entry);
        long before = office.balances().spentNanos(holder);
        reset(asked, holder, before);
        return Asked.show(() -> {
            JsonObject row = office.shown().key(entry);
            return new JsonObject()
                    .put("key_hash", entry.id())
                    .put("spend", row.getValue("spend"))
                    .put("previous_spend", Money.dollars(before))
                    .put("max_budget", row.getValue("max_budget"))
                    .put("budget_reset_at", row.getValue("budget_reset_at"));
        });
    }
}
