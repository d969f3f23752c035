package dev.tollgate.provider;

import dev.tollgate.cluster.Bus;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.StreamCommand;
import dev.tollgate.protocol.StreamFrame;
import dev.tollgate.protocol.StreamRef;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The provider's end of one stream: numbers the frames, keeps the credit that the gateway grants, and passes its commands to the
 * source. Nothing is read from an upstream that the client has no room for, because a source produces only what was demanded.
 */
final class StreamOut {

    private static final Logger LOG = LoggerFactory.getLogger(StreamOut.class);

    /** Where the chunks come from. */
    interface Source {
        /** The gateway has room for so many more chunks. */
        void demand(int chunks);

        /** Stop now; returns what was used so far. */
        Usage stop();
    }

    private final Bus bus;
    private final StreamRef ref;
    private final Source source;
    private final MessageConsumer<StreamCommand> commands;
    private long sequence;
    private boolean closed;

    StreamOut(Bus bus, StreamRef ref, Source source) {
        this.bus = bus;
        this.ref = ref;
        this.source = source;
        this.commands = bus.receive(ref.upstream(), this::handle);
    }

    StreamRef ref() {
        return ref;
    }

    private void handle(StreamCommand command) {
        if (closed) {
            return;
        }
        switch (command) {
            case StreamCommand.Grant grant -> demand(grant.chunks());
            case StreamCommand.Cancel _ -> last(new StreamFrame.Cancelled(sequence++, source.stop()));
        }
    }

    private void demand(int chunks) {
        try {
            source.demand(chunks);
        } catch (RuntimeException e) {
            LOG.error("The stream {} failed inside the gateway", ref.downstream(), e);
            broken(Failure.of(FailureKind.INTERNAL, "Internal error; the log has the details"), source.stop());
        }
    }

    void chunk(Buffer bytes) {
        bus.send(ref.downstream(), new StreamFrame.Chunk(sequence++, bytes));
    }

    void end(@Nullable Buffer trailer, Usage usage, @Nullable String upstreamModel) {
        last(new StreamFrame.End(sequence++, trailer, usage, upstreamModel));
    }

    void broken(Failure failure, Usage usage) {
        last(new StreamFrame.Broken(sequence++, failure, usage));
    }

    private void last(StreamFrame frame) {
        if (!closed) {
            closed = true;
            bus.send(ref.downstream(), frame);
            commands.unregister();
        }
    }
}
