package dev.tollgate.router;

import dev.tollgate.cluster.Bus;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Unhold;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One call's way past the budgets of providers and deployments, which accounting keeps: whoever has too little left is not asked in this
 * call any more. Made with the first deployment that has a budget.
 */
final class Budgets {
    private final Bus bus;
    private final Map<String, Held.Over> over = new LinkedHashMap<>(2);

    Budgets(Bus bus) {
        this.bus = bus;
    }

    /** Whether a budget has to be asked about an attempt. */
    static boolean concern(Deployment chosen, RouterSettings settings) {
        return settings.choosing().budgeted(chosen);
    }

    /** Counting tokens costs nothing. */
    static boolean concern(Deployment chosen, Journey journey) {
        return concern(chosen, journey.settings) && journey.call().surface() != Surface.COUNT_TOKENS;
    }

    /** Sets aside what the attempt may cost; false when there is too little left. */
    Future<Boolean> hold(Journey journey, Deployment chosen, boolean patient) {
        Call call = journey.call();
        journey.router.retrying(call.id(), journey);
        journey.whenAbandoned(() -> giveBack(call, chosen));
        return bus.<Hold, Held>ask(Addresses.HOLD, new Hold(call, chosen.id(), chosen.upstreamModel(), patient))
                .otherwise(_ -> new Held(new Held.Over(
                        "The budget of " + chosen.qualifiedModel() + " cannot be asked for: no node plays accounting",
                        0)))
                .map(held -> {
                    journey.whenAbandoned(null);
                    Held.Over refused = held.over();
                    if (refused != null) {
                        over(chosen, refused);
                        journey.story.overBudget(chosen);
                    }
                    return refused == null;
                });
    }

    /** This one has too little left. */
    void over(Deployment deployment, Held.Over why) {
        over.put(deployment.id(), why);
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
        List<Deployment> left = new ArrayList<>(among);
        left.removeIf(each -> over.containsKey(each.id()));
        return left;
    }

    /** Nobody is left: LiteLLM's words and status, and when the first budget begins anew. */
    Failure crossed(long nowMillis) {
        List<String> messages =
                over.values().stream().map(Held.Over::message).distinct().toList();
        long soonest = over.values().stream()
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
