package dev.tollgate.cluster;

/**
 * What a node counted of one deployment.
 *
 * @param minute of the clock, since 1970, that the counts are of
 * @param inFlight attempts under way
 * @param begun attempts that began in that minute
 * @param succeeded attempts that were answered in full in that minute
 * @param tokens of answers that ended in that minute
 */
record Counts(long minute, long inFlight, long begun, long succeeded, long tokens) {
    static final long MINUTE_MILLIS = 60_000;
    static final Counts NOTHING = new Counts(0, 0, 0, 0, 0);

    /** Whether nothing was counted in that minute and nothing is under way. */
    boolean isEmpty() {
        return inFlight == 0 && begun == 0 && succeeded == 0 && tokens == 0;
    }

    /** Both together; of different minutes, only the later one's counts are of any use. */
    Counts plus(Counts other) {
        if (minute == other.minute) {
            return new Counts(
                    minute,
                    inFlight + other.inFlight,
                    begun + other.begun,
                    succeeded + other.succeeded,
                    tokens + other.tokens);
        }
        Counts later = minute > other.minute ? this : other;
        return new Counts(later.minute, inFlight + other.inFlight, later.begun, later.succeeded, later.tokens);
    }
}
