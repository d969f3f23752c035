package dev.tollgate.router;

import dev.tollgate.cluster.Lane;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Continue;
import dev.tollgate.protocol.HealthRound;
import dev.tollgate.protocol.QueryResult;
import dev.tollgate.protocol.StreamOutcome;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.random.RandomGeneratorFactory;

/** Wires the router to one lane. */
final class RouterVerticle implements Deployable {
    private static final long SWEEP_MILLIS = 100;
    private static final long FORGET_MILLIS = 60_000;

    private final Lane lane;
    private final PromptTokens tokens;

    RouterVerticle(Lane lane, PromptTokens tokens) {
        this.lane = lane;
        this.tokens = tokens;
    }

    @Override
    public Future<?> deploy(Context context) {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create();
        Router router = new Router(
                lane.bus(),
                lane.board(),
                random,
                System::currentTimeMillis,
                new Backoff(random),
                this::pause,
                this::callOff,
                this::counted);
        lane.onConfig(router::configure);
        lane.bus().<Call, Answer>answer(Addresses.ROUTE, router::route);
        lane.bus().<Call, QueryResult>answer(Addresses.EXPLAIN, router::explain);
        lane.bus().<Buffer, Long>answer(Addresses.COUNT, this::bound);
        lane.bus().<Continue, Answer>answer(Addresses.CONTINUE, router::carryOn);
        lane.bus().<HealthRound>receive(Addresses.onLane(Addresses.HEALTH_ROUTING, lane.number()), router::healthSeen);
        lane.bus().<String>receive(Addresses.onLane(Addresses.ABANDON, lane.number()), router::abandon);
        lane.bus().<StreamOutcome>receive(Addresses.onLane(Addresses.STREAM_OVER, lane.number()), router::streamOver);
        // Places that become free on other lanes are noticed this late.
        lane.node().vertx().setPeriodic(SWEEP_MILLIS, _ -> router.line.look());
        lane.node().vertx().setPeriodic(FORGET_MILLIS, _ -> router.sweep());
        return Future.succeededFuture();
    }

    private Future<Long> bound(Buffer body) {
        byte[] bytes = body.getBytes();
        return lane.node()
                .vertx()
                .executeBlocking(() -> tokens.bound(bytes), false)
                .map(bound -> bound == null ? bytes.length : bound);
    }

    private Future<Integer> counted(byte[] body) {
        return lane.node()
                .vertx()
                .executeBlocking(() -> tokens.of(body), false)
                .map(count -> count == null ? 0 : count);
    }

    private void callOff(String leg) {
        lane.bus().send(Addresses.onLane(Addresses.CANCEL, lane.number()), leg);
    }

    private Future<Void> pause(Duration wait) {
        if (wait.isZero()) {
            return Future.succeededFuture();
        }
        Promise<Void> over = Promise.promise();
        lane.node().vertx().setTimer(Math.max(1, wait.toMillis()), _ -> over.complete());
        return over.future();
    }
}
