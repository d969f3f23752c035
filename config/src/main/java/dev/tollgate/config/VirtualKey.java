package dev.tollgate.config;

import dev.tollgate.protocol.Secret;

/**
 * One entry of {@code virtual_keys}: a key of the gateway that stands in the file.
 *
 * @param key the key
 * @param document its fields as JSON text, named as in LiteLLM's {@code /key/generate}; with {@code config: true}, without the key
 * @param origin where it stands
 */
public record VirtualKey(Secret key, String document, Origin origin) {

    /** Whether it is the same key with the same fields, wherever it stands. */
    boolean sameAs(VirtualKey other) {
        return key.equals(other.key) && document.equals(other.document);
    }
}
