package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one entry of {@code model_list} into a {@link Deployment}.
 *
 * <p>The provider is what stands before the first slash, if that is a provider; else the one that a well-known name or the host of
 * {@code api_base} belongs to; with an {@code api_base} of its own, OpenAI. A provider's usual key variable is only used for the
 * provider's own host, or for a host that came from the provider's own variable: never sent to another {@code api_base}.
 */
final class DeploymentReader {
    private final ProviderCatalog catalog;
    private final Environment environment;
    private final Problems problems;
    private final Map<String, Section> credentials = new HashMap<>();
    private final Set<String> knownParams = KnownKeys.of("litellm_params");
    private final Set<String> callParams = KnownKeys.of("call_parameters");
    private final Set<String> knownInfo = KnownKeys.of("model_info");

    DeploymentReader(ProviderCatalog catalog, Environment environment, Problems problems) {
        this.catalog = catalog;
        this.environment = environment;
        this.problems = problems;
    }

    /** Remembers a {@code credential_list} entry for {@code litellm_credential_name}. */
    void credential(Section entry) {
        String name = entry.text("credential_name");
        if (name != null) {
            credentials.put(name, entry.section("credential_values"));
        }
    }

    private record Target(Provider provider, String model) {}

    private record Base(String url, boolean providersOwn) {}

    @Nullable Deployment read(Section entry, Origin origin) {
        String group = entry.text("model_name");
        Section params = entry.section("litellm_params");
        if (group == null || group.isBlank()) {
            problems.error(origin, "a model needs a `model_name`");
            return null;
        }
        String model = params.text("model");
        if (model == null || model.isBlank()) {
            problems.error(
                    params.keyOrigin("model") != null ? params.keyOrigin("model") : origin,
                    "the model `" + group + "` needs `litellm_params.model`, such as openai/gpt-4o");
            return null;
        }
        Section stored = credentials.getOrDefault(
                params.text("litellm_credential_name"), new Section("credential_values", null, problems));
        String givenBase = first(params.text("api_base"), params.text("base_url"), stored.text("api_base"));
        Target target = target(params, model, givenBase);
        if (target == null) {
            return null;
        }
        Base base = base(target.provider(), givenBase);
        if (base == null) {
            problems.error(
                    params.origin("model"),
                    "`" + target.provider().name() + "/` needs `api_base`"
                            + (target.provider().baseVariables().isEmpty()
                                    ? ""
                                    : " or the environment variable "
                                            + String.join(
                                                    " or ", target.provider().baseVariables())));
            return null;
        }
        Secret key = key(params, stored, target.provider(), base);
        return build(entry, origin, group, params, stored, target, base, key);
    }

    private Deployment build(
            Section entry,
            Origin origin,
            String group,
            Section params,
            Section stored,
            Target target,
            Base base,
            @Nullable Secret key) {
        Section info = entry.section("model_info");
        params.warnUnknownExcept(knownParams, callParams, "parameter");
        info.warnUnknownExcept(knownInfo, Set.of(), "model_info key");
        Map<String, BigDecimal> prices = new LinkedHashMap<>();
        prices(params, prices);
        prices(info, prices);
        Deployment.Routing routing = new Deployment.Routing(
                decimal(params, "weight"),
                params.whole("rpm"),
                params.whole("tpm"),
                params.integer("order"),
                params.seconds("timeout"),
                params.seconds("stream_timeout"),
                params.has("num_retries") ? params.integer("num_retries") : params.integer("max_retries"),
                params.has("cooldown_time") ? params.seconds("cooldown_time") : info.seconds("cooldown_time"),
                params.texts("tags"));
        String version =
                first(params.text("api_version"), stored.text("api_version"), environment.get("AZURE_API_VERSION"));
        return new Deployment(
                id(info, group, params, key),
                group,
                target.provider(),
                target.model(),
                base.url(),
                key,
                target.provider().dialect().equals("azure") ? version : params.text("api_version"),
                params.text("organization"),
                headers(params),
                defaults(params),
                routing,
                prices,
                new Deployment.Info(
                        info.text("mode"),
                        info.text("base_model"),
                        info.text("health_check_model"),
                        entry.node("model_info") == null ? "{}" : JsonText.of(entry.node("model_info"))),
                params.text("mock_response"),
                origin);
    }

    private static @Nullable Double decimal(Section params, String key) {
        BigDecimal value = params.number(key);
        return value == null ? null : (Double) value.doubleValue();
    }

    private @Nullable Target target(Section params, String model, @Nullable String givenBase) {
        int slash = model.indexOf('/');
        String prefix = slash > 0 ? model.substring(0, slash) : "";
        String custom = params.text("custom_llm_provider");
        Provider provider = custom != null ? catalog.find(custom) : catalog.find(prefix);
        if (provider != null) {
            return new Target(provider, prefix.equals(provider.name()) ? model.substring(slash + 1) : model);
        }
        if (custom != null) {
            problems.error(
                    params.origin("custom_llm_provider"),
                    "unknown provider `" + custom + "`" + Nearest.hint(custom, catalog.nameSet()));
            return null;
        }
        provider = catalog.ofModel(model);
        if (provider == null && givenBase != null) {
            provider = catalog.ofHost(givenBase);
            if (provider == null) {
                provider = catalog.find("openai");
            }
        }
        if (provider == null && model.equals("*")) {
            provider = catalog.find("openai");
        }
        if (provider == null) {
            String hint = prefix.isEmpty() ? "" : Nearest.hint(prefix, catalog.nameSet());
            problems.error(
                    params.origin("model"),
                    hint.isEmpty()
                            ? "no provider in `" + model + "`: write provider/model, such as openai/" + model
                            : "unknown provider `" + prefix + "` in `" + model + "`" + hint);
            return null;
        }
        return new Target(provider, model);
    }

    private @Nullable Base base(Provider provider, @Nullable String given) {
        if (given != null) {
            String url = trimmed(given);
            String own = provider.baseUrl() == null ? null : ProviderCatalog.host(provider.baseUrl());
            return new Base(url, (own != null && own.equals(ProviderCatalog.host(url))) || fromVariable(provider, url));
        }
        for (String variable : provider.baseVariables()) {
            String value = environment.get(variable);
            if (value != null) {
                return new Base(trimmed(value), true);
            }
        }
        if (provider.baseUrl() != null) {
            return new Base(provider.baseUrl(), true);
        }
        return provider.dialect().equals("echo") ? new Base("", true) : null;
    }

    private boolean fromVariable(Provider provider, String url) {
        for (String variable : provider.baseVariables()) {
            String value = environment.get(variable);
            if (value != null && trimmed(value).equals(url)) {
                return true;
            }
        }
        return false;
    }

    private static String trimmed(String url) {
        String text = url.strip();
        while (text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        return text;
    }

    private @Nullable Secret key(Section params, Section stored, Provider provider, Base base) {
        String given = first(params.text("api_key"), stored.text("api_key"));
        if (given != null && !given.isBlank()) {
            return Secret.of(given);
        }
        if (base.providersOwn()) {
            for (String variable : provider.keyVariables()) {
                String value = environment.get(variable);
                if (value != null) {
                    return Secret.of(value);
                }
            }
            if (provider.needsKey() && !params.has("api_key") && params.text("mock_response") == null) {
                problems.warn(
                        params.origin("model"),
                        "no API key for " + provider.name() + "/: set "
                                + String.join(" or ", provider.keyVariables())
                                + " or `api_key`; calls will fail until then");
            }
        }
        return null;
    }

    private void prices(Section from, Map<String, BigDecimal> prices) {
        for (String name : from.keys()) {
            if (isPrice(name) && from.node(name) instanceof ConfigNode.Scalar) {
                BigDecimal value = from.number(name);
                if (value != null) {
                    prices.put(name, value);
                }
            }
        }
    }

    static boolean isPrice(String name) {
        return name.contains("_cost_per_") || name.contains("_token_cost") || name.startsWith("cost_per_");
    }

    private static Map<String, String> headers(Section params) {
        Map<String, String> headers = new LinkedHashMap<>(params.textMap("headers"));
        headers.putAll(params.textMap("extra_headers"));
        return headers;
    }

    private Map<String, String> defaults(Section params) {
        Map<String, String> defaults = new LinkedHashMap<>();
        for (String name : params.keys()) {
            ConfigNode value = params.node(name);
            boolean proxys = knownParams.contains(name) && !callParams.contains(name);
            if (value != null && !proxys && !isPrice(name) && !name.equals("stream") && !name.equals("metadata")) {
                defaults.put(name, JsonText.of(value));
            }
        }
        return defaults;
    }

    /** A hash over name and parameters; the key takes part only as a hash of its own. */
    private static String id(Section info, String group, Section params, @Nullable Secret key) {
        String given = info.text("id");
        if (given != null && !given.isBlank()) {
            return given;
        }
        StringBuilder canonical = new StringBuilder(group);
        params.keys().stream().sorted().filter(name -> !name.equals("api_key")).forEach(name -> {
            ConfigNode value = params.node(name);
            canonical.append('\n').append(name).append('=').append(value == null ? "null" : JsonText.of(value));
        });
        if (key != null) {
            canonical.append("\nkey=").append(sha256(key.reveal()));
        }
        return sha256(canonical.toString());
    }

    static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    private static @Nullable String first(@Nullable String... values) {
        for (String value : values) {
            if (value != null && !value.isBlank()) {
                return value;
            }
        }
        return null;
    }
}
