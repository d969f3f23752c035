package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One entry of {@code model_list}, resolved: where a call goes, with which credentials, and how it is weighed and priced.
 *
 * @param id {@code model_info.id}, else a SHA-256 over name and parameters (so that a changed parameter is a new deployment)
 * @param group {@code model_name}: what clients ask for; may hold {@code *}
 * @param provider the provider's row
 * @param upstreamModel model name to send, without the provider prefix; may hold {@code *} when the group does
 * @param apiBase base URL without a trailing slash; empty only for providers that need none (echo)
 * @param apiKey credential, or null when none is needed
 * @param apiVersion {@code api_version} (Azure), or null
 * @param organization OpenAI organization, or null
 * @param extraHeaders {@code extra_headers}
 * @param defaults call parameters set in {@code litellm_params} (temperature, max_tokens …): name to JSON text, used when the
 *     client did not set that parameter
 * @param routing how it is weighed and limited
 * @param prices own prices ({@code input_cost_per_token} …) in USD, by LiteLLM's field name; win over the price file
 * @param info {@code model_info}
 * @param mockResponse answer to give without calling anyone, or null
 * @param origin where it stands in the configuration, or null when it was found, not configured
 */
public record Deployment(
        String id,
        String group,
        Provider provider,
        String upstreamModel,
        String apiBase,
        @Nullable Secret apiKey,
        @Nullable String apiVersion,
        @Nullable String organization,
        Map<String, String> extraHeaders,
        Map<String, String> defaults,
        Routing routing,
        Map<String, BigDecimal> prices,
        Info info,
        @Nullable String mockResponse,
        @Nullable Origin origin) {

    public Deployment {
        extraHeaders = Map.copyOf(extraHeaders);
        defaults = Map.copyOf(defaults);
        prices = Map.copyOf(prices);
    }

    /** The name with its provider prefix, as {@code litellm_params.model} had it. */
    public String qualifiedModel() {
        return provider.name() + "/" + upstreamModel;
    }

    /** Whether calls to both go to the same place by the same credentials, however they are weighed and priced. */
    public boolean reaches(Deployment other) {
        return provider.equals(other.provider)
                && apiBase.equals(other.apiBase)
                && Objects.equals(apiKey, other.apiKey)
                && Objects.equals(apiVersion, other.apiVersion)
                && Objects.equals(organization, other.organization)
                && extraHeaders.equals(other.extraHeaders)
                && Objects.equals(mockResponse, other.mockResponse);
    }

    /** The same deployment under a concrete name, when it was declared with a wildcard. */
    public Deployment named(String concreteGroup, String concreteModel) {
        return new Deployment(
                id,
                concreteGroup,
                provider,
                concreteModel,
                apiBase,
                apiKey,
                apiVersion,
                organization,
                extraHeaders,
                defaults,
                routing,
                prices,
                info,
                mockResponse,
                origin);
    }

    /** The same deployment as a member of another group, under another id. */
    public Deployment copyFor(String otherGroup, String otherId) {
        return new Deployment(
                otherId,
                otherGroup,
                provider,
                upstreamModel,
                apiBase,
                apiKey,
                apiVersion,
                organization,
                extraHeaders,
                defaults,
                routing,
                prices,
                info,
                mockResponse,
                origin);
    }

    /**
     * What the router reads.
     *
     * @param weight shuffle weight, or null
     * @param rpm requests a minute, or null
     * @param tpm tokens a minute, or null
     * @param order priority level, 1 first, or null
     * @param timeout per attempt, or null
     * @param streamTimeout per attempt for streams, or null
     * @param numRetries retries, or null
     * @param cooldown cooldown time, or null
     * @param tags tags for tag routing
     * @param fit which calls it may take
     */
    public record Routing(
            @Nullable Double weight,
            @Nullable Long rpm,
            @Nullable Long tpm,
            @Nullable Integer order,
            @Nullable Duration timeout,
            @Nullable Duration streamTimeout,
            @Nullable Integer numRetries,
            @Nullable Duration cooldown,
            List<String> tags,
            Fit fit) {
        /** Nothing set. */
        public static final Routing NONE = new Routing(null, null, null, null, null, null, null, null, List.of());

        public Routing {
            tags = List.copyOf(tags);
        }

        /** One that may take any call. */
        public Routing(
                @Nullable Double weight,
                @Nullable Long rpm,
                @Nullable Long tpm,
                @Nullable Integer order,
                @Nullable Duration timeout,
                @Nullable Duration streamTimeout,
                @Nullable Integer numRetries,
                @Nullable Duration cooldown,
                List<String> tags) {
            this(weight, rpm, tpm, order, timeout, streamTimeout, numRetries, cooldown, tags, Fit.NONE);
        }
    }

    /**
     * Which calls a deployment may take.
     *
     * @param maxParallel most attempts under way at once ({@code max_parallel_requests}), or null
     * @param maxInputTokens longest prompt in tokens ({@code model_info.max_input_tokens}), or null
     * @param region where it runs ({@code region_name}), or null
     * @param tagRegex patterns for {@code User-Agent: …} that stand for a tag ({@code tag_regex})
     * @param budget what it may cost ({@code max_budget}, {@code budget_duration}), or null
     */
    public record Fit(
            @Nullable Integer maxParallel,
            @Nullable Long maxInputTokens,
            @Nullable String region,
            List<String> tagRegex,
            @Nullable Allowance budget) {
        /** Any. */
        public static final Fit NONE = new Fit(null, null, null, List.of());

        public Fit {
            tagRegex = List.copyOf(tagRegex);
        }

        /** One that may cost what it likes. */
        public Fit(
                @Nullable Integer maxParallel,
                @Nullable Long maxInputTokens,
                @Nullable String region,
                List<String> tagRegex) {
            this(maxParallel, maxInputTokens, region, tagRegex, null);
        }
    }

    /**
     * {@code model_info}, the part that changes behaviour.
     *
     * @param mode {@code chat}, {@code embedding}, {@code completion} …, or null
     * @param baseModel name to look the price up by, or null
     * @param healthCheckModel model to probe with when the group is a wildcard, or null
     * @param backgroundChecks false when {@code disable_background_health_check} is set
     * @param json the whole block as JSON text, for {@code /model/info}
     */
    public record Info(
            @Nullable String mode,
            @Nullable String baseModel,
            @Nullable String healthCheckModel,
            boolean backgroundChecks,
            String json) {
        /** Nothing set. */
        public static final Info NONE = new Info(null, null, null, true, "{}");

        /** Whether a health check may ask it for a few tokens: a model that makes pictures or speech would be asked for one. */
        public boolean probeable() {
            return switch (mode) {
                case null -> true;
                case "chat", "completion", "embedding" -> true;
                default -> false;
            };
        }
    }
}
