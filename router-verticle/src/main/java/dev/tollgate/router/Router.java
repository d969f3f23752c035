package dev.tollgate.router;

import dev.tollgate.cluster.Bus;
import dev.tollgate.cluster.Load;
import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Continue;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.HealthRound;
import dev.tollgate.protocol.ProbeResult;
import dev.tollgate.protocol.QueryResult;
import dev.tollgate.protocol.StreamOutcome;
import dev.tollgate.router.strategy.Seats;
import dev.tollgate.router.strategy.Strategies;
import dev.tollgate.router.strategy.Strategy;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Takes a call to a deployment that can serve it. What it decides with is gathered here; what happens to one call is a
 * {@link Journey}.
 */
final class Router {
    private static final int REMEMBERED_NAMES = 10_000;

    final Bus bus;
    final Outcomes outcomes;
    final Backoff backoff;
    final Function<Duration, Future<Void>> pause;
    /** Ends the attempt of that name, wherever it is. */
    final Consumer<String> callOff;

    final Hedges hedges;

    /** Calls that wait for a place. */
    final Line line;

    private final Cooldowns cooldowns;
    private final Bulletin bulletin;
    private final LoadBoard board;
    private final LongSupplier clock;
    private final Strategies strategies;
    private final Facts facts;
    private final Prompts prompts;
    private Strategy strategy;
    private Affinity affinity;
    private Candidates candidates;
    private Admission admission;
    private Snapshot config =
            new Snapshot(0, "(none)", ModelTable.empty(), RouterSettings.DEFAULT, GeneralSettings.DEFAULT, List.of());

    /**
     * Calls from their arrival to their answer, by call id: a client may leave at any moment between, and what it sends then is behind
     * the call in this lane's queue. One entry a call, put in and taken out.
     */
    private final Map<String, Journey> underway = new HashMap<>();

    /** Calls whose stream could be carried on elsewhere, by call id. */
    private final Map<String, Journey> streaming = new HashMap<>();

    /** Names that were asked for, their groups with figures: seating one looks for them all, and a wildcard's copies deployments. */
    private final Map<String, ModelTable.Group> resolved = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ModelTable.Group> eldest) {
            return size() > REMEMBERED_NAMES;
        }
    };

    Router(
            Bus bus,
            LoadBoard board,
            RandomGenerator random,
            LongSupplier clock,
            Backoff backoff,
            Function<Duration, Future<Void>> pause,
            Consumer<String> callOff,
            Prompts prompts) {
        this.bus = bus;
        this.board = board;
        this.clock = clock;
        this.facts = new Facts(bus);
        this.prompts = prompts;
        this.cooldowns = new Cooldowns(board, clock);
        this.line = new Line(clock);
        this.bulletin = new Bulletin(bus, board, clock);
        this.outcomes = new Outcomes(board, cooldowns, clock, line, bulletin);
        this.strategies = new Strategies(clock, random, facts);
        RouterSettings none = config.router();
        this.strategy = strategies.of(none);
        this.affinity = new Affinity(none.choosing());
        this.candidates = new Candidates(board, cooldowns, new Limits(clock, none));
        this.admission = new Admission(none, facts, prompts);
        this.backoff = backoff;
        this.pause = pause;
        this.callOff = callOff;
        this.hedges = new Hedges(bus, board, clock);
    }

    void configure(Snapshot snapshot) {
        cooldowns.configure(config.models(), snapshot.models());
        config = snapshot;
        bulletin.configure(snapshot);
        resolved.clear();
        RouterSettings settings = snapshot.router();
        strategy = strategies.of(settings);
        affinity = new Affinity(settings.choosing());
        candidates = new Candidates(board, cooldowns, new Limits(clock, settings));
        admission = new Admission(settings, facts, prompts);
        facts.configure(
                snapshot.models().deployments(),
                settings.choosing().preCallChecks() || settings.strategy().equals("cost-based-routing"));
        if (!snapshot.general().health().routing()) {
            cooldowns.ill(Set.of(), 0);
        }
    }

    /** Forgets deployments that are gone; to be called about once a minute. */
    void sweep() {
        board.sweep(id -> config.models().byId(id) != null, clock.getAsLong()).forEach(cooldowns::forget);
    }

    /** How one deployment is chosen now; a new configuration changes it. */
    Strategy strategy() {
        return strategy;
    }

    /** What keeps calls together now. */
    Affinity affinity() {
        return affinity;
    }

    /** Picks one of the candidates, and notes in the call's story what picked it. */
    Deployment choose(Seats among, Call call, Story story) {
        Deployment bound = affinity.bound(among, call);
        if (bound != null) {
            story.chosenBy("affinity");
            return bound;
        }
        story.chosenBy(among.size() == 1 ? "only" : config.router().strategy());
        return strategy.choose(among, call.envelope().stream());
    }

    /** Which deployments a call may use at all. */
    Admission admission() {
        return admission;
    }

    /** How the call would be routed now; it is not made. */
    Future<QueryResult> explain(Call call) {
        return new Explaining(this, config, call, clock).answer();
    }

    /** When a wait that begins now and may last so long is over, in milliseconds since 1970. */
    long until(Duration longest) {
        return clock.getAsLong() + longest.toMillis();
    }

    /** Milliseconds since 1970. */
    long now() {
        return clock.getAsLong();
    }

    /** Figures of a deployment. */
    Load load(Deployment deployment) {
        return board.load(deployment.id());
    }

    /** Who may be chosen now. */
    Candidates candidates() {
        return candidates;
    }

    /** Deployments that failed a health check are avoided until the next two rounds should have come, if that is wanted. */
    void healthSeen(HealthRound round) {
        GeneralSettings.HealthChecks checks = config.general().health();
        Set<String> ill = new HashSet<>();
        if (checks.routing()) {
            for (ProbeResult result : round.results()) {
                if (result.failure() != null && result.failure().kind().cools()) {
                    ill.add(result.deploymentId());
                }
            }
        }
        cooldowns.ill(ill, round.checkedAtMillis() + 2 * checks.interval().toMillis());
    }

    /** A stream that was given out is over. */
    void streamOver(StreamOutcome outcome) {
        if (!streaming.isEmpty()) {
            streaming.remove(outcome.callId());
        }
        note(outcome);
    }

    private void note(StreamOutcome outcome) {
        outcomes.streamOver(outcome, config.models().byId(outcome.deploymentId()), outcome.onlyOne(), config);
    }

    Future<Answer> route(Call call) {
        Journey journey = new Journey(this, config, call);
        underway(call.id(), journey);
        return journey.begin();
    }

    /** A stream that was given out broke, and the client has the beginning of its text. */
    Future<Answer> carryOn(Continue broken) {
        note(broken.broken());
        Journey journey = streaming.remove(broken.call().id());
        Failure failure = broken.broken().failure();
        if (journey == null || failure == null) {
            return Future.succeededFuture(
                    new Answer.Refused(Failure.of(FailureKind.INTERNAL, "The router does not know this stream"), null));
        }
        return journey.carryOn(broken.call(), failure, broken.broken().usage());
    }

    /** A stream was given out that could be carried on should it break. */
    void streaming(String callId, Journey journey) {
        streaming.put(callId, journey);
    }

    /** From now until it is {@link #done} the call can be {@link #abandon abandoned}. */
    void underway(String callId, Journey journey) {
        underway.put(callId, journey);
    }

    /** The call has its answer. */
    void done(String callId, Journey journey) {
        underway.remove(callId, journey);
    }

    /** Calls that something is kept for. */
    int kept() {
        return underway.size() + streaming.size();
    }

    /** The client has gone. */
    void abandon(String callId) {
        Journey journey = underway.get(callId);
        if (journey != null) {
            journey.abandon();
        }
    }

    ModelTable.@Nullable Group resolve(ModelTable models, String name) {
        if (models != config.models()) {
            return models.resolve(name);
        }
        ModelTable.Group group = resolved.get(name);
        if (group == null) {
            ModelTable.Group found = models.resolve(name);
            if (found != null) {
                group = new ModelTable.Group(found.group(), Seats.of(found.deployments(), board));
                facts.learn(group.deployments());
                resolved.put(name, group);
            }
        }
        return group;
    }
}
