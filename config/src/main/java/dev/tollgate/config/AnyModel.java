package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code model_name: "*"} with {@code model: "*"} stands for: LiteLLM then takes the provider from the name that a client
 * sends. So such a model gets companions, one for every provider whose key is set: {@code anthropic/*} and so on, and
 * {@code claude-*} and {@code gemini-*} without a prefix. All other bare names stay with OpenAI. A node that does not know which keys
 * there are offers all providers.
 */
final class AnyModel {
    private static final String ANY = "*";

    private final ProviderCatalog catalog;
    private final Environment environment;
    private final Roles roles;

    AnyModel(ProviderCatalog catalog, Environment environment, Roles roles) {
        this.catalog = catalog;
        this.environment = environment;
        this.roles = roles;
    }

    /** Whether this is such a model: no provider, no address and no key of its own. */
    static boolean is(String group, Section params) {
        return group.equals(ANY)
                && ANY.equals(params.text("model"))
                && params.written("api_base") == null
                && params.written("base_url") == null
                && params.written("api_key") == null
                && !params.has("custom_llm_provider")
                && !params.has("litellm_credential_name");
    }

    /** The companions of such a model. */
    List<Deployment> companions(Deployment any) {
        List<Deployment> companions = new ArrayList<>();
        for (String name : catalog.nameSet()) {
            Provider provider = catalog.find(name);
            Secret key = provider == null ? null : key(provider);
            String base = provider == null ? null : base(provider);
            if (provider != null && base != null && (key != null || roles == Roles.FRONT && provider.needsKey())) {
                companions.add(companion(any, provider, name + "/*", ANY, base, key));
                String bare = bare(name);
                if (bare != null) {
                    companions.add(companion(any, provider, bare, bare, base, key));
                }
            }
        }
        return companions;
    }

    private static @Nullable String bare(String provider) {
        return switch (provider) {
            case "anthropic" -> "claude-*";
            case "gemini" -> "gemini-*";
            default -> null;
        };
    }

    private static Deployment companion(
            Deployment any, Provider provider, String group, String model, String base, @Nullable Secret key) {
        return new Deployment(
                DeploymentReader.sha256(any.id() + "\n" + group),
                group,
                provider,
                model,
                base,
                key,
                null,
                null,
                any.extraHeaders(),
                any.defaults(),
                any.routing(),
                any.prices(),
                any.info(),
                any.mockResponse(),
                any.origin());
    }

    private @Nullable Secret key(Provider provider) {
        if (roles == Roles.FRONT) {
            return null;
        }
        String variable = environment.firstSet(provider.keyVariables());
        String value = variable == null ? null : environment.get(variable);
        return value == null ? null : Secret.of(value.strip());
    }

    private @Nullable String base(Provider provider) {
        String variable = environment.firstSet(provider.baseVariables());
        String value = variable == null ? null : environment.get(variable);
        return value == null ? provider.baseUrl() : Upstreams.trimmed(value);
    }
}
