package dev.tollgate.router;

import dev.tollgate.cluster.Load;
import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Decides when a failing deployment is left alone for a while.
 *
 * <p>With an {@code allowed_fails_policy} for the kind of failure: when it failed in that way more often than allowed within the
 * current minute. With {@code allowed_fails} set: when it failed more often than that within the current minute. Without: at once on 429 and on
 * refused credentials or an unknown model; otherwise when more than half of at least five attempts of the minute failed
 * (LiteLLM's default rule). A group's only deployment is cooled by refused credentials alone (as many as a policy allows): cooling it for a transient error
 * would turn one failed call into an outage. What failed is counted for the node, by all its lanes together.
 *
 * <p>After the cooldown one call tries the deployment while others still avoid it, if they can. When it answers, or a stream begins,
 * all is as before; when it fails in any way that counts, the deployment cools again at once, for the usual time (a circuit
 * breaker's half-open state). A trial is the node's: its lanes find each other's on the load board. It is decided by the attempt that
 * began it and by no other: what began before the cooldown was over says nothing of what comes after it.
 *
 * <p>For this each attempt has a ticket, one number, because every call gets one: when it began (milliseconds since 1970); of a trial
 * the negative of its claim, which is until when it keeps other lanes away.
 */
final class Cooldowns {
    private static final int FEWEST_FOR_A_RATE = 5;
    private static final int FORBIDDEN = 403;
    private static final long LONGEST_TRIAL_MILLIS = 10_000;

    /** No ticket: another call tries the deployment. */
    static final long REFUSED = Long.MIN_VALUE;

    /** Before any cooldown's end. Of a stream that has begun, too: that decided whatever there was to decide. */
    static final long BEGUN_BEFORE = 0;

    private final LoadBoard board;
    private final LongSupplier clock;

    /** Only deployments of their groups that would have been cooled if there were others. */
    private final Set<String> failing = new HashSet<>();

    private Set<String> ill = Set.of();
    private long illUntil;

    /** The end of the last cooldown that is known to be over. */
    private final Map<String, Long> toldAfter = new HashMap<>();

    /** Deployments that a new configuration changed under their ids, as they are now. */
    private final Map<String, Deployment> changed = new HashMap<>();

    Cooldowns(LoadBoard board, LongSupplier clock) {
        this.board = board;
        this.clock = clock;
    }

    /** A deployment that was changed begins anew: its cooldown was for what it was. One that is gone leaves nothing behind, either. */
    void configure(ModelTable before, ModelTable after) {
        for (Deployment old : before.deployments()) {
            Deployment now = after.byId(old.id());
            if (now == null) {
                board.renew(old.id());
                forget(old.id());
            } else if (!now.reaches(old) || !now.upstreamModel().equals(old.upstreamModel())) {
                board.renew(old.id());
                forget(old.id());
                changed.put(old.id(), now);
            }
        }
    }

    /** Nothing is known of the deployment any more. */
    void forget(String id) {
        failing.remove(id);
        toldAfter.remove(id);
        changed.remove(id);
    }

    /** Whether it was changed since an attempt on it began. */
    private boolean another(Deployment attempted) {
        Deployment now = changed.isEmpty() ? null : changed.get(attempted.id());
        return now != null && !now.reaches(attempted);
    }

    /**
     * Whether others should be used now: the deployment is cooling down, or has just done so and is being tried by one call, or
     * failed its last health check.
     */
    boolean cooled(Deployment deployment, Load load, long now) {
        long until = load.cooledUntil();
        return until != 0 && (until > now || load.triedUntil() > now) || ill(deployment, now);
    }

    /** Whether the deployment does not cool, but others should be used if there are any. */
    boolean avoided(Deployment deployment, Load load, long now) {
        return load.cooledUntil() <= now && cooled(deployment, load, now);
    }

    private boolean ill(Deployment deployment, long now) {
        return now < illUntil && ill.contains(deployment.id());
    }

    /** These failed their last health check, which counts until then (milliseconds since 1970). */
    void ill(Set<String> deployments, long untilMillis) {
        ill = Set.copyOf(deployments);
        illUntil = ill.isEmpty() ? 0 : untilMillis;
    }

    /**
     * The ticket of an attempt that begins now without a thought for others. The first one after a cooldown is a trial, one for the
     * node: {@link #REFUSED} when another is under way, also when it began this very moment. Where there is no choice nobody waits
     * for a trial.
     */
    long ticket(Deployment deployment, boolean onlyOne) {
        Load load = board.load(deployment.id());
        long until = load.cooledUntil();
        // The usual case, which need not know the time: whatever cools it later, this began before.
        if (until == 0) {
            return BEGUN_BEFORE;
        }
        long now = clock.getAsLong();
        if (onlyOne || load.provedAfter() >= until || until > now) {
            return now;
        }
        long tried = load.triedUntil();
        // A slow answer may take minutes; after a while another call may try, too.
        long claim = now + LONGEST_TRIAL_MILLIS;
        return tried <= now && load.tries(tried, claim) ? -claim : REFUSED;
    }

    private static boolean trial(long ticket) {
        return ticket < 0;
    }

    private static long began(long ticket) {
        return trial(ticket) ? -ticket - LONGEST_TRIAL_MILLIS : ticket;
    }

    /** An attempt answered, or its answer began. Answers whether that is new: it had been failing before. */
    boolean proved(Deployment deployment, long ticket) {
        boolean back = !failing.isEmpty() && failing.remove(deployment.id());
        Load load = board.load(deployment.id());
        long until = load.cooledUntil();
        // An attempt from before the cooldown's end may still end well, whenever that is.
        boolean after = until != 0 && began(ticket) >= until;
        if (after && load.provedAfter() < until) {
            load.proved(until);
        }
        over(load, ticket, 0);
        if (!after) {
            return back;
        }
        Long before = toldAfter.put(deployment.id(), until);
        return back || before == null || before != until;
    }

    /** An attempt ended in a way that says nothing about the deployment; if it was the trial, the next one is. */
    void undecided(Deployment deployment, long ticket) {
        if (trial(ticket)) {
            over(board.load(deployment.id()), ticket, 0);
        }
    }

    /** Ends the attempt's trial, if it was one and no later one has taken its place; lanes stay away until then. */
    private static void over(Load load, long ticket, long until) {
        if (trial(ticket)) {
            load.tries(-ticket, until);
        }
    }

    /** How long until the deployment may be used again; zero when it may now. */
    Duration left(Deployment deployment) {
        return Duration.ofMillis(Math.max(0, board.cooledUntil(deployment.id()) - clock.getAsLong()));
    }

    boolean succeeded(Deployment deployment, long ticket) {
        board.load(deployment.id()).answered(clock.getAsLong());
        return proved(deployment, ticket);
    }

    /** What came of a failure. */
    enum Effect {
        /** Nothing. */
        NONE,
        /** The deployment is left alone. */
        COOLED,
        /** It would be left alone if there were another. */
        FAILING
    }

    Effect failed(Deployment deployment, Failure failure, boolean onlyOne, RouterSettings settings, long ticket) {
        Effect effect = another(deployment) || !counts(failure)
                ? Effect.NONE
                : counted(deployment, failure, onlyOne, settings, ticket);
        // A trial that cools is over with that: in between another lane could begin one.
        if (effect != Effect.COOLED) {
            undecided(deployment, ticket);
        }
        return effect;
    }

    /** Of what is forbidden (403) nobody can tell whether it is the credentials or what this client asked, so it counts as nothing. */
    private static boolean counts(Failure failure) {
        return failure.kind().cools() && failure.status() != FORBIDDEN;
    }

    private Effect counted(
            Deployment deployment, Failure failure, boolean onlyOne, RouterSettings settings, long ticket) {
        Load load = board.load(deployment.id());
        FailureKind kind = failure.kind();
        long now = clock.getAsLong();
        load.failed(kind, now);
        if (settings.disableCooldowns() || !(trial(ticket) || due(load, now, kind, onlyOne, settings))) {
            boolean alone = onlyOne && due(load, now, kind, false, settings);
            return alone && failing.add(deployment.id()) ? Effect.FAILING : Effect.NONE;
        }
        Duration time = time(deployment, failure, settings);
        if (time.isZero()) {
            return Effect.NONE;
        }
        long until = now + time.toMillis();
        // After a trial other lanes stay away at once, also those that are told of the cooldown a moment later.
        over(load, ticket, until);
        board.cool(deployment.id(), until);
        load.judgeAnew();
        return Effect.COOLED;
    }

    private static boolean due(Load load, long now, FailureKind kind, boolean onlyOne, RouterSettings settings) {
        if (onlyOne && kind != FailureKind.UPSTREAM_AUTHENTICATION) {
            return false;
        }
        Integer allowed = Policies.allowedFails(kind, settings);
        if (allowed != null) {
            return load.failedThisMinute(kind, now) > allowed;
        }
        if (onlyOne) {
            return settings.allowedFails() == null;
        }
        if (settings.allowedFails() != null) {
            return load.failedThisMinute(now) > settings.allowedFails();
        }
        return kind == FailureKind.UPSTREAM_AUTHENTICATION
                || kind == FailureKind.NOT_FOUND
                || kind == FailureKind.PAYMENT_REQUIRED
                || kind == FailureKind.RATE_LIMIT
                || mostFailed(load, now);
    }

    /** Failures first: meanwhile other lanes may add to both, and must not make it look worse than it is. */
    private static boolean mostFailed(Load load, long now) {
        long failures = load.failedThisMinute(now);
        long attempts = load.judgedThisMinute(now);
        return attempts >= FEWEST_FOR_A_RATE && failures * 2 > attempts;
    }

    private static Duration time(Deployment deployment, Failure failure, RouterSettings settings) {
        if (deployment.routing().cooldown() != null) {
            return deployment.routing().cooldown();
        }
        return failure.retryAfter() != null ? failure.retryAfter() : settings.cooldown();
    }
}
