package dev.tollgate.provider.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.Surface;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ChatResponse;
import io.vertx.core.buffer.Buffer;

/** One client-facing chat format: how its bodies are read into, and written from, the canonical model. Pure. */
public interface Wire {

    /** The surface it serves. */
    Surface surface();

    /**
     * Reads a client's body.
     *
     * @throws BadPayload when it is not a valid request
     */
    ChatRequest read(ObjectNode body);

    /**
     * Writes a whole answer.
     *
     * @param response the answer
     * @param callId id to use when the provider gave none
     * @param model model name to show: the one the client asked for
     */
    Buffer write(ChatResponse response, String callId, String model);

    /**
     * A fresh writer for one streamed answer.
     *
     * @param callId id to use when the provider gave none
     * @param model model name to show
     * @param usage whether the client asked for the usage event (surfaces that always send it ignore this)
     */
    StreamEncoder encoder(String callId, String model, boolean usage);
}
