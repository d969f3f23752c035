package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.Provider;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Surface;
import io.vertx.core.buffer.Buffer;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Deployments for tests. */
public final class Fixtures {
    private static final Provider PROVIDER =
            new Provider("test", "openai", null, List.of(), List.of(), false, false, true, List.of());

    private Fixtures() {}

    public static Deployment deployment(String id) {
        return in("group", id, Deployment.Routing.NONE);
    }

    public static Deployment weighted(String id, @Nullable Double weight, @Nullable Long rpm) {
        return in("group", id, new Deployment.Routing(weight, rpm, null, null, null, null, null, null, List.of()));
    }

    public static Deployment limited(String id, @Nullable Long rpm, @Nullable Long tpm) {
        return in("group", id, new Deployment.Routing(null, rpm, tpm, null, null, null, null, null, List.of()));
    }

    public static Deployment tagged(String id, String... tags) {
        return in("group", id, new Deployment.Routing(null, null, null, null, null, null, null, null, List.of(tags)));
    }

    public static Deployment in(String group, String id, Deployment.Routing routing) {
        return priced(group, id, routing, Map.of());
    }

    static RouterSettings settings(String strategy, int retries, Map<String, List<String>> fallbacks) {
        return settings(strategy, retries, fallbacks, RouterSettings.Tags.DEFAULT, Map.of(), Map.of());
    }

    static RouterSettings trying(RouterSettings.Trying trying) {
        return settings("simple-shuffle", 2, Map.of(), RouterSettings.Tags.DEFAULT, Map.of(), Map.of(), trying);
    }

    static RouterSettings settings(
            String strategy,
            int retries,
            Map<String, List<String>> fallbacks,
            RouterSettings.Tags tags,
            Map<String, Integer> retryPolicy,
            Map<String, Integer> allowedFailsPolicy) {
        return settings(
                strategy, retries, fallbacks, tags, retryPolicy, allowedFailsPolicy, RouterSettings.Trying.DEFAULT);
    }

    private static RouterSettings settings(
            String strategy,
            int retries,
            Map<String, List<String>> fallbacks,
            RouterSettings.Tags tags,
            Map<String, Integer> retryPolicy,
            Map<String, Integer> allowedFailsPolicy,
            RouterSettings.Trying trying) {
        RouterSettings d = RouterSettings.DEFAULT;
        return new RouterSettings(
                strategy,
                retries,
                d.timeout(),
                null,
                d.retryAfter(),
                null,
                d.cooldown(),
                false,
                fallbacks,
                List.of(),
                Map.of(),
                Map.of(),
                5,
                d.latency(),
                tags,
                retryPolicy,
                Map.of(),
                allowedFailsPolicy,
                trying,
                d.choosing());
    }

    /** The same, but so many failures a minute are allowed. */
    static RouterSettings allowing(int fails, RouterSettings s) {
        return with(s, fails, s.choosing(), s.fallbacks(), s.contextWindowFallbacks());
    }

    /** The default settings with this strategy and these rules of choosing. */
    static RouterSettings choosing(String strategy, RouterSettings.Choosing choosing) {
        RouterSettings plain = settings(strategy, 0, Map.of());
        return with(plain, choosing, plain.fallbacks());
    }

    static RouterSettings contextFallbacks(RouterSettings s, Map<String, List<String>> fallbacks) {
        return with(s, s.choosing(), s.fallbacks(), fallbacks);
    }

    static RouterSettings with(
            RouterSettings s, RouterSettings.Choosing choosing, Map<String, List<String>> fallbacks) {
        return with(s, choosing, fallbacks, s.contextWindowFallbacks());
    }

    private static RouterSettings with(
            RouterSettings s,
            RouterSettings.Choosing choosing,
            Map<String, List<String>> fallbacks,
            Map<String, List<String>> contextFallbacks) {
        return with(s, s.allowedFails(), choosing, fallbacks, contextFallbacks);
    }

    private static RouterSettings with(
            RouterSettings s,
            @Nullable Integer allowedFails,
            RouterSettings.Choosing choosing,
            Map<String, List<String>> fallbacks,
            Map<String, List<String>> contextFallbacks) {
        return new RouterSettings(
                s.strategy(),
                s.numRetries(),
                s.timeout(),
                s.streamTimeout(),
                s.retryAfter(),
                allowedFails,
                s.cooldown(),
                s.disableCooldowns(),
                fallbacks,
                s.defaultFallbacks(),
                contextFallbacks,
                s.contentPolicyFallbacks(),
                s.maxFallbacks(),
                s.latency(),
                s.tags(),
                s.retryPolicy(),
                s.groupRetryPolicies(),
                s.allowedFailsPolicy(),
                s.trying(),
                choosing);
    }

    static Call call(
            String model, boolean stream, Envelope.Overrides overrides, List<String> allowed, List<String> tags) {
        return new Call(
                "call",
                Surface.CHAT,
                Caller.ofKey("hash", allowed),
                new Envelope(model, null, 1, true, stream, false, null, 0, null, tags, List.of(), List.of(), overrides),
                Map.of(),
                Buffer.buffer(),
                0);
    }

    public static Deployment priced(
            String group, String id, Deployment.Routing routing, Map<String, BigDecimal> prices) {
        return new Deployment(
                id,
                group,
                PROVIDER,
                "model-" + id,
                "http://" + id,
                null,
                null,
                null,
                Map.of(),
                Map.of(),
                routing,
                prices,
                Deployment.Info.NONE,
                null,
                null);
    }
}
