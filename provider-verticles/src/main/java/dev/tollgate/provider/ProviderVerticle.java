package dev.tollgate.provider;

import dev.tollgate.cluster.Bus;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Probe;
import dev.tollgate.protocol.ProbeResult;
import dev.tollgate.protocol.ProviderRequest;
import dev.tollgate.protocol.Surface;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Dialect;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Carries out attempts on one provider's deployments, and probes them. */
final class ProviderVerticle {
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(60);

    private final Dialect dialect;
    private final Preparation preparation;
    private final LocalAnswers local;
    private final Bus bus;
    private final Upstream upstream;
    private final Underway underway;
    private final Function<String, Optional<Deployment>> deployments;
    private long probes;

    ProviderVerticle(
            Dialect dialect,
            Bus bus,
            Upstream upstream,
            Underway underway,
            Function<String, Optional<Deployment>> deployments) {
        this.dialect = dialect;
        this.preparation = new Preparation(dialect);
        this.local = new LocalAnswers(bus);
        this.bus = bus;
        this.upstream = upstream;
        this.underway = underway;
        this.deployments = deployments;
    }

    /** Another configuration is in force. */
    void configure() {
        preparation.forget();
    }

    Future<Object> handle(ProviderRequest request) {
        return switch (request) {
            case Attempt attempt -> attempt(attempt).map(answer -> answer);
            case Probe probe -> probe(probe).map(result -> result);
        };
    }

    private Future<Answer> attempt(Attempt attempt) {
        Optional<Deployment> found = deployments.apply(attempt.deploymentId());
        if (found.isEmpty()) {
            return refused(
                    Failure.of(
                            FailureKind.UNKNOWN_DEPLOYMENT,
                            "The configuration of the node that should make the call does not have the deployment, any more or yet"));
        }
        Deployment deployment = concrete(found.get(), attempt.upstreamModel());
        try {
            if (local.serves(attempt, deployment, dialect)) {
                return Future.succeededFuture(local.answer(attempt, deployment));
            }
            if (keyMissing(deployment)) {
                return refused(noKey(deployment));
            }
            return new Exchange(
                            attempt,
                            deployment,
                            dialect,
                            preparation.prepare(attempt, deployment),
                            upstream,
                            bus,
                            underway)
                    .run();
        } catch (BadPayload e) {
            return refused(Failure.of(FailureKind.BAD_REQUEST, "Invalid request: " + e.getMessage())
                    .withParam(e.param()));
        }
    }

    private static Deployment concrete(Deployment deployment, String model) {
        return deployment.upstreamModel().equals(model) ? deployment : deployment.named(deployment.group(), model);
    }

    private static boolean keyMissing(Deployment deployment) {
        return deployment.apiKey() == null
                && deployment.provider().needsKey()
                && deployment.apiBase().equals(deployment.provider().baseUrl());
    }

    private static Failure noKey(Deployment deployment) {
        return Failure.upstream(
                FailureKind.UPSTREAM_AUTHENTICATION,
                401,
                deployment.provider().name(),
                "No API key: set " + String.join(" or ", deployment.provider().keyVariables())
                        + ", or litellm_params.api_key of this model");
    }

    private static Future<Answer> refused(Failure failure) {
        return Future.succeededFuture(new Answer.Refused(failure, null));
    }

    /** A real call for a few tokens, as LiteLLM's health check makes it. */
    private Future<ProbeResult> probe(Probe probe) {
        Optional<Deployment> found = deployments.apply(probe.deploymentId());
        if (found.isEmpty()) {
            return Future.succeededFuture(new ProbeResult(
                    probe.deploymentId(), Failure.of(FailureKind.NOT_FOUND, "No such deployment any more")));
        }
        Deployment deployment = found.get();
        String model = deployment.info().healthCheckModel();
        String name = model == null ? deployment.upstreamModel() : model.substring(model.indexOf('/') + 1);
        Call call = probeCall(deployment.provider().name(), surface(deployment.info()));
        return attempt(new Attempt(call, probe.deploymentId(), name, name, PROBE_TIMEOUT))
                .map(answer -> new ProbeResult(
                        probe.deploymentId(), answer instanceof Answer.Refused refused ? refused.failure() : null));
    }

    private static Surface surface(Deployment.Info info) {
        return switch (info.mode()) {
            case "embedding" -> Surface.EMBEDDINGS;
            case "completion" -> Surface.COMPLETIONS;
            case null, default -> Surface.CHAT;
        };
    }

    private Call probeCall(String provider, Surface surface) {
        String question = switch (surface) {
            case EMBEDDINGS -> "{\"input\":[\"test\"]}";
            case COMPLETIONS -> "{\"prompt\":\"test\",\"max_tokens\":5}";
            default -> "{\"messages\":[{\"role\":\"user\",\"content\":\"test\"}],\"max_tokens\":5}";
        };
        List<String> members = switch (surface) {
            case EMBEDDINGS -> List.of("input");
            case COMPLETIONS -> List.of("prompt", "max_tokens");
            default -> List.of("messages", "max_tokens");
        };
        Envelope envelope = new Envelope(
                "", null, 1, true, false, false, null, 5, null, List.of(), List.of(), members, Envelope.Overrides.NONE);
        return new Call(
                "probe-" + provider + "-" + probes++,
                surface,
                Caller.ANYONE,
                envelope,
                Map.of(),
                Buffer.buffer(question),
                System.nanoTime());
    }
}
