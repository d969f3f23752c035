package dev.tollgate.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;

/** The names that LiteLLM knows in each section, from {@code keys/*.txt}: whatever else a file says is kept and warned about. */
final class KnownKeys {
    private KnownKeys() {}

    static Set<String> of(String section) {
        String resource = "keys/" + section + ".txt";
        try (InputStream in = KnownKeys.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("The program is incomplete: " + resource + " is missing");
            }
            Set<String> keys = new LinkedHashSet<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(keys::add);
            return keys;
        } catch (IOException e) {
            throw new IllegalStateException("The program is incomplete: " + resource + " cannot be read", e);
        }
    }
}
