package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import org.jspecify.annotations.Nullable;

/**
 * {@code general_settings}, and of {@code litellm_settings} what concerns the server.
 *
 * @param masterKey the admin key, or null: the gateway is open
 * @param keyHeader {@code litellm_key_header_name}, lower case, or null
 * @param maxRequestBytes largest request body in bytes; 100 MiB by default
 * @param metricsNeedKey whether {@code /metrics} asks for the key when there is one; true by default
 * @param jsonLogs whether log lines are JSON
 * @param verbose whether to log at debug level
 * @param store where spend is kept, or null: in the embedded store; read once, at the start
 */
public record GeneralSettings(
        @Nullable Secret masterKey,
        @Nullable String keyHeader,
        long maxRequestBytes,
        boolean metricsNeedKey,
        boolean jsonLogs,
        boolean verbose,
        @Nullable StoreUrl store) {

    /** LiteLLM's defaults, open. */
    public static final GeneralSettings DEFAULT = new GeneralSettings(null, null, 100L << 20, true, false, false, null);
}
