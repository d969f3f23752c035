package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.cluster.lease.Meter;
import org.jspecify.annotations.Nullable;

/** Names of what nodes divide: for money the period, else which rate; then the holder. They travel between nodes of two releases. */
final class Meters {
    private Meters() {}

    /** A holder's money in the period that began then. */
    static Meter money(Holder holder, long periodMillis) {
        return new Meter(Meter.Use.SPENT, Long.toString(periodMillis) + '\n' + named(holder));
    }

    /** A holder's requests or tokens of a minute, or calls at once. */
    static Meter rate(Holder holder, Quantity quantity) {
        return new Meter(quantity.use(), quantity.letter() + "\n" + named(holder));
    }

    private static String named(Holder holder) {
        return holder.kind().storedName() + '\n' + holder.id();
    }

    /**
     * What a name says.
     *
     * @param first the period or the rate
     */
    record Named(String first, Holder holder) {}

    /** Null: of a kind that this release does not know. */
    static @Nullable Named read(Meter meter) {
        String name = meter.name();
        int kind = name.indexOf('\n') + 1;
        int id = name.indexOf('\n', kind) + 1;
        if (kind == 0 || id == 0) {
            return null;
        }
        return Kind.named(name.substring(kind, id - 1))
                .map(known -> new Named(name.substring(0, kind - 1), new Holder(known, name.substring(id))))
                .orElse(null);
    }
}
