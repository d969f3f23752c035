package dev.tollgate.cluster.hazelcast;

import dev.tollgate.cluster.Letter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to leave for one node, in its order. Letters that nobody waits for an answer to, and that come up before the bus is at this node
 * again, leave as one: encrypting, writing and reading it takes about as much CPU as a single one of them. They wait for nothing.
 *
 * <p>Filled from any thread, emptied on the loop of the bus.
 */
final class Postbag {
    /** Of a letter that holds others. Nodes of earlier releases do not know it, so it is only sent to those that say they do. */
    static final String BUNDLE = "bundle";

    private static final Logger LOG = LoggerFactory.getLogger(Postbag.class);
    private static final int MOST = 32;
    /** To put a large one together with others is to copy it. */
    private static final int LARGE = 8 << 10;

    private final Executor loop;
    private final Consumer<Buffer> send;
    private final Queue<Item> items = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean due = new AtomicBoolean();
    private volatile boolean bundles;

    private sealed interface Item {}

    private record Told(Buffer wire) implements Item {}

    private record Task(Runnable task) implements Item {}

    /** {@code send} takes one letter away. */
    Postbag(Executor loop, Consumer<Buffer> send) {
        this.loop = loop;
        this.send = send;
    }

    /** The node understands bundles. */
    void bundles() {
        bundles = true;
    }

    /** A letter that nobody waits for an answer to. */
    void letter(Buffer wire) {
        add(new Told(wire));
    }

    /** Runs something on the loop when all that came before has left. */
    void behind(Runnable task) {
        add(new Task(task));
    }

    private void add(Item item) {
        items.add(item);
        come();
    }

    private void come() {
        if (due.compareAndSet(false, true)) {
            try {
                loop.execute(this::empty);
            } catch (RuntimeException | Error e) {
                // Or nobody would come for what is added later.
                due.set(false);
                throw e;
            }
        }
    }

    /** Takes what is there when it begins: others have their turn on the loop before what comes up meanwhile. */
    private void empty() {
        // Said first: whoever adds something from now on comes again.
        due.set(false);
        take(items.size());
        if (!items.isEmpty()) {
            come();
        }
    }

    private void take(int most) {
        List<Buffer> together = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            switch (items.remove()) {
                case Told(Buffer wire)
                when !bundles || wire.length() > LARGE -> {
                    leave(together);
                    leave(wire);
                }
                case Told(Buffer wire) -> {
                    together.add(wire);
                    if (together.size() == MOST) {
                        leave(together);
                    }
                }
                case Task(Runnable task) -> {
                    leave(together);
                    alone(task);
                }
            }
        }
        leave(together);
    }

    private void leave(List<Buffer> together) {
        if (together.size() == 1) {
            leave(together.getFirst());
        } else if (!together.isEmpty()) {
            alone(() -> send.accept(bundle(together)));
        }
        together.clear();
    }

    private void leave(Buffer wire) {
        alone(() -> send.accept(wire));
    }

    /** As when each was handed to the loop by itself: what one breaks is not the others' business. */
    private static void alone(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A letter to another node could not leave", e);
        }
    }

    private static Buffer bundle(List<Buffer> letters) {
        Buffer all = Buffer.buffer(
                letters.stream().mapToInt(each -> 4 + each.length()).sum());
        for (Buffer each : letters) {
            all.appendInt(each.length()).appendBuffer(each);
        }
        return new Letter(BUNDLE, new JsonObject(), all).encode();
    }

    /**
     * The letters of a bundle.
     *
     * @throws IndexOutOfBoundsException when it is none
     */
    static List<Buffer> open(Letter bundle) {
        List<Buffer> letters = new ArrayList<>();
        Buffer all = bundle.bytes();
        int at = 0;
        while (at < all.length()) {
            int length = Objects.checkIndex(all.getInt(at), all.length() - at - 3);
            int end = at + 4 + length;
            letters.add(all.slice(at + 4, end));
            at = end;
        }
        return letters;
    }
}
