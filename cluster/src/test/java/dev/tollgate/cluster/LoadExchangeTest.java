package dev.tollgate.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadExchangeTest {
    private final Mesh mesh = new Mesh();
    private final List<Vertx> opened = new ArrayList<>();

    /** A node of two lanes. */
    private final class OneNode {
        final List<Context> contexts = new ArrayList<>();
        final List<LocalLoadBoard> boards = new ArrayList<>();
        final NodeLoads loads = new NodeLoads(2, true);

        OneNode(String id) throws Exception {
            Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
            opened.add(vertx);
            LoadExchange exchange = new LoadExchange(vertx, mesh.join(id), loads, () -> 10);
            for (int i = 0; i < 2; i++) {
                int lane = i;
                Context context = vertx.getOrCreateContext();
                contexts.add(context);
                boards.add(on(context, () -> new LocalLoadBoard(vertx, lane, loads)));
                exchange.add(context, boards.getLast());
            }
            exchange.start();
        }

        <T> T on(int lane, Callable<T> work) throws Exception {
            return on(contexts.get(lane), work);
        }

        private <T> T on(Context context, Callable<T> work) throws Exception {
            Promise<T> done = Promise.promise();
            context.runOnContext(_ -> {
                try {
                    done.complete(work.call());
                } catch (Exception e) {
                    done.fail(e);
                }
            });
            return done.future().await(60, TimeUnit.SECONDS);
        }

        Load load(int lane) throws Exception {
            return on(lane, () -> boards.get(lane).load("d"));
        }

        /** Looks again with each turn of that lane's loop, until it holds. */
        void until(int lane, Predicate<Load> condition) throws Exception {
            Load load = load(lane);
            Promise<Void> held = Promise.promise();
            look(contexts.get(lane), load, condition, held);
            held.future().await(60, TimeUnit.SECONDS);
        }

        void becomes(BooleanSupplier condition) throws Exception {
            Promise<Void> held = Promise.promise();
            look(contexts.getFirst(), new Load(), _ -> condition.getAsBoolean(), held);
            held.future().await(60, TimeUnit.SECONDS);
        }

        private void look(Context context, Load load, Predicate<Load> condition, Promise<Void> held) {
            context.runOnContext(_ -> {
                if (condition.test(load)) {
                    held.complete();
                } else {
                    context.owner().setTimer(5, _ -> look(context, load, condition, held));
                }
            });
        }
    }

    @AfterEach
    void closes() {
        opened.forEach(vertx -> vertx.close().await());
    }

    @Test
    void aNodesCountsAreSeenByTheOthersUntilItIsGone() throws Exception {
        OneNode a = new OneNode("a");
        OneNode b = new OneNode("b");
        OneNode c = new OneNode("c");
        a.on(0, () -> {
            Load load = a.boards.getFirst().load("d");
            load.began(System.currentTimeMillis());
            load.began(System.currentTimeMillis());
            return load;
        });
        b.on(1, () -> {
            Load load = b.boards.get(1).load("d");
            load.began(System.currentTimeMillis());
            return load;
        });
        c.until(0, load -> load.inFlight() == 3);
        a.until(1, load -> load.inFlight() == 3);
        a.on(0, () -> {
            a.boards.getFirst().load("d").ended();
            return 0;
        });
        c.until(1, load -> load.inFlight() == 2);
        mesh.leave("a");
        c.until(0, load -> load.inFlight() == 1);
    }

    @Test
    void whoComesLaterIsToldWhatIsUnderWayAndWhatIsLeftAlone() throws Exception {
        OneNode a = new OneNode("a");
        long until = System.currentTimeMillis() + 60_000;
        a.on(1, () -> {
            a.boards.get(1).load("d").began(System.currentTimeMillis());
            a.boards.get(1).cool("d", until);
            return 0;
        });
        a.until(0, load -> load.cooledUntil() == until);
        OneNode b = new OneNode("b");
        b.until(0, load -> load.inFlight() == 1 && load.cooledUntil() == until);
        b.until(1, load -> load.cooledUntil() == until);
    }

    @Test
    void whatOneLaneMeasuresEveryLaneKnowsOnce() throws Exception {
        OneNode a = new OneNode("a");
        OneNode b = new OneNode("b");
        long now = System.currentTimeMillis();
        a.on(0, () -> {
            a.boards.getFirst().load("d").perToken().add(1, now, 10);
            a.boards.getFirst().load("d").perToken().add(3, now, 10);
            return 0;
        });
        for (OneNode node : List.of(a, b)) {
            for (int lane = 0; lane < 2; lane++) {
                node.until(lane, load -> load.perToken().mean(now) == 2);
            }
        }
        b.on(1, () -> {
            b.boards.get(1).load("d").perToken().add(8, now, 10);
            return 0;
        });
        // Were the first two told on by those who heard of them, they would count more than once.
        a.until(0, load -> load.perToken().mean(now) == 4);
        a.until(1, load -> load.perToken().mean(now) == 4);
        b.until(0, load -> load.perToken().mean(now) == 4);
    }

    /** They tell each other all they have told before every ten seconds: neither must bring back what both have forgotten. */
    @Test
    void whatNobodyUsesAnyMoreIsForgottenOnAllNodes() throws Exception {
        List<OneNode> nodes = List.of(new OneNode("a"), new OneNode("b"));
        for (OneNode node : nodes) {
            node.on(0, () -> {
                node.boards.getFirst().load("d").began(System.currentTimeMillis());
                node.boards.getFirst().load("kept").began(System.currentTimeMillis());
                return 0;
            });
        }
        for (OneNode node : nodes) {
            node.until(1, load -> load.inFlight() == 2);
        }
        for (OneNode node : nodes) {
            node.on(0, () -> {
                node.boards.getFirst().load("d").ended();
                return 0;
            });
        }
        nodes.getLast().until(1, load -> load.inFlight() == 0);
        long later = System.currentTimeMillis() + 120_000;
        for (OneNode node : nodes) {
            for (int lane = 0; lane < 2; lane++) {
                LocalLoadBoard board = node.boards.get(lane);
                node.on(lane, () -> board.sweep("kept"::equals, later));
                node.on(lane, () -> board.sweep("kept"::equals, later + LocalLoadBoard.FORGET_MILLIS));
            }
        }
        for (OneNode node : nodes) {
            node.becomes(() -> node.loads.known() == 1 && node.loads.used("kept"));
        }
    }

    /** Between two rounds an attempt may begin, be told of to whoever asks for everything, and end. */
    @Test
    void whatOnlyANewcomerWasToldIsTakenBackWhenNobodyUsesItAnyMore() throws Exception {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        opened.add(vertx);
        NodeLoads loads = new NodeLoads(1, true);
        LocalLoadBoard board = new LocalLoadBoard(vertx, 0, loads);
        new LoadExchange(vertx, mesh.join("a"), loads, () -> 10).start();
        Peers newcomer = mesh.join("x");
        Promise<Void> takenBack = Promise.promise();
        newcomer.receive(LoadReport.TOPIC, letter -> {
            if (Counts.NOTHING.equals(LoadReport.of(letter).counts().get("d"))) {
                takenBack.tryComplete();
            }
            return Future.succeededFuture(Letter.done());
        });
        Promise<Letter> told = Promise.promise();
        Context loop = vertx.getOrCreateContext();
        // Tasks of one loop: no round comes between them.
        loop.runOnContext(_ -> {
            long now = System.currentTimeMillis();
            board.load("d").began(now);
            newcomer.ask("a", new Letter(LoadExchange.EVERYTHING, new JsonObject()), Duration.ofSeconds(60))
                    .onComplete(told);
            loop.runOnContext(_ -> {
                board.load("d").ended();
                board.sweep(_ -> false, now + 120_000);
                board.sweep(_ -> false, now + 120_000 + LocalLoadBoard.FORGET_MILLIS);
            });
        });
        Letter answer = told.future().await(60, TimeUnit.SECONDS);
        assertThat(LoadReport.of(answer).counts().get("d"))
                .extracting(Counts::inFlight)
                .isEqualTo(1L);
        takenBack.future().await(60, TimeUnit.SECONDS);
    }
}
