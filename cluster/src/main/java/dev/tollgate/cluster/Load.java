package dev.tollgate.cluster;

/**
 * The running figures of one deployment: attempts under way, requests and tokens of the current minute of the clock, and how fast
 * it answered lately. Times are milliseconds since 1970 and are passed in, so that whoever keeps the figures owns the clock.
 */
public final class Load {
    private static final long MINUTE_MILLIS = 60_000;

    private final Samples perToken = new Samples();
    private final Samples firstToken = new Samples();
    private final Samples whole = new Samples();
    private int inFlight;
    private long minute;
    private long begun;
    private long succeeded;
    private long tokens;

    /** An attempt began. */
    public void began(long nowMillis) {
        turn(nowMillis);
        inFlight++;
        begun++;
    }

    /** An attempt ended, well or not; for a stream, when its last frame has come. */
    public void ended() {
        inFlight = Math.max(0, inFlight - 1);
    }

    /** An attempt answered in full. */
    public void succeeded(long nowMillis) {
        turn(nowMillis);
        succeeded++;
    }

    /** Tokens were used, by an answer in full or in part. */
    public void used(long nowMillis, long count) {
        turn(nowMillis);
        tokens += count;
    }

    /** Attempts under way. */
    public int inFlight() {
        return inFlight;
    }

    /** Attempts that began in this minute. */
    public long begunThisMinute(long nowMillis) {
        turn(nowMillis);
        return begun;
    }

    /** Attempts that were answered in full in this minute. */
    public long succeededThisMinute(long nowMillis) {
        turn(nowMillis);
        return succeeded;
    }

    /** Tokens, prompt and completion, of answers that ended in this minute. */
    public long tokensThisMinute(long nowMillis) {
        turn(nowMillis);
        return tokens;
    }

    /** Seconds for each generated token; of an answer without any, the seconds it took. */
    public Samples perToken() {
        return perToken;
    }

    /** Seconds until the first chunk of a stream. */
    public Samples firstToken() {
        return firstToken;
    }

    /** Seconds until the end of an answer. */
    public Samples whole() {
        return whole;
    }

    private void turn(long nowMillis) {
        long now = nowMillis / MINUTE_MILLIS;
        if (minute != now) {
            minute = now;
            begun = 0;
            succeeded = 0;
            tokens = 0;
        }
    }
}
