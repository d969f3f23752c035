package dev.tollgate.router;

import dev.tollgate.cluster.Load;
import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import java.time.Duration;
import java.util.EnumMap;
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
 * (LiteLLM's default rule). A group's only deployment is cooled by refused credentials alone: cooling it for a transient error
 * would turn one failed call into an outage.
 *
 * <p>After the cooldown one call tries the deployment while others still avoid it, if they can. When it answers, or a stream begins,
 * all is as before; when it fails in any way that counts, the deployment cools again at once, for the usual time (a circuit
 * breaker's half-open state). A trial is the node's: its lanes find each other's on the load board.
 */
final class Cooldowns {
    private static final long MINUTE_MILLIS = 60_000;
    private static final int FEWEST_FOR_A_RATE = 5;
    private static final long LONGEST_TRIAL_MILLIS = 10_000;

    private final LoadBoard board;
    private final LongSupplier clock;
    private final Map<String, Minute> minutes = new HashMap<>();

    /** Only deployments of their groups that would have been cooled if there were others. */
    private final Set<String> failing = new HashSet<>();

    private Set<String> ill = Set.of();
    private long illUntil;

    /** The end of the last cooldown that is known to be over. */
    private final Map<String, Long> toldAfter = new HashMap<>();

    /** Deployments that a new configuration changed under their ids, as they are now. */
    private final Map<String, Deployment> changed = new HashMap<>();

    private static final class Minute {
        private long number;
        private int attempts;
        private int failures;
        private final Map<FailureKind, Integer> byKind = new EnumMap<>(FailureKind.class);

        private void clear() {
            attempts = 0;
            failures = 0;
            byKind.clear();
        }
    }

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
        minutes.remove(id);
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
     * Whether an attempt may begin without a thought for others. The first one after a cooldown is a trial, one for the node: false
     * when another is under way, also when it began this very moment. Where there is no choice nobody waits for a trial.
     */
    boolean mayBegin(Deployment deployment, boolean onlyOne) {
        Load load = board.load(deployment.id());
        long until = load.cooledUntil();
        if (until == 0 || onlyOne || load.provedAfter() >= until) {
            return true;
        }
        long now = clock.getAsLong();
        long tried = load.triedUntil();
        // A slow answer may take minutes; after a while another call may try, too.
        return until > now || tried <= now && load.tries(tried, now + LONGEST_TRIAL_MILLIS);
    }

    /** An attempt answered, or its answer began. Answers whether that is new: it had been failing before. */
    boolean proved(Deployment deployment) {
        boolean back = !failing.isEmpty() && failing.remove(deployment.id());
        Load load = board.load(deployment.id());
        long until = load.cooledUntil();
        if (until == 0) {
            return back;
        }
        if (load.provedAfter() < until) {
            load.proved(until);
        }
        undecided(deployment);
        // An attempt from before the cooldown may still end well in it.
        if (until > clock.getAsLong()) {
            return back;
        }
        Long before = toldAfter.put(deployment.id(), until);
        return back || before == null || before != until;
    }

    /** An attempt ended in a way that says nothing about the deployment; the next one is the trial. */
    void undecided(Deployment deployment) {
        Load load = board.load(deployment.id());
        if (onTrial(load)) {
            load.tried(0);
        }
    }

    /** Whether a call tries it, or did and has not ended. */
    private static boolean onTrial(Load load) {
        long until = load.cooledUntil();
        return until != 0 && load.triedUntil() > until;
    }

    /** How long until the deployment may be used again; zero when it may now. */
    Duration left(Deployment deployment) {
        return Duration.ofMillis(Math.max(0, board.cooledUntil(deployment.id()) - clock.getAsLong()));
    }

    boolean succeeded(Deployment deployment) {
        minute(deployment).attempts++;
        return proved(deployment);
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

    Effect failed(Deployment deployment, Failure failure, boolean onlyOne, RouterSettings settings) {
        if (another(deployment)) {
            return Effect.NONE;
        }
        boolean trial = onTrial(board.load(deployment.id()));
        undecided(deployment);
        if (!failure.kind().cools()) {
            return Effect.NONE;
        }
        Minute minute = minute(deployment);
        minute.attempts++;
        minute.failures++;
        int ofKind = minute.byKind.merge(failure.kind(), 1, Integer::sum);
        if (settings.disableCooldowns() || !(trial || due(minute, failure.kind(), ofKind, onlyOne, settings))) {
            boolean alone = onlyOne && due(minute, failure.kind(), ofKind, false, settings);
            return alone && failing.add(deployment.id()) ? Effect.FAILING : Effect.NONE;
        }
        Duration time = time(deployment, failure, settings);
        if (time.isZero()) {
            return Effect.NONE;
        }
        cool(deployment, clock.getAsLong() + time.toMillis(), trial);
        minute.clear();
        return Effect.COOLED;
    }

    /** After a trial other lanes stay away at once, also those that are told of the cooldown a moment later. */
    private void cool(Deployment deployment, long until, boolean trial) {
        if (trial) {
            board.load(deployment.id()).tried(until);
        }
        board.cool(deployment.id(), until);
    }

    private static boolean due(Minute minute, FailureKind kind, int ofKind, boolean onlyOne, RouterSettings settings) {
        if (onlyOne) {
            return kind == FailureKind.UPSTREAM_AUTHENTICATION && settings.allowedFails() == null;
        }
        Integer allowed = Policies.allowedFails(kind, settings);
        if (allowed != null) {
            return ofKind > allowed;
        }
        if (settings.allowedFails() != null) {
            return minute.failures > settings.allowedFails();
        }
        return kind == FailureKind.UPSTREAM_AUTHENTICATION
                || kind == FailureKind.NOT_FOUND
                || kind == FailureKind.PAYMENT_REQUIRED
                || kind == FailureKind.RATE_LIMIT
                || (minute.attempts >= FEWEST_FOR_A_RATE && minute.failures * 2 > minute.attempts);
    }

    private static Duration time(Deployment deployment, Failure failure, RouterSettings settings) {
        if (deployment.routing().cooldown() != null) {
            return deployment.routing().cooldown();
        }
        return failure.retryAfter() != null ? failure.retryAfter() : settings.cooldown();
    }

    private Minute minute(Deployment deployment) {
        Minute minute = minutes.computeIfAbsent(deployment.id(), _ -> new Minute());
        long now = clock.getAsLong() / MINUTE_MILLIS;
        if (minute.number != now) {
            minute.number = now;
            minute.clear();
        }
        return minute;
    }
}
