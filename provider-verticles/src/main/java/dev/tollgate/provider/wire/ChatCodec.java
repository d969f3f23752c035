package dev.tollgate.provider.wire;

import dev.tollgate.config.Deployment;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ChatResponse;
import io.vertx.core.buffer.Buffer;

/** Canonical chat to and from one provider API. */
public interface ChatCodec {

    /**
     * Writes the provider's request body.
     *
     * @throws BadPayload when the request cannot be said in this API
     */
    Buffer encode(ChatRequest request, Deployment deployment);

    /**
     * Reads the provider's whole answer.
     *
     * @throws BadPayload when it makes no sense
     */
    ChatResponse decode(Buffer body);

    /** A fresh reader for one streamed answer. */
    StreamDecoder decoder();
}
