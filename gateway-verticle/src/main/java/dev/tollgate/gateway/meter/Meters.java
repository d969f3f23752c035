package dev.tollgate.gateway.meter;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Surface;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Counts calls under LiteLLM's series names, so that its Grafana dashboards keep working. One for each lane over one registry:
 * looking meters up by labels costs more than counting, so each set of labels is looked up once a lane.
 *
 * <p>Labels come from the configuration, but wildcard models let clients invent names; past {@link #MOST_SERIES} sets of labels a
 * lane, further ones are counted under {@code _other_}; names that lead nowhere are counted under {@code _unknown_}.
 */
public final class Meters {
    private static final int MOST_SERIES = 2_000;
    private static final String OTHER = "_other_";
    private static final String UNKNOWN = "_unknown_";
    private static final Duration[] LATENCIES = {
        Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(25), Duration.ofMillis(50),
        Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(1),
        Duration.ofMillis(2500), Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30),
        Duration.ofSeconds(60), Duration.ofSeconds(120), Duration.ofSeconds(300)
    };

    private final PrometheusMeterRegistry registry;
    private final Map<Labels, Series> series = new HashMap<>();
    private final Map<Refusal, Counter> refusals = new HashMap<>();

    private record Labels(String requested, String model, String modelId, String provider, int status, String kind) {}

    private record Refusal(String surface, int status, String kind) {}

    private record Series(
            Counter requests,
            Counter failures,
            Counter deployment,
            Counter spend,
            Counter input,
            Counter output,
            Counter total,
            Timer latency,
            Timer upstream,
            Timer firstToken) {}

    /** Counts into this registry. */
    public Meters(PrometheusMeterRegistry registry) {
        this.registry = registry;
    }

    /** A call that reached the router is over. */
    public void settled(Settlement settlement, Settled settled) {
        String kind = settlement.failure() == null ? "" : settlement.failure().name();
        boolean known = !settlement.route().modelGroup().isEmpty();
        Labels labels = new Labels(
                known ? settlement.requestedModel() : UNKNOWN,
                settlement.route().upstreamModel(),
                settlement.route().deploymentId(),
                settlement.route().provider(),
                settlement.status(),
                kind);
        Series counted = series.get(labels);
        if (counted == null) {
            Labels kept = series.size() < MOST_SERIES
                    ? labels
                    : new Labels(OTHER, OTHER, OTHER, OTHER, settlement.status(), kind);
            counted = series.computeIfAbsent(kept, this::register);
        }
        count(counted, settlement, settled);
    }

    private static void count(Series counted, Settlement settlement, Settled settled) {
        counted.requests().increment();
        if (settlement.failure() != null) {
            counted.failures().increment();
        }
        counted.deployment().increment();
        if (settled.costNanos() > 0) {
            counted.spend().increment(settled.costNanos() / 1e9);
        }
        if (settlement.usage().total() > 0) {
            counted.input().increment((double) settlement.usage().prompt());
            counted.output().increment((double) settlement.usage().completion());
            counted.total().increment((double) settlement.usage().total());
        }
        counted.latency().record((long) (settlement.durationMillis() * 1e6), TimeUnit.NANOSECONDS);
        counted.upstream().record((long) (settlement.route().providerMillis() * 1e6), TimeUnit.NANOSECONDS);
        if (settlement.firstTokenMillis() >= 0) {
            counted.firstToken().record((long) (settlement.firstTokenMillis() * 1e6), TimeUnit.NANOSECONDS);
        }
    }

    /** A request was refused before it reached the router. */
    public void refused(Surface surface, Failure failure) {
        Refusal refusal =
                new Refusal(surface.callType(), failure.status(), failure.kind().name());
        refusals.computeIfAbsent(
                        refusal,
                        _ -> registry.counter(
                                "tollgate_refused_requests",
                                "call_type",
                                refusal.surface(),
                                "status_code",
                                Integer.toString(refusal.status()),
                                "exception_class",
                                refusal.kind()))
                .increment();
    }

    /** The page for Prometheus, text format 0.0.4. */
    public String scrape() {
        return registry.scrape();
    }

    private Series register(Labels labels) {
        Tags model = Tags.of(
                "requested_model",
                labels.requested(),
                "model",
                labels.model(),
                "model_id",
                labels.modelId(),
                "api_provider",
                labels.provider());
        Tags status = model.and("status_code", Integer.toString(labels.status()));
        Tags failed =
                model.and("exception_status", Integer.toString(labels.status()), "exception_class", labels.kind());
        boolean success = labels.kind().isEmpty();
        return new Series(
                registry.counter("litellm_proxy_total_requests_metric", status),
                registry.counter("litellm_proxy_failed_requests_metric", failed),
                registry.counter(
                        success ? "litellm_deployment_success_responses" : "litellm_deployment_failure_responses",
                        success ? model : failed),
                registry.counter("litellm_spend_metric", model),
                registry.counter("litellm_input_tokens_metric", model),
                registry.counter("litellm_output_tokens_metric", model),
                registry.counter("litellm_total_tokens_metric", model),
                timer("litellm_request_total_latency_metric", model),
                timer("litellm_llm_api_latency_metric", model),
                timer("litellm_llm_api_time_to_first_token_metric", model));
    }

    private Timer timer(String name, Tags tags) {
        return Timer.builder(name).tags(tags).serviceLevelObjectives(LATENCIES).register(registry);
    }
}
