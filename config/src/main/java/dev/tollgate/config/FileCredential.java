package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.util.Map;

/**
 * An entry of {@code credential_list}.
 *
 * @param name {@code credential_name}
 * @param values its keys and addresses by name
 * @param info {@code credential_info} as JSON text
 */
public record FileCredential(String name, Map<String, Secret> values, String info) {
    public FileCredential {
        values = Map.copyOf(values);
    }
}
