package dev.tollgate.config;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All providers, read from {@code providers.csv}. */
public final class ProviderCatalog {
    private final Map<String, Provider> byName;

    private ProviderCatalog(Map<String, Provider> byName) {
        this.byName = byName;
    }

    /** Reads the data file. */
    public static ProviderCatalog load() {
        try (InputStream in = ProviderCatalog.class.getResourceAsStream("providers.csv")) {
            if (in == null) {
                throw new IllegalStateException("The program is incomplete: providers.csv is missing");
            }
            Map<String, Provider> rows = new LinkedHashMap<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.startsWith("name,"))
                    .map(ProviderCatalog::row)
                    .forEach(provider -> rows.put(provider.name(), provider));
            return new ProviderCatalog(rows);
        } catch (IOException e) {
            throw new IllegalStateException("The program is incomplete: providers.csv cannot be read", e);
        }
    }

    private static Provider row(String line) {
        String[] f = line.split(",", 9);
        return new Provider(
                f[0],
                f[1],
                f[2].isEmpty() ? null : f[2],
                words(f[3], " "),
                words(f[4], " "),
                f[5].equals("yes"),
                f[6].equals("yes"),
                f[7].equals("yes"),
                words(f[8], "\\|"));
    }

    private static List<String> words(String text, String separator) {
        return text.isEmpty() ? List.of() : List.of(text.split(separator));
    }

    /** The provider of that name, or null. */
    public @Nullable Provider find(String name) {
        return byName.get(name);
    }

    /** All names. */
    Set<String> nameSet() {
        return byName.keySet();
    }

    /** The provider whose default host a base URL points to, or null. */
    @Nullable Provider ofHost(String apiBase) {
        String host = host(apiBase);
        if (host != null && !local(host)) {
            for (Provider provider : byName.values()) {
                if (provider.baseUrl() != null && host.equals(host(provider.baseUrl()))) {
                    return provider;
                }
            }
        }
        return null;
    }

    /** The provider that a well-known bare model name belongs to, or null. */
    @Nullable Provider ofModel(String model) {
        if (model.startsWith("claude-")) {
            return byName.get("anthropic");
        }
        if (model.startsWith("gemini-")) {
            return byName.get("gemini");
        }
        boolean openAi = model.startsWith("gpt-")
                || model.startsWith("chatgpt-")
                || model.startsWith("text-embedding-")
                || model.startsWith("dall-e")
                || (model.length() > 1 && model.charAt(0) == 'o' && Character.isDigit(model.charAt(1)));
        return openAi ? byName.get("openai") : null;
    }

    static @Nullable String host(String url) {
        try {
            return URI.create(url).getHost();
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private static boolean local(String host) {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    }
}
