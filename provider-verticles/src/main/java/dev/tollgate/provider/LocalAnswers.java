package dev.tollgate.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.cluster.Bus;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.StreamRef;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.PromptEstimate;
import dev.tollgate.provider.dialect.echo.EchoModel;
import dev.tollgate.provider.dialect.openai.OpenAiEmbeddingsWire;
import dev.tollgate.provider.wire.Dialect;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.StreamEncoder;
import dev.tollgate.provider.wire.Wire;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers that need no provider: the echo model, {@code mock_response}, and token counts for APIs that count none. */
final class LocalAnswers {
    private final Bus bus;

    LocalAnswers(Bus bus) {
        this.bus = bus;
    }

    boolean serves(Attempt attempt, Deployment deployment, Dialect dialect) {
        return mock(attempt, deployment) != null
                || deployment.provider().dialect().equals(Providers.ECHO)
                || (attempt.call().surface() == Surface.COUNT_TOKENS
                        && !dialect.speaks().contains(Surface.COUNT_TOKENS));
    }

    private static @Nullable String mock(Attempt attempt, Deployment deployment) {
        return deployment.mockResponse() != null
                ? deployment.mockResponse()
                : attempt.call().envelope().overrides().special().mockResponse();
    }

    Answer answer(Attempt attempt, Deployment deployment) {
        Call call = attempt.call();
        String mock = mock(attempt, deployment);
        Failure made = mock == null
                ? null
                : MockFailures.named(mock, deployment.provider().name());
        if (made != null) {
            return new Answer.Refused(made, null);
        }
        ObjectNode body = Json.readObject(BodySplice.splice(
                call.body(), call.envelope(), deployment, attempt.upstreamModel(), BodySplice.StreamUsage.LEAVE));
        if (call.surface() == Surface.EMBEDDINGS) {
            var wire = new OpenAiEmbeddingsWire();
            var request = wire.read(body);
            var response = EchoModel.embed(request);
            return whole(
                    wire.write(response, request.base64(), attempt.requestedModel()),
                    response.usage(),
                    attempt.upstreamModel());
        }
        Wire wire = Providers.wire(call.surface());
        ChatRequest request = wire.read(body);
        if (call.surface() == Surface.COUNT_TOKENS) {
            return whole(
                    Json.write(Json.object().put("input_tokens", PromptEstimate.tokens(request))), Usage.NONE, null);
        }
        EchoModel model = new EchoModel(attempt.upstreamModel(), mock);
        if (call.envelope().stream()) {
            return stream(attempt, wire, model.stream(request));
        }
        var response = model.answer(request);
        return whole(
                wire.write(response, call.id(), attempt.requestedModel()), response.usage(), attempt.upstreamModel());
    }

    private static Answer whole(Buffer body, Usage usage, @Nullable String model) {
        return new Answer.Whole(200, Map.of(), body, usage, model, null);
    }

    private Answer stream(Attempt attempt, Wire wire, List<ChatEvent> events) {
        StreamEncoder encoder = wire.encoder(
                attempt.call().id(),
                attempt.requestedModel(),
                attempt.call().envelope().streamUsage());
        List<Buffer> chunks = new ArrayList<>();
        Usage usage = Usage.NONE;
        for (ChatEvent event : events) {
            if (event instanceof ChatEvent.Tokens tokens) {
                usage = tokens.usage();
            }
            Buffer chunk = encoder.encode(List.of(event));
            if (chunk != null) {
                chunks.add(chunk);
            }
        }
        StreamRef ref = new StreamRef(attempt.leg());
        new LocalStream(bus, ref, chunks, encoder.finish(), usage, attempt.upstreamModel());
        return new Answer.Streaming(Map.of(), ref, null);
    }
}
