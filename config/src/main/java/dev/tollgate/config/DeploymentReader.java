package dev.tollgate.config;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Reads one entry of {@code model_list} into a {@link Deployment}. */
final class DeploymentReader {
    private final ProviderCatalog catalog;
    private final Upstreams upstreams;
    private final Environment environment;
    private final Roles roles;
    private final Problems problems;
    private final Names names;
    private final Map<String, Section> credentials;

    /** What to do about a credential that is missing; null: wait, for it may come later. */
    private final @Nullable String remedy;

    /** The names that are known in each part of an entry. */
    private record Names(KnownKeys entry, KnownKeys params, KnownKeys call, KnownKeys info) {
        static Names load() {
            return new Names(
                    KnownKeys.of("model"),
                    KnownKeys.of("litellm_params"),
                    KnownKeys.of("call_parameters"),
                    KnownKeys.of("model_info"));
        }
    }

    /** {@code expecting}: whether the admin API may make credentials that the file names. */
    DeploymentReader(
            ProviderCatalog catalog, Environment environment, Roles roles, Problems problems, boolean expecting) {
        this(
                catalog,
                environment,
                roles,
                problems,
                Names.load(),
                new LinkedHashMap<>(),
                expecting ? null : "; one of the admin API counts when `general_settings.store_model_in_db` is true");
    }

    private DeploymentReader(
            ProviderCatalog catalog,
            Environment environment,
            Roles roles,
            Problems problems,
            Names names,
            Map<String, Section> credentials,
            @Nullable String remedy) {
        this.catalog = catalog;
        this.upstreams = new Upstreams(catalog, environment, roles, problems);
        this.environment = environment;
        this.roles = roles;
        this.problems = problems;
        this.names = names;
        this.credentials = credentials;
        this.remedy = remedy;
    }

    /** One for an entry of the admin API: it knows the same credentials and says what is wrong elsewhere. */
    DeploymentReader stored(Problems others) {
        return new DeploymentReader(
                catalog, environment, roles, others, names, credentials, "; make it first, with POST /credentials");
    }

    /** Remembers a {@code credential_list} entry for {@code litellm_credential_name}. */
    void credential(Section entry, Origin origin) {
        String name = entry.text("credential_name");
        if (name != null) {
            credentials.put(name, entry.section("credential_values"));
        } else if (!entry.unset("credential_name")) {
            problems.error(origin, "a credential needs a `credential_name`");
        }
    }

    /** Remembers a credential of the admin API, unless the file has one of that name. */
    void storedCredential(String name, Section values) {
        credentials.putIfAbsent(name, values);
    }

    /** What needs no upstream. It is read first, so that its mistakes are said whatever else is wrong. */
    private record Parts(
            Deployment.Routing routing,
            Map<String, BigDecimal> prices,
            Map<String, String> headers,
            Deployment.Info info,
            @Nullable String givenId) {}

    @Nullable Deployment read(Section entry, Origin origin) {
        String group = entry.text("model_name");
        Section params = entry.section("litellm_params");
        Parts parts = parts(entry, params);
        if ((group == null || group.isBlank()) && !entry.unset("model_name")) {
            problems.error(origin, "a model needs a `model_name`");
            return null;
        }
        String model = params.text("model");
        if ((model == null || model.isBlank()) && !params.unset("model")) {
            problems.error(
                    params.keyOrigin("model") != null ? params.keyOrigin("model") : origin,
                    "the model `" + group + "` needs `litellm_params.model`, such as openai/gpt-4o");
            return null;
        }
        Section stored = stored(params);
        Upstreams.Upstream upstream = model == null || stored == null ? null : upstreams.find(params, stored, model);
        return group == null || stored == null || upstream == null
                ? null
                : build(origin, group, params, stored, upstream, parts);
    }

    private Parts parts(Section entry, Section params) {
        Section info = entry.section("model_info");
        entry.warnUnknownExcept(names.entry(), "model key");
        params.warnUnknownExcept(names.params(), names.call(), "parameter");
        info.warnUnknownExcept(names.info(), "model_info key");
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
                either(params.integer("num_retries"), params.integer("max_retries")),
                either(params.seconds("cooldown_time"), info.seconds("cooldown_time")),
                params.texts("tags"),
                new Deployment.Fit(
                        params.count("max_parallel_requests"),
                        info.whole("max_input_tokens"),
                        params.text("region_name"),
                        patterns(params),
                        AllowanceReader.read(params, "max_budget", "budget_duration", problems)));
        return new Parts(
                routing,
                prices,
                headers(params),
                new Deployment.Info(
                        info.text("mode"),
                        info.text("base_model"),
                        info.text("health_check_model"),
                        !Boolean.TRUE.equals(info.flag("disable_background_health_check")),
                        entry.node("model_info") == null ? "{}" : JsonText.of(entry.node("model_info"))),
                first(info.text("id")));
    }

    /** The credential that the model names, or an empty section; null when it has to wait for that one. */
    private @Nullable Section stored(Section params) {
        String name = params.text("litellm_credential_name");
        Section found = name == null ? null : credentials.get(name);
        if (name != null && found == null) {
            String missing = "no credential `" + name + "`" + Nearest.hint(name, credentials.keySet());
            if (remedy == null) {
                problems.warn(
                        params.origin("litellm_credential_name"),
                        missing + "; the model waits for one of the admin API");
                return null;
            }
            if (!problems.anyUnset()) {
                problems.error(params.origin("litellm_credential_name"), missing + remedy);
            }
        }
        return found == null ? new Section("credential_values", null, problems) : found;
    }

    private Deployment build(
            Origin origin, String group, Section params, Section stored, Upstreams.Upstream upstream, Parts parts) {
        String version =
                first(params.text("api_version"), stored.text("api_version"), environment.get("AZURE_API_VERSION"));
        return new Deployment(
                parts.givenId() != null ? parts.givenId() : id(group, params, stored),
                group,
                upstream.provider(),
                upstream.model(),
                upstream.url(),
                upstream.key(),
                upstream.provider().dialect().equals("azure") ? version : params.text("api_version"),
                params.text("organization"),
                parts.headers(),
                defaults(params),
                parts.routing(),
                parts.prices(),
                parts.info(),
                params.text("mock_response"),
                origin);
    }

    /** As in LiteLLM, one that is no pattern is left out with a warning. */
    private List<String> patterns(Section params) {
        List<String> good = new ArrayList<>();
        for (String pattern : params.texts("tag_regex")) {
            try {
                good.add(Pattern.compile(pattern).pattern());
            } catch (PatternSyntaxException e) {
                problems.warn(
                        params.origin("tag_regex"),
                        "`" + pattern + "` is no regular expression and is ignored: " + e.getDescription());
            }
        }
        return good;
    }

    private static @Nullable Double decimal(Section params, String key) {
        BigDecimal value = params.number(key);
        return value == null ? null : (Double) value.doubleValue();
    }

    private void prices(Section from, Map<String, BigDecimal> prices) {
        for (String name : from.keys()) {
            if (KnownKeys.isPrice(name) && from.node(name) instanceof ConfigNode.Scalar) {
                BigDecimal value = from.number(name);
                if (value != null) {
                    prices.put(name, value);
                    String hint = PriceNames.hint(name);
                    if (!hint.isEmpty()) {
                        problems.warn(from.keyOrigin(name), "unknown price `" + name + "`" + hint);
                    }
                }
            }
        }
    }

    private Map<String, String> headers(Section params) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String name : List.of("headers", "extra_headers")) {
            params.textMap(name).forEach((header, value) -> {
                if ((header + value).chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
                    problems.error(params.origin(name), "the header `" + header + "` holds a line break");
                }
                headers.put(header, value);
            });
        }
        return headers;
    }

    private Map<String, String> defaults(Section params) {
        Map<String, String> defaults = new LinkedHashMap<>();
        for (String name : params.keys()) {
            ConfigNode value = params.node(name);
            boolean proxys =
                    names.params().contains(name) && !names.call().names().contains(name);
            if (value != null && !proxys && !name.equals("stream") && !name.equals("metadata")) {
                defaults.put(name, JsonText.of(value));
            }
        }
        return defaults;
    }

    /**
     * A hash over name and parameters as they are written, so that nodes whose variables differ agree on it. What a node may be without
     * takes part only as a hash of its own.
     */
    private static String id(String group, Section params, Section stored) {
        StringBuilder canonical = new StringBuilder(group);
        params.keys().stream().sorted().forEach(name -> {
            ConfigNode value = params.written(name);
            canonical.append('\n').append(name).append('=');
            if (Unneeded.choosing(name)) {
                canonical.append(value == null ? "null" : JsonText.written(value));
            } else {
                canonical.append(value == null ? "null" : JsonText.sum(value));
            }
        });
        stored.keys().stream().sorted().forEach(name -> {
            ConfigNode value = stored.written(name);
            canonical.append("\ncredential.").append(name).append('=');
            canonical.append(value == null ? "null" : JsonText.sum(value));
        });
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

    private static <T> @Nullable T either(@Nullable T first, @Nullable T second) {
        return first != null ? first : second;
    }

    /** The first that says something. */
    static @Nullable String first(@Nullable String... values) {
        for (String value : values) {
            if (value != null && !value.isBlank()) {
                return value;
            }
        }
        return null;
    }
}
