package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out where a deployment's calls go and with which key.
 *
 * <p>The provider is what stands before the first slash, if that is a provider; else the one that a well-known name or the host of
 * {@code api_base} belongs to; with an {@code api_base} of its own, OpenAI. A provider's usual key variable is only used for the
 * provider's own host, or for a host that came from the provider's own variable: never sent to another {@code api_base}. A node that
 * does not talk to providers has no key of theirs, and need not know the address.
 */
final class Upstreams {
    private final ProviderCatalog catalog;
    private final Environment environment;
    private final boolean keyless;
    private final Problems problems;

    Upstreams(ProviderCatalog catalog, Environment environment, Roles roles, Problems problems) {
        this.catalog = catalog;
        this.environment = environment;
        this.keyless = roles == Roles.FRONT;
        this.problems = problems;
    }

    /**
     * Where calls go.
     *
     * @param model name to send, without the provider's prefix
     * @param url base URL without a trailing slash
     */
    record Upstream(
            Provider provider,
            String model,
            String url,
            @Nullable Secret key) {}

    private record Target(Provider provider, String model) {}

    private record Base(String url, boolean providersOwn) {}

    /** Null when it cannot be said, which is then an error in {@code problems}. */
    @Nullable Upstream find(Section params, Section stored, String model) {
        String key = params.text("api_base") != null ? "api_base" : "base_url";
        String given = DeploymentReader.first(params.text(key), stored.text("api_base"));
        if (given != null && ProviderCatalog.authority(given) == null) {
            problems.error(
                    params.text(key) != null ? params.origin(key) : stored.origin("api_base"),
                    "`api_base` must be a URL such as https://host/v1");
            return null;
        }
        if (!keyless
                && List.of("api_base", "base_url", "custom_llm_provider").stream()
                        .anyMatch(params::unset)) {
            return null;
        }
        Target target = target(params, model, given);
        if (target == null) {
            return null;
        }
        Provider provider = target.provider();
        Base base = base(provider, given);
        if (base == null) {
            problems.error(
                    params.origin("model"),
                    "`" + provider.name() + "/` needs `api_base`"
                            + (provider.baseVariables().isEmpty()
                                    ? ""
                                    : " or the environment variable " + String.join(" or ", provider.baseVariables())));
            return null;
        }
        return new Upstream(provider, target.model(), base.url(), key(params, stored, provider, base));
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
            return new Base(url, ProviderCatalog.owns(provider, url) || fromVariable(provider, url));
        }
        for (String variable : provider.baseVariables()) {
            String value = environment.get(variable);
            if (value != null) {
                if (ProviderCatalog.authority(value) == null) {
                    problems.error(null, variable + " must be a URL such as https://host/v1, not `" + value + "`");
                }
                return new Base(trimmed(value), true);
            }
        }
        if (provider.baseUrl() != null) {
            return new Base(provider.baseUrl(), true);
        }
        return keyless || provider.dialect().equals("echo") ? new Base("", true) : null;
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

    /** Without slashes at the end, to which paths are appended. */
    static String trimmed(String url) {
        String text = url.strip();
        while (text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        return text;
    }

    private @Nullable Secret key(Section params, Section stored, Provider provider, Base base) {
        if (keyless) {
            return null;
        }
        String given = DeploymentReader.first(params.text("api_key"), stored.text("api_key"));
        if (given != null) {
            return Secret.of(given.strip());
        }
        String variable = environment.firstSet(provider.keyVariables());
        if (base.providersOwn()) {
            String value = variable == null ? null : environment.get(variable);
            if (value != null) {
                return Secret.of(value.strip());
            }
            if (provider.needsKey() && !params.has("api_key") && params.text("mock_response") == null) {
                problems.warn(
                        params.origin("model"),
                        "no API key for " + provider.name() + "/: set "
                                + String.join(" or ", provider.keyVariables())
                                + " or `api_key`; calls will fail until then");
            }
        } else if (variable != null && base.url().startsWith("https:")) {
            problems.warn(
                    params.origin("model"),
                    variable + " is not sent to " + ProviderCatalog.authority(base.url()) + ", which is not "
                            + provider.name() + "'s own host; if it should be, write api_key: os.environ/" + variable);
        }
        return null;
    }
}
