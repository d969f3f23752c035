package dev.tollgate.cluster.relay;

import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.Role;
import dev.tollgate.cluster.Room;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.stream.Collectors;

/** The provider role of a node that does not play it: other nodes do, and here stands who asks them. */
public final class ProvidersElsewhere implements Room {
    static final long BEAT_MILLIS = 1_000;

    private final Posts posts = new Posts();

    @Override
    public Role role() {
        return Role.PROVIDER;
    }

    @Override
    public Future<Void> open(Node node) {
        node.peers()
                .receive(Topics.ANSWERED, letter -> posts.to(letter.members().getInteger(Topics.LANE, -1), letter));
        return Future.succeededFuture();
    }

    @Override
    public Deployable onLane(Lane lane) {
        return new Asking(lane);
    }

    private final class Asking implements Deployable {
        private final Lane lane;
        private final AskingLane asking;
        private final Posts.Reader reader;
        private long beat;

        Asking(Lane lane) {
            this.lane = lane;
            this.asking = new AskingLane(
                    lane.bus(),
                    lane.node().peers(),
                    lane.number(),
                    System::nanoTime,
                    lane.node().shelf()::stamp);
            this.reader = letter -> asking.heard(letter.members(), letter.bytes());
        }

        @Override
        public Future<?> deploy(Context context) {
            Vertx vertx = lane.node().vertx();
            posts.add(lane.number(), context, reader);
            beat = vertx.setPeriodic(BEAT_MILLIS, _ -> asking.beat());
            lane.node().peers().onChange(() -> context.runOnContext(_ -> asking.members()));
            asking.members();
            lane.onConfig(snapshot -> asking.answerFor(snapshot.models().deployments().stream()
                    .map(deployment -> deployment.provider().name())
                    .collect(Collectors.toSet())));
            return Future.succeededFuture();
        }

        @Override
        public Future<?> undeploy(Context context) {
            lane.node().vertx().cancelTimer(beat);
            posts.remove(reader);
            return Future.succeededFuture();
        }
    }
}
