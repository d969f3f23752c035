package dev.tollgate.provider.wire;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Surface;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One provider API: where calls go, how they are written and read. Pure: no I/O, no state between calls, safe to share.
 *
 * <p>A surface in {@link #speaks()} goes through as bytes; any other is translated through {@link #chat()} or
 * {@link #embeddings()}.
 */
public interface Dialect {

    /** Client surfaces whose bodies this API takes as they are. */
    Set<Surface> speaks();

    /**
     * Where and with which headers a call goes.
     *
     * @param deployment the deployment, with its credentials
     * @param surface the client's surface
     * @param stream whether a stream is wanted
     * @param forwarded client headers worth forwarding (lower-case names); take what this API knows
     */
    Endpoint endpoint(Deployment deployment, Surface surface, boolean stream, Map<String, String> forwarded);

    /** How chat is translated to and from this API. */
    ChatCodec chat();

    /** How embeddings are translated, or null when this API has none (a call then fails as a bad request). */
    default @Nullable EmbeddingCodec embeddings() {
        return null;
    }

    /**
     * What an error answer means.
     *
     * @param provider the provider's name, for the failure
     * @param status HTTP status, 400 or more
     * @param headers response headers ({@code retry-after})
     * @param body response body, whatever it is
     */
    Failure failure(String provider, int status, MultiMap headers, Buffer body);
}
