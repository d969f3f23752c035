package dev.tollgate.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class LocalBusTest {
    private record Question(String text) {}

    @Test
    void hands_over_the_very_same_record_on_the_same_event_loop(Vertx vertx, VertxTestContext test) {
        Context loop = vertx.getOrCreateContext();
        loop.runOnContext(_ -> {
            LocalBus bus = new LocalBus(vertx, 0);
            Thread here = Thread.currentThread();
            bus.<Question, Question>answer("room", question -> {
                test.verify(() -> assertThat(Thread.currentThread()).isSameAs(here));
                return Future.succeededFuture(question);
            });
            Question question = new Question("hi");
            bus.<Question, Question>ask("room", question)
                    .onComplete(test.succeeding(answer -> test.verify(() -> {
                        assertThat(answer).isSameAs(question);
                        assertThat(Thread.currentThread()).isSameAs(here);
                        test.completeNow();
                    })));
        });
    }

    @Test
    void questions_to_different_rooms_arrive_in_the_order_they_were_asked(Vertx vertx, VertxTestContext test) {
        vertx.getOrCreateContext().runOnContext(_ -> {
            LocalBus bus = new LocalBus(vertx, 0);
            List<String> heard = new ArrayList<>();
            for (String room : List.of("one", "two")) {
                bus.<String, Boolean>answer(room, question -> {
                    heard.add(question);
                    return Future.succeededFuture(true);
                });
            }
            List<String> asked = new ArrayList<>();
            List<Future<?>> answers = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                asked.add("question " + i);
                answers.add(bus.ask(i % 3 == 0 ? "one" : "two", asked.getLast()));
            }
            Future.all(answers)
                    .onComplete(test.succeeding(__ -> test.verify(() -> {
                        assertThat(heard).isEqualTo(asked);
                        test.completeNow();
                    })));
        });
    }

    @Test
    void does_not_reach_another_lane(Vertx vertx, VertxTestContext test) {
        LocalBus first = new LocalBus(vertx, 0);
        LocalBus second = new LocalBus(vertx, 1);
        first.<Question, Question>answer("room", Future::succeededFuture);
        second.<Question, Question>ask("room", new Question("hi"))
                .onComplete(test.failing(cause -> test.verify(() -> {
                    assertThat(((ReplyException) cause).failureType()).isEqualTo(ReplyFailure.NO_HANDLERS);
                    test.completeNow();
                })));
    }

    @Test
    void answers_the_asker_when_the_handler_throws(Vertx vertx, VertxTestContext test) {
        LocalBus bus = new LocalBus(vertx, 0);
        bus.<Question, Question>answer("room", _ -> {
            throw new IllegalStateException("broken");
        });
        bus.<Question, Question>ask("room", new Question("hi"))
                .onComplete(test.failing(cause -> test.verify(() -> {
                    assertThat(cause).hasMessageContaining("broken");
                    test.completeNow();
                })));
    }
}
