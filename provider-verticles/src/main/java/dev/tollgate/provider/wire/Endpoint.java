package dev.tollgate.provider.wire;

import java.util.Map;

/**
 * Where one call goes.
 *
 * @param url absolute URL
 * @param headers request headers, credentials included; never logged
 */
public record Endpoint(String url, Map<String, String> headers) {
    public Endpoint {
        headers = Map.copyOf(headers);
    }

    /** Prints the URL only: the headers hold credentials. */
    @Override
    public String toString() {
        return url;
    }
}
