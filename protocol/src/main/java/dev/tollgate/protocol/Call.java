package dev.tollgate.protocol;

import io.vertx.core.buffer.Buffer;
import java.util.Map;

/**
 * One client's request on its way to a model: gateway to router.
 *
 * @param id call id, unique; LiteLLM's {@code x-litellm-call-id}
 * @param surface the API it came through
 * @param caller who asks
 * @param envelope what the scan found
 * @param headers request headers worth forwarding upstream (lower-case names: {@code anthropic-beta} …)
 * @param body the body as it came, never changed
 * @param startedNanos {@link System#nanoTime()} when the request's head arrived
 */
public record Call(
        String id,
        Surface surface,
        Caller caller,
        Envelope envelope,
        Map<String, String> headers,
        Buffer body,
        long startedNanos) {

    /** The same call once its body is not needed any more. */
    public Call withoutBody() {
        return new Call(id, surface, caller, envelope, headers, Buffer.buffer(), startedNanos);
    }

    /** The same call with other wishes. */
    public Call with(Envelope newEnvelope) {
        return new Call(id, surface, caller, newEnvelope, headers, body, startedNanos);
    }

    /** The same call with another body, which the envelope describes. */
    public Call with(Envelope newEnvelope, Buffer newBody) {
        return new Call(id, surface, caller, newEnvelope, headers, newBody, startedNanos);
    }
}
