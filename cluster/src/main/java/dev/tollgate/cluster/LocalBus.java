package dev.tollgate.cluster;

import dev.tollgate.protocol.Addresses;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageCodec;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bus of a node that stands alone: every address is this lane's own, every record is passed by reference.
 *
 * <p>A question takes the promise of its answer along, so the answer needs no message, no reply address and no timer of its own; a
 * {@code request} of the event bus has all three, and three of them a call cost a tenth of its CPU time. Deadlines are not the bus's
 * business: an answer may take as long as the attempt's timeout allows, which the provider enforces.
 */
public final class LocalBus implements Bus {
    private static final Logger LOG = LoggerFactory.getLogger(LocalBus.class);
    private static final String CODEC = "tollgate.reference";
    private static final int HANDLER_FAILED = 500;

    private final EventBus bus;
    private final int lane;
    /** What is answered here, with its address on this lane: putting it together for each question costs more than finding it. */
    private final Map<String, String> answered = new HashMap<>();

    private final DeliveryOptions options =
            new DeliveryOptions().setLocalOnly(true).setCodecName(CODEC);

    private record Question<Q, A>(Q body, Promise<A> answer) {}

    /** One for each lane; consumers are bound to the event loop that registers them. */
    public LocalBus(Vertx vertx, int lane) {
        this.bus = vertx.eventBus();
        this.lane = lane;
        try {
            bus.registerCodec(new ReferenceCodec());
        } catch (IllegalStateException _) {
            // Another lane of this node has registered it already.
        }
    }

    @Override
    public <Q, A> Future<A> ask(String address, Q question) {
        String own = answered.get(address);
        if (own == null) {
            return Future.failedFuture(new ReplyException(
                    ReplyFailure.NO_HANDLERS, "Nobody answers at " + Addresses.onLane(address, lane)));
        }
        Promise<A> answer = Promise.promise();
        bus.send(own, new Question<>(question, answer), options);
        return answer.future();
    }

    @Override
    public <Q, A> void answer(String address, Function<Q, Future<A>> handler) {
        String own = Addresses.onLane(address, lane);
        answered.put(address, own);
        bus.<Question<Q, A>>localConsumer(own, message -> answered(message, handler));
    }

    private <Q, A> void answered(Message<Question<Q, A>> message, Function<Q, Future<A>> handler) {
        Question<Q, A> question = message.body();
        Future<A> answer;
        try {
            answer = handler.apply(question.body());
        } catch (RuntimeException e) {
            answer = Future.failedFuture(e);
        }
        answer.onComplete(question.answer()::complete, cause -> {
            LOG.error("A handler of {} failed", message.address(), cause);
            question.answer()
                    .fail(new ReplyException(ReplyFailure.RECIPIENT_FAILURE, HANDLER_FAILED, String.valueOf(cause)));
        });
    }

    @Override
    public void send(String address, Object message) {
        bus.send(address, message, options);
    }

    @Override
    public <M> MessageConsumer<M> receive(String address, Handler<M> handler) {
        return bus.localConsumer(address, message -> handler.handle(message.body()));
    }

    /** Hands records over as they are: they are immutable and never leave the process. */
    private static final class ReferenceCodec implements MessageCodec<Object, Object> {
        @Override
        public void encodeToWire(Buffer buffer, Object message) {
            throw new IllegalStateException("Local messages do not travel");
        }

        @Override
        public Object decodeFromWire(int position, Buffer buffer) {
            throw new IllegalStateException("Local messages do not travel");
        }

        @Override
        public Object transform(Object message) {
            return message;
        }

        @Override
        public String name() {
            return CODEC;
        }

        @Override
        public byte systemCodecID() {
            return -1;
        }
    }
}
