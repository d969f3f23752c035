package dev.tollgate.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class LocalLoadBoardTest {
    private final NodeLoads node = new NodeLoads(2);

    @Test
    void everyLaneSeesWhatAllLanesOfTheNodeHaveUnderWayAndUsed(Vertx vertx) {
        Load here = new LocalLoadBoard(vertx, 0, node).load("a");
        Load there = new LocalLoadBoard(vertx, 1, node).load("a");
        here.began(1);
        there.began(2);
        there.began(3);
        here.ended();
        here.succeeded(4);
        there.used(5, 30);
        here.used(5, 12);
        for (Load each : List.of(here, there)) {
            assertThat(each.inFlight()).isEqualTo(2);
            assertThat(each.begunThisMinute(59_999)).isEqualTo(3);
            assertThat(each.succeededThisMinute(59_999)).isEqualTo(1);
            assertThat(each.tokensThisMinute(59_999)).isEqualTo(42);
        }
        here.used(60_000, 1);
        assertThat(there.tokensThisMinute(60_000)).as("a new minute").isEqualTo(1);
        assertThat(there.tokensThisMinute(59_999))
                .as("what the other lane knew of the old one")
                .isEqualTo(30);
    }

    @Test
    void keepsTheFiguresOfEachDeploymentApart(Vertx vertx) {
        LocalLoadBoard board = new LocalLoadBoard(vertx, 0, node);
        board.load("a").began(0);
        assertThat(board.load("a").inFlight()).isEqualTo(1);
        assertThat(board.load("b").inFlight()).isZero();
    }

    @Test
    void tellsOtherLanesOfACooldown(Vertx vertx, VertxTestContext test) {
        vertx.runOnContext(_ -> {
            LocalLoadBoard first = new LocalLoadBoard(vertx, 0, node);
            LocalLoadBoard second = new LocalLoadBoard(vertx, 1, node);
            first.cool("a", 1_000);
            test.verify(() -> assertThat(first.cooledUntil("a")).isEqualTo(1_000));
            vertx.setPeriodic(1, timer -> {
                if (second.cooledUntil("a") == 1_000) {
                    vertx.cancelTimer(timer);
                    test.completeNow();
                }
            });
        });
    }

    @Test
    void keepsTheLongerOfTwoCooldowns(Vertx vertx) {
        LocalLoadBoard board = new LocalLoadBoard(vertx, 0, node);
        board.cool("a", 2_000);
        board.cool("a", 1_000);
        assertThat(board.cooledUntil("a")).isEqualTo(2_000);
        assertThat(board.cooledUntil("b")).isZero();
    }
}
