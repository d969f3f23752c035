package dev.tollgate.gateway.control;

import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Role;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.HealthRound;
import dev.tollgate.protocol.Probe;
import dev.tollgate.protocol.ProbeResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks deployments for a few tokens, at most ten at once; with {@code background_health_checks} again and again, and tells every
 * lane what came of it. A round costs money, so one lane makes it for all, and one node for all nodes: the oldest of them.
 */
final class HealthRounds {
    private static final int AT_ONCE = 10;

    private final Lane lane;
    private final Peers peers;
    private @Nullable HealthRound last;
    private long timer;

    /** What is asked again and again; null when nothing is, or not by this lane. */
    private @Nullable Plan plan;

    /** A round of a plan is under way; another begins when it is over, and not beside it. */
    private boolean underway;

    private record Plan(Duration interval, List<Deployment> deployments) {}

    HealthRounds(Lane lane) {
        this.lane = lane;
        this.peers = lane.node().peers();
        lane.bus().<HealthRound>receive(Addresses.onLane(Addresses.HEALTH_SEEN, lane.number()), round -> last = round);
        if (lane.number() == 0) {
            Context context = lane.node().vertx().getOrCreateContext();
            peers.onChange(() -> context.runOnContext(_ -> replan()));
            peers.receive(HealthLetter.TOPIC, letter -> {
                HealthRound round = HealthLetter.read(letter);
                context.runOnContext(_ -> tellLanes(round));
                return Future.succeededFuture(Letter.done());
            });
        }
        lane.onConfig(_ -> replan());
    }

    /** The last round made in the background; null when there is none, or none is wanted any more. */
    @Nullable HealthRound last() {
        return settings().background() ? last : null;
    }

    private GeneralSettings.HealthChecks settings() {
        return lane.config().general().health();
    }

    /** A reload that leaves what is asked, and how often, as it was leaves the rounds as they are. */
    private void replan() {
        Plan wanted = settings().background() && leads() ? new Plan(settings().interval(), askable()) : null;
        if (Objects.equals(wanted, plan)) {
            return;
        }
        plan = wanted;
        lane.node().vertx().cancelTimer(timer);
        begin();
    }

    /** Whether this lane makes the rounds. While a node looks for the others, none of its lanes does. */
    private boolean leads() {
        return lane.number() == 0
                && switch (peers.state()) {
                    case ALONE -> true;
                    case JOINING, LEFT -> false;
                    case JOINED ->
                        peers.all().stream()
                                .filter(peer -> peer.roles().contains(Role.GATEWAY))
                                .findFirst()
                                .map(Peer::id)
                                .filter(peers.self()::equals)
                                .isPresent();
                };
    }

    private void begin() {
        Plan planned = plan;
        if (planned == null || underway) {
            return;
        }
        underway = true;
        ask(planned.deployments(), () -> planned.equals(plan)).onComplete(results -> {
            underway = false;
            if (planned.equals(plan) && results.succeeded()) {
                tell(new HealthRound(results.result(), System.currentTimeMillis()));
                timer = lane.node().vertx().setTimer(planned.interval().toMillis(), _ -> begin());
            } else {
                begin();
            }
        });
    }

    private void tell(HealthRound round) {
        tellLanes(round);
        Letter letter = HealthLetter.of(round);
        peers.all().stream()
                .filter(peer -> !peer.id().equals(peers.self()) && peer.roles().contains(Role.GATEWAY))
                .forEach(peer -> peers.tell(peer.id(), letter));
    }

    private void tellLanes(HealthRound round) {
        for (int i = 0; i < lane.node().lanes(); i++) {
            lane.bus().send(Addresses.onLane(Addresses.HEALTH_SEEN, i), round);
            lane.bus().send(Addresses.onLane(Addresses.HEALTH_ROUTING, i), round);
        }
    }

    /** Those that can be asked (a star alone names no model, and not every mode has a small question) and, in the background, may be. */
    List<Deployment> askable() {
        return lane.config().models().deployments().stream()
                .filter(deployment -> !deployment.upstreamModel().contains("*")
                        || deployment.info().healthCheckModel() != null)
                .filter(deployment -> deployment.info().probeable())
                .filter(deployment ->
                        !settings().background() || deployment.info().backgroundChecks())
                .toList();
    }

    /** Asks them all; never fails. */
    Future<List<ProbeResult>> ask(List<Deployment> deployments) {
        return ask(deployments, () -> true);
    }

    /** The same; asks no more of them once nobody wants to know. */
    private Future<List<ProbeResult>> ask(List<Deployment> deployments, BooleanSupplier wanted) {
        Iterator<Deployment> rest = deployments.iterator();
        List<ProbeResult> results = new ArrayList<>();
        List<Future<Void>> askers = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            askers.add(next(rest, results, wanted));
        }
        return Future.all(askers).map(_ -> results);
    }

    private Future<Void> next(Iterator<Deployment> rest, List<ProbeResult> results, BooleanSupplier wanted) {
        if (!rest.hasNext() || !wanted.getAsBoolean()) {
            return Future.succeededFuture();
        }
        Deployment deployment = rest.next();
        return lane.bus()
                .<Probe, ProbeResult>ask(
                        Addresses.provider(deployment.provider().name()), new Probe(deployment.id()))
                .otherwise(cause -> new ProbeResult(
                        deployment.id(), Failure.of(FailureKind.OVERLOADED, String.valueOf(cause.getMessage()))))
                .compose(result -> {
                    results.add(result);
                    return next(rest, results, wanted);
                });
    }
}
