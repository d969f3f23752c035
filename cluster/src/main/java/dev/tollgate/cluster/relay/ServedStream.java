package dev.tollgate.cluster.relay;

import dev.tollgate.cluster.Bus;
import dev.tollgate.protocol.StreamCommand;
import dev.tollgate.protocol.StreamFrame;
import dev.tollgate.protocol.StreamRef;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A stream of a provider of this lane on its way to another node, in the gateway's place: it wants no more chunks of the provider than
 * the gateway over there has room for, so a slow client costs no memory here. Chunks that come while others wait to leave share a
 * letter with them.
 */
final class ServedStream {
    /** A letter of more would keep others waiting. */
    private static final int FULL_LETTER = 64 * 1024;

    private final Bus bus;
    private final StreamRef ref;
    private final Consumer<Runnable> soon;
    private final Consumer<List<StreamFrame>> letters;
    private final MessageConsumer<StreamFrame> frames;
    private List<StreamFrame> pile = new ArrayList<>();
    private int piledBytes;
    private boolean leaving;
    private long granted;
    private long sent;

    /** {@code soon} runs something when what waits on this lane has run; {@code letters} takes frames away, the last with an end. */
    ServedStream(Bus bus, StreamRef ref, Consumer<Runnable> soon, Consumer<List<StreamFrame>> letters) {
        this.bus = bus;
        this.ref = ref;
        this.soon = soon;
        this.letters = letters;
        this.frames = bus.receive(ref.downstream(), this::add);
    }

    /** The gateway over there has room for so many chunks in all. */
    void room(long chunks) {
        if (chunks > granted) {
            bus.send(ref.upstream(), new StreamCommand.Grant(Math.toIntExact(chunks - granted)));
            granted = chunks;
        }
    }

    /** Frames that have left. */
    long sent() {
        return sent;
    }

    void stop() {
        bus.send(ref.upstream(), new StreamCommand.Cancel());
    }

    /** Bytes that wait here to leave. */
    int piledBytes() {
        return piledBytes;
    }

    private void add(StreamFrame frame) {
        pile.add(frame);
        if (!(frame instanceof StreamFrame.Chunk chunk)) {
            frames.unregister();
            leave();
            return;
        }
        piledBytes += chunk.bytes().length();
        if (piledBytes >= FULL_LETTER) {
            leave();
        } else if (!leaving) {
            leaving = true;
            soon.accept(this::leave);
        }
    }

    private void leave() {
        leaving = false;
        if (!pile.isEmpty()) {
            List<StreamFrame> leave = pile;
            pile = new ArrayList<>();
            piledBytes = 0;
            sent += leave.size();
            letters.accept(leave);
        }
    }
}
