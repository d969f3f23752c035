package dev.tollgate.provider.dialect.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.config.Deployment;
import dev.tollgate.provider.chat.EmbeddingRequest;
import dev.tollgate.provider.chat.EmbeddingResponse;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.EmbeddingCodec;
import dev.tollgate.provider.wire.Json;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** {@code batchEmbedContents}: one request a text. */
final class GeminiEmbeddings implements EmbeddingCodec {

    @Override
    public Buffer encode(EmbeddingRequest request, Deployment deployment) {
        ObjectNode body = Json.object();
        ArrayNode requests = body.putArray("requests");
        for (String input : request.inputs()) {
            ObjectNode one = requests.addObject().put("model", GeminiDialect.resource(deployment));
            one.putObject("content").putArray("parts").addObject().put("text", input);
            if (request.dimensions() != null) {
                one.put("outputDimensionality", request.dimensions());
            }
        }
        return Json.write(body);
    }

    @Override
    public EmbeddingResponse decode(Buffer bytes) {
        ObjectNode body = Json.readObject(bytes);
        List<float[]> vectors = new ArrayList<>();
        for (JsonNode embedding : body.path("embeddings")) {
            vectors.add(Json.floats(embedding.path("values")));
        }
        if (vectors.isEmpty()) {
            throw new BadPayload("it has no embeddings");
        }
        return new EmbeddingResponse(vectors, GeminiUsage.read(body));
    }
}
