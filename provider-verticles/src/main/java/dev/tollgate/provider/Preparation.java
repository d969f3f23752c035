package dev.tollgate.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Surface;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.EmbeddingRequest;
import dev.tollgate.provider.dialect.openai.OpenAiEmbeddingsWire;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Dialect;
import dev.tollgate.provider.wire.EmbeddingCodec;
import dev.tollgate.provider.wire.Endpoint;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.Passage;
import dev.tollgate.provider.wire.Wire;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** Turns a client's body into a provider's: spliced bytes where the dialect speaks the surface itself, a translation elsewhere. */
final class Preparation {
    private static final OpenAiEmbeddingsWire EMBEDDINGS = new OpenAiEmbeddingsWire();

    private static final int REMEMBERED = 1_000;

    private final Dialect dialect;

    /** By what an endpoint depends on within one configuration. */
    private final Map<Way, Endpoint> endpoints = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Way, Endpoint> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Way(String deployment, String model, Surface surface, boolean stream) {}

    Preparation(Dialect dialect) {
        this.dialect = dialect;
    }

    /** Another configuration is in force, whose deployments may have the same ids. */
    void forget() {
        endpoints.clear();
    }

    /**
     * Prepares an attempt.
     *
     * @throws BadPayload when the body cannot be sent to this provider
     */
    Exchange.Prepared prepare(Attempt attempt, Deployment deployment) {
        Call call = attempt.call();
        Surface surface = call.surface();
        Endpoint endpoint = endpoint(attempt, deployment);
        if (dialect.speaks().contains(surface)) {
            return new Exchange.Prepared(endpoint, spliced(attempt, deployment), Providers.passage(surface));
        }
        ObjectNode tree = Json.readObject(BodySplice.splice(
                call.body(), call.envelope(), deployment, attempt.upstreamModel(), BodySplice.StreamUsage.LEAVE));
        if (surface == Surface.EMBEDDINGS) {
            EmbeddingCodec codec = dialect.embeddings();
            if (codec == null) {
                throw new BadPayload(deployment.provider().name() + " has no embeddings", "model");
            }
            EmbeddingRequest request = EMBEDDINGS.read(tree);
            return new Exchange.Prepared(
                    endpoint, codec.encode(request, deployment), new EmbeddingPassage(codec, request.base64()));
        }
        Wire wire = Providers.wire(surface);
        ChatRequest request = wire.read(tree);
        return new Exchange.Prepared(
                endpoint,
                dialect.chat().encode(request, deployment),
                new TranslatedPassage(dialect.chat(), wire, call.id()));
    }

    /** The same few endpoints come again and again; only forwarded headers make one that is worth no memory. */
    private Endpoint endpoint(Attempt attempt, Deployment deployment) {
        Call call = attempt.call();
        boolean stream = call.envelope().stream();
        if (!call.headers().isEmpty()) {
            return dialect.endpoint(deployment, call.surface(), stream, call.headers());
        }
        return endpoints.computeIfAbsent(
                new Way(deployment.id(), attempt.upstreamModel(), call.surface(), stream),
                way -> dialect.endpoint(deployment, way.surface(), way.stream(), Map.of()));
    }

    private Buffer spliced(Attempt attempt, Deployment deployment) {
        Call call = attempt.call();
        boolean asks = deployment.provider().asksForStreamUsage()
                && (call.surface() == Surface.CHAT || call.surface() == Surface.COMPLETIONS);
        Buffer body = BodySplice.splice(
                call.body(),
                call.envelope(),
                deployment,
                attempt.upstreamModel(),
                asks ? BodySplice.StreamUsage.ASK : BodySplice.StreamUsage.LEAVE);
        if (deployment.provider().renameMaxTokens() && call.envelope().present().contains("max_completion_tokens")) {
            ObjectNode tree = Json.readObject(body);
            tree.set("max_tokens", tree.remove("max_completion_tokens"));
            return Json.write(tree);
        }
        return body;
    }

    /** Embeddings of a provider that does not speak OpenAI's format. */
    private record EmbeddingPassage(EmbeddingCodec codec, boolean base64) implements Passage {
        @Override
        public Whole whole(Buffer body, String requestedModel) {
            var response = codec.decode(body);
            return new Whole(EMBEDDINGS.write(response, base64, requestedModel), response.usage(), null);
        }

        @Override
        public Stream stream(String requestedModel, boolean showUsage) {
            throw new BadPayload("embeddings cannot be streamed", "stream");
        }
    }
}
