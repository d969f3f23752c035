package dev.tollgate.cluster.lease;

import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** Letters about leases. Questions are answered, and answers come, on one event loop; a node may ask itself. */
final class Wire {
    private final Context context;
    private final Peers peers;
    private final Map<String, Function<JsonObject, Future<JsonObject>>> handlers = new HashMap<>();

    Wire(Context context, Peers peers) {
        this.context = context;
        this.peers = peers;
    }

    String self() {
        return peers.self();
    }

    Context context() {
        return context;
    }

    /** Before anything is asked. */
    void on(String topic, Function<JsonObject, Future<JsonObject>> handler) {
        handlers.put(topic, handler);
        peers.receive(topic, letter -> {
            Promise<Letter> answer = Promise.promise();
            context.runOnContext(_ -> {
                try {
                    handler.apply(letter.members())
                            .map(members -> new Letter(topic, members))
                            .onComplete(answer);
                } catch (RuntimeException e) {
                    answer.fail(e);
                }
            });
            return answer.future();
        });
    }

    Future<JsonObject> ask(String node, String topic, JsonObject members, Duration within) {
        Function<JsonObject, Future<JsonObject>> own = node.equals(self()) ? handlers.get(topic) : null;
        if (own != null) {
            return own.apply(members);
        }
        return here(peers.ask(node, new Letter(topic, members), within).map(Letter::members));
    }

    void tell(String node, String topic, JsonObject members) {
        if (node.equals(self())) {
            ask(node, topic, members, Duration.ZERO);
        } else {
            peers.tell(node, new Letter(topic, members));
        }
    }

    /** What completes elsewhere, on the event loop of the letters. */
    <T> Future<T> here(Future<T> elsewhere) {
        Promise<T> here = Promise.promise();
        elsewhere.onComplete(ended -> context.runOnContext(_ -> here.handle(ended)));
        return here.future();
    }
}
