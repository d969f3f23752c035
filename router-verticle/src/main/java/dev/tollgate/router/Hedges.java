package dev.tollgate.router;

import dev.tollgate.cluster.Bus;
import dev.tollgate.cluster.Load;
import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.cluster.Samples;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.PartId;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.StreamCommand;
import dev.tollgate.protocol.StreamFrame;
import dev.tollgate.protocol.StreamRef;
import dev.tollgate.protocol.Tried;
import dev.tollgate.protocol.Usage;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** When a second attempt is worth its price, how many there may be, and who pays for the slower one. One for each lane. */
final class Hedges {
    /** With fewer measurements nobody knows what is slow. */
    private static final int FEWEST = 5;

    /** So that a quiet night does not pay for a burst in the morning. */
    private static final double MOST_SAVED = 10;

    private final Bus bus;
    private final LoadBoard board;
    private final LongSupplier clock;
    private double saved;

    Hedges(Bus bus, LoadBoard board, LongSupplier clock) {
        this.bus = bus;
        this.board = board;
        this.clock = clock;
    }

    /** How long the deployment may take before another is asked as well; null when that is off or not known. */
    @Nullable Duration delay(Deployment chosen, boolean stream, RouterSettings settings) {
        RouterSettings.Hedging hedging = settings.trying().hedging();
        if (!hedging.enabled()) {
            return null;
        }
        saved = Math.min(MOST_SAVED, saved + hedging.maxShare());
        Load load = board.load(chosen.id());
        Samples samples = stream ? load.firstToken() : load.whole();
        long since = clock.getAsLong() - settings.latency().ttl().toMillis();
        double slow = samples.percentile(hedging.percentile(), since, FEWEST);
        return Double.isNaN(slow)
                ? null
                : Duration.ofMillis(Math.max(hedging.minDelay().toMillis(), Math.round(slow * 1000)));
    }

    /** Whether one more may be made now: every attempt saves up its share of one. */
    boolean left(RouterSettings settings) {
        return settings.trying().hedging().enabled() && saved >= 1;
    }

    /** One is made. */
    void spend() {
        saved--;
    }

    /** Ends a stream that nobody will read, and says what it used. */
    void cut(StreamRef stream, Consumer<Usage> used) {
        Listening listening = new Listening(used);
        listening.consumer = bus.receive(stream.downstream(), listening::receive);
        bus.send(stream.upstream(), new StreamCommand.Cancel());
    }

    private static final class Listening {
        private final Consumer<Usage> used;
        private @Nullable MessageConsumer<StreamFrame> consumer;

        Listening(Consumer<Usage> used) {
            this.used = used;
        }

        void receive(StreamFrame frame) {
            Usage known = switch (frame) {
                case StreamFrame.Chunk _ -> null;
                case StreamFrame.End end -> end.usage();
                case StreamFrame.Broken broken -> broken.usage();
                case StreamFrame.Cancelled cancelled -> cancelled.usage();
            };
            if (known != null && consumer != null) {
                consumer.unregister();
                used.accept(known);
            }
        }
    }

    /**
     * Has the slower attempt written down as a part of the call that was called off; {@code number} tells several of a call apart.
     */
    void paid(
            Journey journey,
            int number,
            Deployment to,
            String chosenBy,
            Usage usage,
            @Nullable String model,
            double millis) {
        Call call = journey.call();
        Answer.Route route = new Answer.Route(
                journey.story.group(),
                to.id(),
                to.provider().name(),
                to.upstreamModel(),
                to.apiBase(),
                0,
                0,
                0,
                0,
                millis,
                List.of(new Tried(
                        journey.story.group(),
                        to.id(),
                        to.provider().name(),
                        to.upstreamModel(),
                        FailureKind.CLIENT_GONE.status(),
                        null,
                        millis,
                        chosenBy,
                        0,
                        "hedge of " + call.id())),
                false);
        bus.<Settlement, Settled>ask(
                Addresses.SETTLE,
                new Settlement(
                        PartId.ofHedge(call.id(), number),
                        call.surface(),
                        call.caller(),
                        call.envelope().user(),
                        call.envelope().tags(),
                        call.envelope().model(),
                        model,
                        route,
                        usage,
                        call.envelope().stream(),
                        clock.getAsLong() - Math.round(millis),
                        millis,
                        millis,
                        FailureKind.CLIENT_GONE.status(),
                        FailureKind.CLIENT_GONE));
    }
}
