package dev.tollgate.cluster.relay;

import dev.tollgate.cluster.Bus;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Probe;
import dev.tollgate.protocol.ProbeResult;
import dev.tollgate.protocol.ProviderRequest;
import dev.tollgate.protocol.StreamCommand;
import dev.tollgate.protocol.StreamFrame;
import dev.tollgate.protocol.StreamRef;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What another node does for this lane: an attempt until it is answered, and then its stream, if it is one. It ends exactly once, by what
 * comes from there or by the loss of that node. Nothing of the body is kept here.
 */
final class Errand {
    /** Beyond the time that the other node has itself. */
    private static final long GRACE_NANOS = Duration.ofSeconds(5).toNanos();

    private static final Duration PROBE = Duration.ofSeconds(65);

    final long number;
    final ProviderNode node;
    final String provider;

    /** Name by which it is called off; empty for a probe. */
    final String leg;

    private final String deployment;
    private final boolean probe;
    private final Usage sent;
    private final long until;
    private final Promise<Object> answer = Promise.promise();
    private final Bus bus;
    private @Nullable StreamRef stream;
    private @Nullable MessageConsumer<StreamCommand> commands;
    private long expected;
    private long granted;
    private boolean stopped;
    private boolean calledOff;

    /** How many pulses of the other node tell of something that did not arrive here. */
    private int missed;

    Errand(long number, ProviderNode node, String provider, ProviderRequest request, Bus bus, long nowNanos) {
        this.number = number;
        this.node = node;
        this.provider = provider;
        this.bus = bus;
        switch (request) {
            case Attempt attempt -> {
                leg = attempt.leg();
                deployment = attempt.deploymentId();
                probe = false;
                sent = attempt.call().surface() == Surface.COUNT_TOKENS
                        ? Usage.NONE
                        : Usage.estimated(attempt.call().body().length());
                until = nowNanos
                        + attempt.timeout().plus(attempt.firstContent()).toNanos()
                        + GRACE_NANOS;
            }
            case Probe asked -> {
                leg = "";
                deployment = asked.deploymentId();
                probe = true;
                sent = Usage.NONE;
                until = nowNanos + PROBE.toNanos();
            }
        }
    }

    Future<Object> answer() {
        return answer.future();
    }

    /** The other node's answer. A stream goes on; {@code tell} brings what the gateway wants of it there. */
    void answered(Answer given, Consumer<StreamCommand> tell) {
        if (given instanceof Answer.Streaming streaming) {
            stream = streaming.stream();
            commands = bus.receive(streaming.stream().upstream(), (StreamCommand command) -> {
                switch (command) {
                    case StreamCommand.Grant grant -> granted += grant.chunks();
                    case StreamCommand.Cancel _ -> stopped = true;
                }
                tell.accept(command);
            });
        }
        answer.tryComplete(given);
    }

    void probed(ProbeResult result) {
        answer.tryComplete(result);
    }

    /** Frames in their order; false when one before them is missing. */
    boolean received(List<StreamFrame> frames) {
        StreamRef ref = stream;
        if (ref == null) {
            return false;
        }
        for (StreamFrame frame : frames) {
            if (frame.sequence() != expected) {
                return false;
            }
            expected++;
            bus.send(ref.downstream(), frame);
        }
        return true;
    }

    /** Whether it is over: it has its answer, and that is no stream that goes on. */
    boolean over() {
        return answer.future().isComplete() && stream == null;
    }

    /** Nothing more will come of its stream. */
    void closed() {
        stream = null;
        if (commands != null) {
            commands.unregister();
            commands = null;
        }
    }

    /** Nobody waits for its answer any more. */
    void callOff() {
        calledOff = true;
    }

    /** What the other node is to know of it, should it have missed something. */
    long room() {
        return stopped || calledOff && stream == null ? Topics.UNWANTED : granted;
    }

    /** The other node does not know it. Something may have crossed that, so only the second time is it lost. */
    boolean missed() {
        return ++missed > 1;
    }

    /** The other node has sent so many frames of its stream; whether some of them are missed here, or the head. */
    boolean missed(long sent) {
        return (stream == null || expected < sent) && missed();
    }

    /** Whether the other node lets it wait longer than it said itself. */
    boolean overdue(long nowNanos) {
        return !answer.future().isComplete() && nowNanos - until > 0;
    }

    boolean streams() {
        return stream != null;
    }

    /** It will never end over there, or nobody will hear of it. What was sent is taken to be billed, and each chunk for a token. */
    void lost(String why) {
        Failure failure = Failure.upstream(FailureKind.NODE_LOST, FailureKind.NODE_LOST.status(), provider, why);
        StreamRef ref = stream;
        if (ref != null) {
            Usage used = sent.atLeastGenerated(expected);
            bus.send(
                    ref.downstream(),
                    stopped
                            ? new StreamFrame.Cancelled(expected, used)
                            : new StreamFrame.Broken(expected, failure, used));
            closed();
        } else if (probe) {
            answer.tryComplete(new ProbeResult(deployment, failure));
        } else {
            answer.tryComplete(new Answer.Refused(failure, null, sent));
        }
    }
}
