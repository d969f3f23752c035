package dev.tollgate.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class LocalLoadBoardTest {

    @Test
    void keepsTheFiguresOfEachDeploymentApart(Vertx vertx) {
        LocalLoadBoard board = new LocalLoadBoard(vertx, 0);
        board.load("a").began(0);
        assertThat(board.load("a").inFlight()).isEqualTo(1);
        assertThat(board.load("b").inFlight()).isZero();
    }

    @Test
    void tells_other_lanes_of_a_cooldown(Vertx vertx, VertxTestContext test) {
        vertx.runOnContext(_ -> {
            LocalLoadBoard first = new LocalLoadBoard(vertx, 0);
            LocalLoadBoard second = new LocalLoadBoard(vertx, 1);
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
    void keeps_the_longer_of_two_cooldowns(Vertx vertx) {
        LocalLoadBoard board = new LocalLoadBoard(vertx, 0);
        board.cool("a", 2_000);
        board.cool("a", 1_000);
        assertThat(board.cooledUntil("a")).isEqualTo(2_000);
        assertThat(board.cooledUntil("b")).isZero();
    }
}
