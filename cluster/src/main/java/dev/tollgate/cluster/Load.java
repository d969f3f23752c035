package dev.tollgate.cluster;

import dev.tollgate.protocol.FailureKind;

/**
 * The running figures of one deployment: attempts under way, requests and tokens of the current minute of the clock, and how fast
 * it answered lately. What one lane writes counts in what every lane of the node reads, and other nodes' counts with it; measurements of
 * time are told to other lanes and nodes four times a second. Times are milliseconds since 1970 and are passed in, so that whoever keeps the figures owns the clock.
 */
public final class Load {
    private final Samples perToken = new Samples();
    private final Samples firstToken = new Samples();
    private final Samples whole = new Samples();
    private final LoadCells cells;
    private long cooledUntil;

    /** Of this lane alone. */
    private int underWay;

    private long lastBegan = Long.MIN_VALUE;

    /** Figures of a single lane. */
    public Load() {
        this(new LoadCells());
    }

    /** This lane's part; the cells are shared by all lanes. */
    Load(LoadCells cells) {
        this.cells = cells;
    }

    /** An attempt began. */
    public void began(long nowMillis) {
        underWay++;
        lastBegan = nowMillis;
        cells.began(nowMillis);
    }

    /** An attempt ended, well or not; for a stream, when its last frame has come. */
    public void ended() {
        // One that began before the deployment was forgotten is not counted any more.
        if (underWay > 0) {
            underWay--;
            cells.ended();
        }
    }

    /** An attempt answered in full. */
    public void succeeded(long nowMillis) {
        cells.succeeded(nowMillis);
    }

    /** Tokens were used, by an answer in full or in part. */
    public void used(long nowMillis, long count) {
        cells.used(nowMillis, count);
    }

    /** An attempt went well to its end: it stands beside those that {@link #failed}. */
    public void answered(long nowMillis) {
        cells.judged(nowMillis);
    }

    /** An attempt failed in a way that counts against the deployment. */
    public void failed(FailureKind kind, long nowMillis) {
        cells.judged(nowMillis);
        cells.failures().add(kind, nowMillis);
    }

    /** Attempts that {@link #answered} or {@link #failed} on the node in this minute. */
    public long judgedThisMinute(long nowMillis) {
        return cells.judgedIn(nowMillis);
    }

    /** Attempts that {@link #failed} on the node in this minute. */
    public long failedThisMinute(long nowMillis) {
        return cells.failures().in(nowMillis);
    }

    /** Those of them that failed so. */
    public long failedThisMinute(FailureKind kind, long nowMillis) {
        return cells.failures().of(kind, nowMillis);
    }

    /** What failed in this minute has had its consequences, and counts no more. */
    public void judgeAnew() {
        cells.judgeAnew();
    }

    /** Attempts under way on the node. */
    public int inFlight() {
        return (int) cells.inFlight();
    }

    /** Attempts that began on the node in this minute. */
    public long begunThisMinute(long nowMillis) {
        return cells.begun(nowMillis);
    }

    /** Attempts that were answered in full on the node in this minute. */
    public long succeededThisMinute(long nowMillis) {
        return cells.succeededIn(nowMillis);
    }

    /** Tokens, prompt and completion, of answers that ended on the node in this minute. */
    public long tokensThisMinute(long nowMillis) {
        return cells.tokens(nowMillis);
    }

    /** Until when the deployment is left alone (milliseconds since 1970), as far as this lane was told; 0 when it never was. */
    public long cooledUntil() {
        return cooledUntil;
    }

    /** This lane leaves the deployment alone until then, or longer when it was told so; {@link LoadBoard#cool} tells all lanes. */
    public void coolUntil(long millis) {
        cooledUntil = Math.max(cooledUntil, millis);
    }

    /**
     * Until when lanes stay away because a call of one of them tries the deployment after its cooldown, or is known to have failed to
     * (milliseconds since 1970); of the whole node.
     */
    public long triedUntil() {
        return cells.triedUntil();
    }

    /**
     * Whether {@link #triedUntil()} was changed from what the caller has {@code seen}, or has put there: one of those who saw the same
     * may try the deployment, and only who does so can end the trial, with the time until which lanes still stay away, or 0.
     */
    public boolean tries(long seen, long untilMillis) {
        return cells.tries(seen, untilMillis);
    }

    /** The end of the last cooldown after which the deployment is known to answer, by any lane of the node. */
    public long provedAfter() {
        return cells.provedAfter();
    }

    /** It answered after the cooldown that ended then, or before. */
    public void proved(long cooledUntil) {
        cells.proved(cooledUntil);
    }

    /** Whether this lane has something under way, began something in this minute, or leaves the deployment alone. */
    boolean busy(long nowMillis) {
        return underWay > 0
                || lastBegan / Counts.MINUTE_MILLIS == nowMillis / Counts.MINUTE_MILLIS
                || cooledUntil > nowMillis;
    }

    /** It is another deployment now: what went wrong and how fast it was says nothing any more. What is under way still counts. */
    void renew() {
        cooledUntil = 0;
        cells.renew();
        perToken.clear();
        firstToken.clear();
        whole.clear();
    }

    /** From now on measurements are kept for {@link #taken} as well. */
    void share() {
        perToken.share();
        firstToken.share();
        whole.share();
    }

    /** What this lane measured since this was asked last. */
    Measured taken() {
        return new Measured(perToken.collect(), firstToken.collect(), whole.collect());
    }

    /** Adds what other lanes and nodes measured; at most so many are kept of each. */
    void merge(Measured others, int most) {
        perToken.merge(others.perToken(), most);
        firstToken.merge(others.firstToken(), most);
        whole.merge(others.whole(), most);
    }

    /** Times of one deployment. */
    record Measured(Samples.Taken perToken, Samples.Taken firstToken, Samples.Taken whole) {
        boolean isEmpty() {
            return perToken.isEmpty() && firstToken.isEmpty() && whole.isEmpty();
        }
    }

    /** Seconds for each generated token; of an answer without any, the seconds it took. This lane's own, and after a moment others'. */
    public Samples perToken() {
        return perToken;
    }

    /** Seconds until the first chunk of a stream. This lane's own, and after a moment others'. */
    public Samples firstToken() {
        return firstToken;
    }

    /** Seconds until the end of an answer. */
    public Samples whole() {
        return whole;
    }
}
