package dev.tollgate.provider.chat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Texts to turn into vectors.
 *
 * @param inputs the texts
 * @param dimensions wanted length of the vectors, or null
 * @param base64 whether the client wants vectors as base64 of little-endian floats
 * @param user end user, or null
 */
public record EmbeddingRequest(
        List<String> inputs,
        @Nullable Integer dimensions,
        boolean base64,
        @Nullable String user) {
    public EmbeddingRequest {
        inputs = List.copyOf(inputs);
    }
}
