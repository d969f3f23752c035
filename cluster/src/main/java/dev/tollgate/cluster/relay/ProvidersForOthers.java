package dev.tollgate.cluster.relay;

import dev.tollgate.cluster.Drainable;
import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.Role;
import dev.tollgate.cluster.Room;
import dev.tollgate.config.Deployment;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;

/** Makes attempts for nodes that do not play the provider role, on a node of a cluster that does. Stands beside the providers. */
public final class ProvidersForOthers implements Room {
    private static final long LOOK_MILLIS = 20;

    /** How long what was called off may take to say what it has cost. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final Posts posts = new Posts();

    @Override
    public Role role() {
        return Role.PROVIDER;
    }

    @Override
    public Future<Void> open(Node node) {
        node.peers().receive(Topics.ASKED, letter -> handed(letter, node.lanes()));
        return Future.succeededFuture();
    }

    private Future<Letter> handed(Letter letter, int lanes) {
        if (Topics.PULSE.equals(letter.members().getString(Topics.WHAT))) {
            return posts.toAll(letter);
        }
        return posts.to(ServingLane.laneOf(letter.members().getLong(Topics.NUMBER, 0L), lanes), letter);
    }

    @Override
    public Deployable onLane(Lane lane) {
        return new Serving(lane);
    }

    private final class Serving implements Deployable, Drainable {
        private final Lane lane;
        private final Vertx vertx;
        private final ServingLane serving;
        private final Posts.Reader reader;
        private long beat;

        Serving(Lane lane) {
            this.lane = lane;
            this.vertx = lane.node().vertx();
            this.serving = new ServingLane(
                    lane.bus(),
                    lane.node().peers(),
                    deployment -> {
                        Deployment known = lane.config().models().byId(deployment);
                        return known == null ? null : known.provider().name();
                    },
                    lane.number(),
                    lane.node().lanes(),
                    System::nanoTime,
                    task -> vertx.getOrCreateContext().runOnContext(_ -> task.run()),
                    this::borrow);
            this.reader = letter -> serving.heard(letter.members(), letter.bytes());
        }

        /** On this lane: what is in force already must not cost a call a change of threads. */
        private Future<Void> borrow(String node, String stamp) {
            Future<Void> borrowed = lane.node().shelf().borrow(node, stamp);
            if (borrowed.succeeded()) {
                return borrowed;
            }
            Context here = vertx.getOrCreateContext();
            Promise<Void> there = Promise.promise();
            borrowed.onComplete(
                    _ -> here.runOnContext(_ -> there.complete()), cause -> here.runOnContext(_ -> there.fail(cause)));
            return there.future();
        }

        @Override
        public Future<?> deploy(Context context) {
            posts.add(lane.number(), context, reader);
            beat = vertx.setPeriodic(ProvidersElsewhere.BEAT_MILLIS, _ -> serving.beat());
            lane.node().peers().onChange(() -> context.runOnContext(_ -> serving.members()));
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> drain(Duration grace) {
            serving.leaving();
            return ended(grace).compose(_ -> {
                serving.callOffAll();
                return ended(LAST_WORDS);
            });
        }

        /** Completes when nothing is under way for others any more, or after that time. */
        private Future<Void> ended(Duration longest) {
            Promise<Void> done = Promise.promise();
            long until = System.nanoTime() + longest.toNanos();
            vertx.setPeriodic(0, LOOK_MILLIS, timer -> {
                if (serving.underway() == 0 || System.nanoTime() - until > 0) {
                    vertx.cancelTimer(timer);
                    done.complete();
                }
            });
            return done.future();
        }

        @Override
        public Future<?> undeploy(Context context) {
            vertx.cancelTimer(beat);
            posts.remove(reader);
            return Future.succeededFuture();
        }
    }
}
