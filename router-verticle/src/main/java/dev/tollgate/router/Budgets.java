package dev.tollgate.router;

import dev.tollgate.cluster.Bus;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Capping;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Unhold;
import dev.tollgate.router.strategy.Seats;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One call's way past budgets that accounting is asked about before an attempt: those of providers and deployments, and those of
 * whoever pays for the call, once attempts without an answer have to be paid or another model than the one asked for is tried. Where too little is left no attempt is made in this call any
 * more. Made with the first such question.
 */
final class Budgets {
    private static final String MOST_TOKENS = "x-tollgate-max-tokens";

    private final Bus bus;
    private final RouterSettings settings;
    private final Map<String, Held.Over> over = new LinkedHashMap<>(2);

    /** Why nobody knows what was spent; what one is told of that holds for all. */
    private Held.@Nullable Over unknown;

    Budgets(Bus bus, RouterSettings settings) {
        this.bus = bus;
        this.settings = settings;
    }

    /** Whether a budget has to be asked about an attempt. */
    static boolean concern(Deployment chosen, RouterSettings settings) {
        return settings.choosing().budgeted(chosen);
    }

    /** Counting tokens costs nothing. */
    static boolean concern(Deployment chosen, Journey journey) {
        return concern(chosen, journey.settings) && journey.call().surface() != Surface.COUNT_TOKENS;
    }

    /** Sets aside what the attempt may cost. */
    Future<Held> hold(Journey journey, Deployment chosen, boolean patient) {
        Call call = journey.call();
        journey.whenAbandoned(() -> giveBack(call, chosen));
        List<Leg> owed = List.copyOf(journey.story.owed());
        return bus.<Hold, Held>ask(
                        Addresses.HOLD,
                        new Hold(call, chosen.id(), chosen.upstreamModel(), patient, owed, journey.limitedBy()))
                .otherwise(_ -> Held.over(new Held.Over(
                        "The budget of " + chosen.qualifiedModel() + " cannot be asked for: no node plays accounting",
                        0)))
                .map(held -> {
                    journey.whenAbandoned(null);
                    Held.Over refused = held.over();
                    if (refused != null) {
                        over(chosen, refused);
                        journey.story.overBudget(chosen);
                    }
                    return held;
                });
    }

    /**
     * A call with fewer tokens to generate than it asked for.
     *
     * @param call with a body that says so
     * @param maxTokens how many
     */
    record Capped(Call call, int maxTokens) {
        /** The client is told. */
        Answer told(Answer answer) {
            return Budgets.told(answer, maxTokens);
        }
    }

    /** The call with fewer tokens to generate. */
    Future<Capped> capped(Call call, Admission.Cap cap) {
        return bus.<Capping, Call>ask(Addresses.CAP, new Capping(call, cap))
                .map(less -> new Capped(less, cap.maxTokens()));
    }

    private static Answer told(Answer answer, int maxTokens) {
        return switch (answer) {
            case Answer.Whole whole ->
                new Answer.Whole(
                        whole.status(),
                        told(whole.headers(), maxTokens),
                        whole.body(),
                        whole.usage(),
                        whole.upstreamModel(),
                        whole.route());
            case Answer.Streaming streaming ->
                new Answer.Streaming(
                        told(streaming.headers(), maxTokens),
                        streaming.stream(),
                        streaming.route(),
                        streaming.continuable());
            case Answer.Refused _ -> answer;
        };
    }

    private static Map<String, String> told(Map<String, String> headers, int maxTokens) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(MOST_TOKENS, Integer.toString(maxTokens));
        return more;
    }

    /** This one has too little left. */
    void over(Deployment deployment, Held.Over why) {
        over.put(deployment.id(), why);
        if (why.unknown()) {
            unknown = why;
        }
    }

    /** An attempt cost nothing, or nobody waits for it any more. */
    void giveBack(Call call, Deployment chosen) {
        bus.ask(Addresses.UNHOLD, new Unhold(call.id(), chosen.id()));
    }

    /** These without those that have too little left. */
    List<Deployment> left(List<Deployment> among) {
        if (over.isEmpty()) {
            return among;
        }
        return Seats.those(
                among, each -> !over.containsKey(each.id()) && (unknown == null || !concern(each, settings)));
    }

    /** Nobody is left: LiteLLM's words and status, and when the first budget begins anew. */
    Failure crossed(List<Deployment> among, long nowMillis) {
        Held.Over nothing = unknown;
        if (nothing != null) {
            return Failure.of(FailureKind.OVERLOADED, nothing.message());
        }
        List<Held.Over> these = among.stream()
                .map(each -> over.get(each.id()))
                .filter(Objects::nonNull)
                .toList();
        List<String> messages =
                these.stream().map(Held.Over::message).distinct().toList();
        long soonest = these.stream()
                .mapToLong(Held.Over::untilMillis)
                .filter(until -> until > 0)
                .min()
                .orElse(0);
        Failure failure = Failure.of(
                FailureKind.NO_DEPLOYMENTS,
                "No deployments available - crossed budget: " + String.join("; ", messages));
        return soonest == 0 ? failure : failure.withRetryAfter(Duration.ofMillis(Math.max(1_000, soonest - nowMillis)));
    }
}
