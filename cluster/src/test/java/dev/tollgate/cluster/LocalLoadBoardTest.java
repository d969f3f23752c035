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
                .as("the old one is over, also by a clock that was set back")
                .isEqualTo(1);
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

    @Test
    void forgetsWhatIsGoneAndUnusedForLongOnThisLaneAndThenOnTheNode(Vertx vertx) {
        LocalLoadBoard here = new LocalLoadBoard(vertx, 0, node);
        LocalLoadBoard there = new LocalLoadBoard(vertx, 1, node);
        long now = 10 * LocalLoadBoard.FORGET_MILLIS;
        long later = now + LocalLoadBoard.FORGET_MILLIS;
        Load gone = here.load("gone");
        here.load("present").began(now);
        here.load("busy").began(now);
        here.load("cooled").coolUntil(later + 1);
        there.load("gone");
        assertThat(here.sweep("present"::equals, now)).isEmpty();
        assertThat(here.sweep("present"::equals, later - 1)).as("not yet").isEmpty();
        assertThat(here.sweep("present"::equals, later)).containsExactly("gone");
        assertThat(here.load("gone")).isNotSameAs(gone);
        assertThat(here.load("busy").inFlight()).isEqualTo(1);
        here.load("busy").ended();
        here.sweep("present"::equals, later + 1);
        assertThat(here.sweep("present"::equals, later + 1 + LocalLoadBoard.FORGET_MILLIS))
                .as("idle since it had nothing under way, and used again meanwhile")
                .containsExactlyInAnyOrder("busy", "cooled", "gone");
        assertThat(node.used("gone")).as("by the other lane").isTrue();
        there.sweep(_ -> false, later);
        assertThat(there.sweep(_ -> false, later + LocalLoadBoard.FORGET_MILLIS))
                .containsExactly("gone");
        assertThat(node.known()).isOne();
    }

    @Test
    void whatIsAnotherDeploymentNowBeginsAnewButForWhatIsUnderWay(Vertx vertx) {
        LocalLoadBoard board = new LocalLoadBoard(vertx, 0, new NodeLoads(1, true));
        Load load = board.load("a");
        load.began(1);
        load.coolUntil(5_000);
        load.tries(0, 6_000);
        load.proved(5_000);
        load.whole().add(9, 1, 10);
        board.renew("a");
        board.renew("nobody's");
        assertThat(load.cooledUntil()).isZero();
        assertThat(load.triedUntil()).isZero();
        assertThat(load.provedAfter()).isZero();
        assertThat(load.whole().mean(0)).isNaN();
        assertThat(board.collect()).as("nor is it told").isEmpty();
        assertThat(load.inFlight()).isOne();
    }
}
