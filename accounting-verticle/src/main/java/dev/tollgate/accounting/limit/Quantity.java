package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Limits;
import dev.tollgate.cluster.lease.Meter;
import java.util.Optional;

/** What a {@link MinuteWindow} counts. */
enum Quantity {
    REQUESTS("r", Meter.Use.WINDOW),
    TOKENS("t", Meter.Use.WINDOW),
    CALLS("p", Meter.Use.HELD);

    private final String letter;
    private final Meter.Use use;

    Quantity(String letter, Meter.Use use) {
        this.letter = letter;
        this.use = use;
    }

    String letter() {
        return letter;
    }

    Meter.Use use() {
        return use;
    }

    /** How much of it may be used; {@link Limits#NONE}: as much as one likes. */
    long limit(Limits limits) {
        return switch (this) {
            case REQUESTS -> limits.rpm();
            case TOKENS -> limits.tpm();
            case CALLS -> limits.parallel();
        };
    }

    static Optional<Quantity> of(String letter) {
        for (Quantity quantity : values()) {
            if (quantity.letter.equals(letter)) {
                return Optional.of(quantity);
            }
        }
        return Optional.empty();
    }
}
