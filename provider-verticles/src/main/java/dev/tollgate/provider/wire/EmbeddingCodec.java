package dev.tollgate.provider.wire;

import dev.tollgate.config.Deployment;
import dev.tollgate.provider.chat.EmbeddingRequest;
import dev.tollgate.provider.chat.EmbeddingResponse;
import io.vertx.core.buffer.Buffer;

/** Canonical embeddings to and from one provider API. */
public interface EmbeddingCodec {

    /** Writes the provider's request body. */
    Buffer encode(EmbeddingRequest request, Deployment deployment);

    /**
     * Reads the provider's answer.
     *
     * @throws BadPayload when it makes no sense
     */
    EmbeddingResponse decode(Buffer body);
}
