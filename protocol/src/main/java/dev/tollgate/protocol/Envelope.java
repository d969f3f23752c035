package dev.tollgate.protocol;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one scan of the request body found: all that routing, limits and accounting need, so that nobody parses the body again
 * unless it must be translated.
 *
 * @param model requested model, as the client wrote it (or as the path says)
 * @param modelSpan where the model's JSON string (with its quotes) stands in the body, or null when the path named the model
 * @param bodyStart offset just after the body's opening brace: where new members can be inserted
 * @param members whether the top-level object has at least one member
 * @param stream whether a stream is asked for
 * @param streamUsage whether the client itself asked for the usage chunk ({@code stream_options.include_usage})
 * @param streamOptions where the value of {@code stream_options} stands, or null
 * @param maxTokens most tokens to generate that the client allows, or 0 when it does not say
 * @param choices how many answers are asked for ({@code n}, {@code best_of}, several prompts); each may have {@code maxTokens}
 * @param user end user named in the body, or null
 * @param tags spend tags from {@code metadata.tags} or {@code tags}
 * @param proxyMembers spans of top-level members that are ours and not the provider's (fallbacks, num_retries …)
 * @param present names of the top-level members, to tell a deployment's defaults from what the client set
 * @param overrides per-call routing wishes
 * @param marks what tells this client's calls from others', where routing wants to know
 */
public record Envelope(
        String model,
        @Nullable Span modelSpan,
        int bodyStart,
        boolean members,
        boolean stream,
        boolean streamUsage,
        @Nullable Span streamOptions,
        int maxTokens,
        int choices,
        @Nullable String user,
        List<String> tags,
        List<Span> proxyMembers,
        List<String> present,
        Overrides overrides,
        Marks marks) {

    /** One that asks for one answer. */
    public Envelope(
            String model,
            @Nullable Span modelSpan,
            int bodyStart,
            boolean members,
            boolean stream,
            boolean streamUsage,
            @Nullable Span streamOptions,
            int maxTokens,
            @Nullable String user,
            List<String> tags,
            List<Span> proxyMembers,
            List<String> present,
            Overrides overrides,
            Marks marks) {
        this(
                model,
                modelSpan,
                bodyStart,
                members,
                stream,
                streamUsage,
                streamOptions,
                maxTokens,
                1,
                user,
                tags,
                proxyMembers,
                present,
                overrides,
                marks);
    }

    /** One without marks. */
    public Envelope(
            String model,
            @Nullable Span modelSpan,
            int bodyStart,
            boolean members,
            boolean stream,
            boolean streamUsage,
            @Nullable Span streamOptions,
            int maxTokens,
            @Nullable String user,
            List<String> tags,
            List<Span> proxyMembers,
            List<String> present,
            Overrides overrides) {
        this(
                model,
                modelSpan,
                bodyStart,
                members,
                stream,
                streamUsage,
                streamOptions,
                maxTokens,
                user,
                tags,
                proxyMembers,
                present,
                overrides,
                Marks.NONE);
    }

    /**
     * What tells a client's calls from others'.
     *
     * @param session the conversation the call belongs to ({@code metadata.session_id}, {@code litellm_session_id},
     *     {@code x-litellm-session-id}), or null
     * @param region the only region whose deployments may take the call ({@code allowed_model_region}), or null
     * @param userAgent the {@code User-Agent} header, or null; read only when a deployment has a {@code tag_regex}
     */
    public record Marks(
            @Nullable String session,
            @Nullable String region,
            @Nullable String userAgent) {
        /** Nothing known. */
        public static final Marks NONE = new Marks(null, null, null);
    }

    /** The same for a surface that has no streams. */
    public Envelope withoutStream() {
        return new Envelope(
                model,
                modelSpan,
                bodyStart,
                members,
                false,
                false,
                streamOptions,
                maxTokens,
                choices,
                user,
                tags,
                proxyMembers,
                present,
                overrides,
                marks);
    }

    /** The same with what is known from elsewhere than the body: an end user, tags, wishes and marks of the headers. */
    public Envelope with(@Nullable String newUser, List<String> newTags, Overrides newOverrides, Marks newMarks) {
        return new Envelope(
                model,
                modelSpan,
                bodyStart,
                members,
                stream,
                streamUsage,
                streamOptions,
                maxTokens,
                choices,
                newUser,
                newTags,
                proxyMembers,
                present,
                newOverrides,
                newMarks);
    }

    /** The same with the caller's own tags behind those that the client gave, each once. */
    public Envelope tagged(List<String> more) {
        if (more.isEmpty() || tags.containsAll(more)) {
            return this;
        }
        if (tags.isEmpty()) {
            return with(user, more, overrides, marks);
        }
        Set<String> all = new LinkedHashSet<>(tags);
        all.addAll(more);
        return with(user, List.copyOf(all), overrides, marks);
    }

    /** The same that must stay in a region, whatever the client said. */
    public Envelope within(String region) {
        return with(user, tags, overrides, new Marks(marks.session(), region, marks.userAgent()));
    }

    /** The same for another model. */
    public Envelope withModel(String newModel) {
        return new Envelope(
                newModel,
                modelSpan,
                bodyStart,
                members,
                stream,
                streamUsage,
                streamOptions,
                maxTokens,
                choices,
                user,
                tags,
                proxyMembers,
                present,
                overrides,
                marks);
    }

    /**
     * What one call may ask of the router.
     *
     * @param numRetries retries inside the group, or null
     * @param timeout per-attempt timeout, or null
     * @param streamTimeout per-attempt timeout for streams, or null
     * @param fallbacks groups to fall back to, in order; null: as configured
     * @param disableFallbacks whether fallbacks are off for this call
     * @param special what is seldom asked
     */
    public record Overrides(
            @Nullable Integer numRetries,
            @Nullable Duration timeout,
            @Nullable Duration streamTimeout,
            @Nullable List<String> fallbacks,
            boolean disableFallbacks,
            Special special) {

        /** Nothing special. */
        public Overrides(
                @Nullable Integer numRetries,
                @Nullable Duration timeout,
                @Nullable Duration streamTimeout,
                @Nullable List<String> fallbacks,
                boolean disableFallbacks) {
            this(numRetries, timeout, streamTimeout, fallbacks, disableFallbacks, Special.NONE);
        }

        /** Nothing asked. */
        public static final Overrides NONE = new Overrides(null, null, null, null, false);

        /** Whether the client set a time limit of its own. */
        public boolean ownTimeout() {
            return timeout != null || streamTimeout != null;
        }
    }

    /**
     * What one call seldom asks.
     *
     * @param contextWindowFallbacks groups to fall back to when the prompt is too long; null: as configured
     * @param contentPolicyFallbacks the same when a provider's policy refuses it
     * @param rehearsal a failure to be made up, or null
     * @param mockResponse text to answer without calling anyone, or null; a deployment's own comes first
     * @param maxFallbacks most groups to fall back to, or null: as configured
     */
    public record Special(
            @Nullable List<String> contextWindowFallbacks,
            @Nullable List<String> contentPolicyFallbacks,
            @Nullable Rehearsal rehearsal,
            @Nullable String mockResponse,
            @Nullable Integer maxFallbacks) {
        /** Nothing asked. */
        public static final Special NONE = new Special(null, null, null, null, null);
    }

    /** A failure that a client wants made up, to see what its configuration does (LiteLLM's {@code mock_testing_…}). */
    public enum Rehearsal {
        /** The first group fails with a server error. */
        FALLBACK,
        /** The first group finds the prompt too long. */
        CONTEXT_WINDOW,
        /** The first group's provider refuses the prompt. */
        CONTENT_POLICY,
        /** The first attempt is told to come later. */
        RATE_LIMIT
    }
}
