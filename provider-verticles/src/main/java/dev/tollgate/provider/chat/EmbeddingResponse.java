package dev.tollgate.provider.chat;

import dev.tollgate.protocol.Usage;
import java.util.List;

/**
 * Vectors, in the order of the inputs.
 *
 * @param vectors one a text
 * @param usage tokens
 */
public record EmbeddingResponse(List<float[]> vectors, Usage usage) {
    public EmbeddingResponse {
        vectors = List.copyOf(vectors);
    }
}
