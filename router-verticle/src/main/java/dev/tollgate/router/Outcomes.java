package dev.tollgate.router;

import dev.tollgate.cluster.Load;
import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.StreamOutcome;
import dev.tollgate.protocol.Usage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Writes down how each attempt went: in the deployment's figures, in its measurements, and against its health. */
final class Outcomes {
    /** What a timeout counts as in the measurements, so that others are chosen (LiteLLM). */
    private static final double TIMEOUT_SECONDS = 1000;

    private final LoadBoard board;
    private final Cooldowns cooldowns;
    private final LongSupplier clock;

    /** Has its turn when an attempt has ended. */
    private final Line line;

    private final Bulletin bulletin;

    Outcomes(LoadBoard board, Cooldowns cooldowns, LongSupplier clock, Line line, Bulletin bulletin) {
        this.bulletin = bulletin;
        this.board = board;
        this.cooldowns = cooldowns;
        this.clock = clock;
        this.line = line;
    }

    /** The {@link Cooldowns#ticket ticket} of an attempt that begins now. {@code onlyOne}: there is no other to choose. */
    long ticket(Deployment chosen, boolean onlyOne) {
        return cooldowns.ticket(chosen, onlyOne);
    }

    void began(Deployment chosen) {
        board.load(chosen.id()).began(clock.getAsLong());
    }

    /** An attempt that had its ticket was not made after all. */
    void notMade(Deployment chosen, long ticket) {
        cooldowns.undecided(chosen, ticket);
    }

    /** A whole answer. */
    void succeeded(Deployment chosen, Usage usage, double millis, RouterSettings settings, long ticket) {
        Load load = board.load(chosen.id());
        load.ended();
        bulletin.answered(chosen, succeeded(load, chosen, usage, millis, settings, ticket), millis);
        line.look();
    }

    private boolean succeeded(
            Load load, Deployment chosen, Usage usage, double millis, RouterSettings settings, long ticket) {
        long now = clock.getAsLong();
        load.succeeded(now);
        load.used(now, usage.total());
        double seconds = millis / 1000;
        load.whole().add(seconds, now, settings.latency().samples());
        load.perToken()
                .add(
                        usage.completion() > 0 ? seconds / usage.completion() : seconds,
                        now,
                        settings.latency().samples());
        return cooldowns.succeeded(chosen, ticket);
    }

    /** An attempt that nobody waited for any more has used this: it counts towards the limits of the minute, and for nothing else. */
    void used(Deployment chosen, Usage usage) {
        if (usage.total() > 0) {
            long now = clock.getAsLong();
            Load load = board.load(chosen.id());
            load.succeeded(now);
            load.used(now, usage.total());
        }
    }

    /** A stream has begun. */
    void streams(Deployment chosen, double millis, long ticket) {
        bulletin.answered(chosen, cooldowns.proved(chosen, ticket), millis);
    }

    /** No answer. {@code ownTimeout}: the client set the time limit itself. */
    void failed(Deployment chosen, Failure failure, boolean onlyOne, boolean ownTimeout, Snapshot config, long ticket) {
        Load load = board.load(chosen.id());
        load.ended();
        failed(load, chosen, failure, onlyOne, ownTimeout, config, ticket);
        line.look();
    }

    private void failed(
            Load load,
            Deployment chosen,
            Failure failure,
            boolean onlyOne,
            boolean ownTimeout,
            Snapshot config,
            long ticket) {
        if (!deploymentsFault(chosen, failure, ownTimeout, config)) {
            cooldowns.undecided(chosen, ticket);
            return;
        }
        if (failure.kind() == FailureKind.TIMEOUT) {
            int most = config.router().latency().samples();
            load.perToken().add(TIMEOUT_SECONDS, clock.getAsLong(), most);
        }
        Cooldowns.Effect effect = cooldowns.failed(chosen, failure, onlyOne, config.router(), ticket);
        if (effect != Cooldowns.Effect.NONE) {
            bulletin.failed(chosen, failure, effect, config);
        }
    }

    /** A stream is over. {@code chosen} is null when a new configuration has dropped the deployment meanwhile. */
    void streamOver(StreamOutcome outcome, @Nullable Deployment chosen, boolean onlyOne, Snapshot config) {
        Load load = board.load(outcome.deploymentId());
        load.ended();
        if (chosen != null) {
            streamOver(load, outcome, chosen, onlyOne, config);
        }
        line.look();
    }

    private void streamOver(Load load, StreamOutcome outcome, Deployment chosen, boolean onlyOne, Snapshot config) {
        Failure failure = outcome.failure();
        if (failure == null) {
            if (outcome.firstTokenMillis() >= 0) {
                int most = config.router().latency().samples();
                load.firstToken().add(outcome.firstTokenMillis() / 1000, clock.getAsLong(), most);
            }
            // Usually it is no news any more, for the stream has begun before.
            boolean recovered = succeeded(
                    load, chosen, outcome.usage(), outcome.totalMillis(), config.router(), Cooldowns.BEGUN_BEFORE);
            bulletin.answered(chosen, recovered, 0);
        } else {
            load.used(clock.getAsLong(), outcome.usage().total());
            failed(load, chosen, failure, onlyOne, outcome.ownTimeout(), config, Cooldowns.BEGUN_BEFORE);
        }
    }

    /** Whether a failure says something about the deployment, and not about what this client asked of it. */
    private static boolean deploymentsFault(Deployment chosen, Failure failure, boolean ownTimeout, Snapshot config) {
        return switch (failure.kind()) {
            case TIMEOUT -> !ownTimeout;
            case NOT_FOUND -> {
                Deployment configured = config.models().byId(chosen.id());
                yield configured == null || !configured.group().contains("*");
            }
            default -> true;
        };
    }
}
