package dev.tollgate.accounting;

import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.config.GeneralSettings.Retention;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the store is relieved of: balances of periods that are long over, claims that all have read, and rows that need not be kept. One small batch at each of
 * the shipper's rounds, so that new rows never wait behind the old.
 */
final class Housekeeping {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration BALANCES_EVERY = Duration.ofMinutes(10);
    private static final Duration CLAIMS_EVERY = Duration.ofMinutes(10);

    /** A call that is only now stored may have begun a while ago; its row must not be too old to be taken. */
    private static final Duration SHORTEST = Duration.ofHours(1);

    private final Clock clock;
    private volatile @Nullable Retention retention;
    private Instant balancesAt;
    private Instant claimsAt;
    private Instant rowsAt = Instant.MIN;
    private @Nullable Instant before;

    Housekeeping(Clock clock) {
        this.clock = clock;
        this.balancesAt = clock.instant().plus(Duration.ofMinutes(1));
        this.claimsAt = balancesAt;
    }

    /** From any thread; null: rows are kept for ever. */
    void retain(@Nullable Retention wanted) {
        retention = wanted;
    }

    /** One batch of each, where it is time. */
    void step(Ledger ledger) {
        Instant now = clock.instant();
        if (!now.isBefore(balancesAt) && !ledger.forgetOldBalances()) {
            balancesAt = now.plus(BALANCES_EVERY);
        }
        if (!now.isBefore(claimsAt)) {
            ledger.forgetOldClaims();
            claimsAt = now.plus(CLAIMS_EVERY);
        }
        Retention wanted = retention;
        if (wanted == null) {
            before = null;
            rowsAt = Instant.MIN;
        } else if (!now.isBefore(rowsAt)) {
            deleteRows(ledger, wanted, now);
        }
    }

    /** Whole days, so that the sums of the others can still be compared with their rows. */
    private void deleteRows(Ledger ledger, Retention wanted, Instant now) {
        Instant day = before;
        if (day == null) {
            Duration period = wanted.period().compareTo(SHORTEST) < 0 ? SHORTEST : wanted.period();
            day = now.minus(period).truncatedTo(ChronoUnit.DAYS);
            before = day;
        }
        if (!ledger.deleteRows(day.toEpochMilli())) {
            LOG.debug("Spend rows from before {} are deleted", day);
            before = null;
            rowsAt = now.plus(wanted.interval());
        }
    }
}
