package dev.tollgate.config;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** All providers, read from {@code providers.csv}. */
public final class ProviderCatalog {
    private static final Pattern WEB_URL = Pattern.compile("(?i)https?://(?:[^/?#@\\s]*@)?([^/?#@\\s]+)(?:[/?#]\\S*)?");

    /** Each customer of Azure has a host of their own below one of these. */
    private static final List<String> AZURE_HOSTS =
            List.of(".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com");

    /** OpenAI's models that LiteLLM takes without a prefix, besides those of a family such as {@code o3}. */
    private static final List<String> OPENAI_NAMES = List.of(
            "gpt-",
            "chatgpt-",
            "codex-",
            "text-embedding-",
            "text-moderation-",
            "omni-moderation-",
            "dall-e",
            "whisper-",
            "tts-",
            "davinci-002",
            "babbage-002",
            "computer-use-",
            "sora-",
            "ft:gpt-");

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

    /** The variables that providers' keys usually stand in. */
    Set<String> keyVariables() {
        Set<String> all = new HashSet<>();
        byName.values().forEach(provider -> all.addAll(provider.keyVariables()));
        return all;
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
        boolean openAi = OPENAI_NAMES.stream().anyMatch(model::startsWith)
                || (model.length() > 1 && model.charAt(0) == 'o' && Character.isDigit(model.charAt(1)));
        return openAi ? byName.get("openai") : null;
    }

    /** Host and port that a base URL names, or null when it is no http or https URL. Names may hold {@code _}, as Compose's do. */
    static @Nullable String authority(String url) {
        Matcher matcher = WEB_URL.matcher(url.strip());
        return matcher.matches() ? matcher.group(1) : null;
    }

    /** Whether what is sent to this URL reaches the provider itself, as well protected as at its usual URL. */
    static boolean owns(Provider provider, String url) {
        URI given = parsed(url);
        URI usual = provider.baseUrl() == null ? null : parsed(provider.baseUrl());
        if (given == null || given.getHost() == null) {
            return false;
        }
        if (usual != null) {
            return given.getScheme().equalsIgnoreCase(usual.getScheme())
                    && given.getHost().equalsIgnoreCase(usual.getHost())
                    && port(given) == port(usual);
        }
        String host = given.getHost().toLowerCase(Locale.ROOT);
        return provider.dialect().equals("azure")
                && given.getScheme().equalsIgnoreCase("https")
                && port(given) == 443
                && AZURE_HOSTS.stream().anyMatch(host::endsWith);
    }

    private static int port(URI url) {
        return url.getPort() >= 0 ? url.getPort() : url.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    static @Nullable String host(String url) {
        URI parsed = parsed(url);
        return parsed == null ? null : parsed.getHost();
    }

    private static @Nullable URI parsed(String url) {
        try {
            return URI.create(url);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private static boolean local(String host) {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    }
}
