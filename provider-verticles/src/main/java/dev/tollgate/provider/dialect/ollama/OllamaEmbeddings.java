package dev.tollgate.provider.dialect.ollama;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.EmbeddingRequest;
import dev.tollgate.provider.chat.EmbeddingResponse;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.EmbeddingCodec;
import dev.tollgate.provider.wire.Json;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** {@code /api/embed}. */
final class OllamaEmbeddings implements EmbeddingCodec {

    @Override
    public Buffer encode(EmbeddingRequest request, Deployment deployment) {
        ObjectNode body = Json.object().put("model", deployment.upstreamModel());
        request.inputs().forEach(body.putArray("input")::add);
        if (request.dimensions() != null) {
            body.put("dimensions", request.dimensions());
        }
        return Json.write(body);
    }

    @Override
    public EmbeddingResponse decode(Buffer bytes) {
        ObjectNode body = Json.readObject(bytes);
        List<float[]> vectors = new ArrayList<>();
        for (JsonNode vector : body.path("embeddings")) {
            vectors.add(Json.floats(vector));
        }
        if (vectors.isEmpty()) {
            throw new BadPayload("it has no embeddings");
        }
        return new EmbeddingResponse(vectors, Usage.of(Json.number(body, "prompt_eval_count"), 0));
    }
}
