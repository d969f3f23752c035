package dev.tollgate.cluster;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The running figures of one deployment: attempts under way, requests and tokens of the current minute of the clock, and how fast
 * it answered lately. What one lane writes counts in what every lane of the node reads, and other nodes' counts with it; measurements of
 * time are told to other lanes and nodes four times a second. Times are milliseconds since 1970 and are passed in, so that whoever keeps the figures owns the clock.
 */
public final class Load {
    private final Samples perToken = new Samples();
    private final Samples firstToken = new Samples();
    private final Samples whole = new Samples();
    private final LoadCells own;
    private long cooledUntil;

    /** A cell of each lane; empty where a lane has not used the deployment. */
    private final AtomicReferenceArray<@Nullable LoadCells> all;

    /** Figures of a single lane. */
    public Load() {
        this(new AtomicReferenceArray<>(1), 0);
    }

    /** This lane's part; the array is shared by all lanes. */
    Load(AtomicReferenceArray<@Nullable LoadCells> all, int lane) {
        LoadCells earlier = all.get(lane);
        this.all = all;
        this.own = earlier == null ? new LoadCells() : earlier;
        all.set(lane, own);
    }

    /** An attempt began. */
    public void began(long nowMillis) {
        own.began(nowMillis);
    }

    /** An attempt ended, well or not; for a stream, when its last frame has come. */
    public void ended() {
        own.ended();
    }

    /** An attempt answered in full. */
    public void succeeded(long nowMillis) {
        own.succeeded(nowMillis);
    }

    /** Tokens were used, by an answer in full or in part. */
    public void used(long nowMillis, long count) {
        own.used(nowMillis, count);
    }

    /** Attempts under way on the node. */
    public int inFlight() {
        long sum = 0;
        for (int i = 0; i < all.length(); i++) {
            LoadCells cells = all.get(i);
            sum += cells == null ? 0 : cells.inFlight();
        }
        return (int) sum;
    }

    /** Attempts that began on the node in this minute. */
    public long begunThisMinute(long nowMillis) {
        long sum = 0;
        for (int i = 0; i < all.length(); i++) {
            LoadCells cells = all.get(i);
            sum += cells == null ? 0 : cells.begun(nowMillis);
        }
        return sum;
    }

    /** Attempts that were answered in full on the node in this minute. */
    public long succeededThisMinute(long nowMillis) {
        long sum = 0;
        for (int i = 0; i < all.length(); i++) {
            LoadCells cells = all.get(i);
            sum += cells == null ? 0 : cells.succeededIn(nowMillis);
        }
        return sum;
    }

    /** Tokens, prompt and completion, of answers that ended on the node in this minute. */
    public long tokensThisMinute(long nowMillis) {
        long sum = 0;
        for (int i = 0; i < all.length(); i++) {
            LoadCells cells = all.get(i);
            sum += cells == null ? 0 : cells.tokens(nowMillis);
        }
        return sum;
    }

    /** Until when the deployment is left alone (milliseconds since 1970), as far as this lane was told; 0 when it never was. */
    public long cooledUntil() {
        return cooledUntil;
    }

    /** This lane leaves the deployment alone until then, or longer when it was told so; {@link LoadBoard#cool} tells all lanes. */
    public void coolUntil(long millis) {
        cooledUntil = Math.max(cooledUntil, millis);
    }

    /** Whether this lane has something under way, began something in this minute, or leaves the deployment alone. */
    boolean busy(long nowMillis) {
        return own.inFlight() > 0 || own.begun(nowMillis) > 0 || cooledUntil > nowMillis;
    }

    /** It is another deployment now: what went wrong and how fast it was says nothing any more. What is under way still counts. */
    void renew() {
        cooledUntil = 0;
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
