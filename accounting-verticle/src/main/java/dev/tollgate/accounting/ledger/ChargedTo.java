package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whom calls of one context count for, as stored beside it: of each its kind, the length of its id and the id, as in {@code key:2:k1}.
 * Periods are not among them, or there would be a context for each: a period that calls belong to is told by when they ended.
 *
 * @param whole those whom all of a call's cost counts for
 * @param part those whom a part of it counts for, which is not written down
 */
record ChargedTo(Set<Holder> whole, Set<Holder> part) {
    private static final char PART = '~';

    /** The longest name of a kind, a length and three signs. */
    private static final int MOST_BESIDE_ID = 32;

    ChargedTo {
        whole = Set.copyOf(whole);
        part = Set.copyOf(part);
    }

    /** What is stored for a row with these charges that costs something. */
    static String text(List<Charge> charges) {
        int room = 0;
        for (Charge charge : charges) {
            room += MOST_BESIDE_ID + charge.holder().id().length();
        }
        StringBuilder text = new StringBuilder(room);
        for (Charge charge : charges) {
            Holder holder = BalanceSums.stored(charge).holder();
            if (!charge.whole()) {
                text.append(PART);
            }
            text.append(holder.kind().storedName())
                    .append(':')
                    .append(holder.id().length())
                    .append(':')
                    .append(holder.id());
        }
        return text.toString();
    }

    /** Reads it. Kinds that a later release added are left out. */
    static ChargedTo of(String text) {
        Set<Holder> whole = new HashSet<>();
        Set<Holder> part = new HashSet<>();
        for (int at = 0; at < text.length(); ) {
            boolean some = text.charAt(at) == PART;
            int kindEnd = text.indexOf(':', at);
            int lengthEnd = text.indexOf(':', kindEnd + 1);
            int end = lengthEnd + 1 + Integer.parseInt(text, kindEnd + 1, lengthEnd, 10);
            String id = text.substring(lengthEnd + 1, end);
            Kind.named(text.substring(some ? at + 1 : at, kindEnd))
                    .ifPresent(kind -> (some ? part : whole).add(new Holder(kind, id)));
            at = end;
        }
        return new ChargedTo(whole, part);
    }
}
