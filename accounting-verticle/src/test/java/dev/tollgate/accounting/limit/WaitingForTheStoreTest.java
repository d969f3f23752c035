package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** At the start calls wait for what was spent before; the ledger's thread tells it, and nothing of a lane may be touched from there. */
@Timeout(60)
class WaitingForTheStoreTest {
    private final Vertx vertx = Vertx.vertx();
    private final Context lane = vertx.getOrCreateContext();
    private final Counters counters = new Counters();
    private final AttemptHold.Desk desk =
            new AttemptHold.Desk(counters, InstantSource.system(), lane, _ -> {}, _ -> Future.succeededFuture(0L));

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private Context goesOnAt(Duration longest, Consumer<Counters> then) throws Exception {
        Promise<Context> where = Promise.promise();
        lane.runOnContext(_ -> {
            desk.loaded(longest).onComplete(_ -> where.complete(Vertx.currentContext()));
            Thread.ofPlatform().start(() -> then.accept(counters));
        });
        return where.future().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @Test
    void aCallGoesOnAtItsLaneWhenTheLedgerAnswers() throws Exception {
        assertThat(goesOnAt(Duration.ofSeconds(20), known -> known.load(List.of())))
                .isEqualTo(lane);
    }

    @Test
    void andWhenItDoesNot() throws Exception {
        assertThat(goesOnAt(Duration.ofMillis(1), _ -> {})).isEqualTo(lane);
    }
}
