package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.EmbeddingRequest;
import dev.tollgate.provider.chat.EmbeddingResponse;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** OpenAI embeddings as clients speak it, for providers that speak something else. */
public final class OpenAiEmbeddingsWire {

    /**
     * Reads a client's body.
     *
     * @throws BadPayload when it is not a list of texts
     */
    public EmbeddingRequest read(ObjectNode body) {
        JsonNode input = body.path("input");
        List<String> texts = new ArrayList<>();
        if (input.isTextual()) {
            texts.add(input.textValue());
        }
        for (JsonNode item : input) {
            if (!item.isTextual()) {
                throw new BadPayload("`input` must be a string or a list of strings for this provider", "input");
            }
            texts.add(item.textValue());
        }
        if (texts.isEmpty()) {
            throw new BadPayload("`input` must be a string or a list of strings", "input");
        }
        return new EmbeddingRequest(
                texts,
                Json.has(body, "dimensions") ? body.get("dimensions").asInt() : null,
                body.path("encoding_format").asText("").equals("base64"),
                Json.text(body, "user"));
    }

    /** Writes the answer in the encoding that the client asked for. */
    public Buffer write(EmbeddingResponse response, boolean base64, String model) {
        ObjectNode body = Json.object().put("object", "list");
        ArrayNode data = body.putArray("data");
        for (int i = 0; i < response.vectors().size(); i++) {
            ObjectNode item = data.addObject().put("object", "embedding").put("index", i);
            float[] vector = response.vectors().get(i);
            if (base64) {
                item.put("embedding", encoded(vector));
            } else {
                ArrayNode numbers = item.putArray("embedding");
                for (float number : vector) {
                    numbers.add(number);
                }
            }
        }
        body.put("model", model);
        body.putObject("usage")
                .put("prompt_tokens", response.usage().prompt())
                .put("total_tokens", response.usage().prompt());
        return Json.write(body);
    }

    private static String encoded(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : vector) {
            bytes.putFloat(number);
        }
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
