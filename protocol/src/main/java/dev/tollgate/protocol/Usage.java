package dev.tollgate.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Tokens of one call, in the sense of OpenAI's usage object: {@code prompt} and {@code completion} are totals that include
 * the finer kinds.
 *
 * @param prompt all prompt tokens, cached ones included
 * @param cacheRead prompt tokens read from the provider's cache
 * @param cacheWrite prompt tokens written to the provider's cache, those for one hour included
 * @param cacheWriteHour of these, written for one hour (Anthropic {@code ephemeral_1h_input_tokens})
 * @param audioPrompt prompt tokens that were audio
 * @param imagePrompt prompt tokens that were pictures
 * @param completion all generated tokens, reasoning included
 * @param reasoning of these, spent on reasoning
 * @param audioCompletion of these, audio
 * @param imageCompletion of these, pictures
 * @param webSearches provider-side web searches billed by the query
 * @param reported whether the provider reported these figures; false: they are our own estimate or nothing is known
 * @param tier the service tier that the provider says it used, or null: it does not say
 */
public record Usage(
        long prompt,
        long cacheRead,
        long cacheWrite,
        long cacheWriteHour,
        long audioPrompt,
        long imagePrompt,
        long completion,
        long reasoning,
        long audioCompletion,
        long imageCompletion,
        long webSearches,
        boolean reported,
        @Nullable ServiceTier tier) {

    /** Without pictures, and without a word about the service tier. */
    public Usage(
            long prompt,
            long cacheRead,
            long cacheWrite,
            long cacheWriteHour,
            long audioPrompt,
            long completion,
            long reasoning,
            long audioCompletion,
            long webSearches,
            boolean reported) {
        this(
                prompt,
                cacheRead,
                cacheWrite,
                cacheWriteHour,
                audioPrompt,
                0,
                completion,
                reasoning,
                audioCompletion,
                0,
                webSearches,
                reported,
                null);
    }

    /** Nothing was used, or nothing is known. */
    public static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0, 0, 0, 0, false);

    private static final int BYTES_A_TOKEN = 4;

    /** What is longer is mostly pictures. */
    private static final long MOST_ESTIMATED = 16_384;

    /**
     * What a request of so many bytes is taken to have used where the provider does not say: a token is some bytes, and of a long body
     * most is no text.
     */
    public static Usage estimated(long promptBytes) {
        return NONE.orPrompt(Math.min(promptBytes / BYTES_A_TOKEN, MOST_ESTIMATED));
    }

    /** The same with an answer of so many bytes; of a long one most is no text, too. */
    public Usage withAnswer(long bytes) {
        return atLeastGenerated(Math.min(bytes / BYTES_A_TOKEN, MOST_ESTIMATED));
    }

    /** Plain prompt and completion figures, as the provider reported them. */
    public static Usage of(long prompt, long completion) {
        return new Usage(prompt, 0, 0, 0, 0, completion, 0, 0, 0, true);
    }

    /** Both together; of two tiers that of this one. */
    public Usage plus(Usage other) {
        return new Usage(
                prompt + other.prompt,
                cacheRead + other.cacheRead,
                cacheWrite + other.cacheWrite,
                cacheWriteHour + other.cacheWriteHour,
                audioPrompt + other.audioPrompt,
                imagePrompt + other.imagePrompt,
                completion + other.completion,
                reasoning + other.reasoning,
                audioCompletion + other.audioCompletion,
                imageCompletion + other.imageCompletion,
                webSearches + other.webSearches,
                reported || other.reported,
                tier == null ? other.tier : tier);
    }

    /** The same with this many generated tokens, if that is more: the last word of a stream that was cut off. */
    public Usage atLeastGenerated(long generated) {
        return generated <= completion ? this : with(prompt, generated, webSearches, tier);
    }

    /** The same with this many prompt tokens, if the provider reported none. */
    public Usage orPrompt(long estimated) {
        return reported || prompt > 0 ? this : with(estimated, completion, webSearches, tier);
    }

    /** The same with at least this many web searches. */
    public Usage withSearches(long searches) {
        return webSearches >= searches ? this : with(prompt, completion, searches, tier);
    }

    /** The same in this tier; null: as it is. */
    public Usage in(@Nullable ServiceTier named) {
        return named == null || named == tier ? this : with(prompt, completion, webSearches, named);
    }

    /** The same with so many tokens of pictures among those of the prompt and the generated ones. */
    public Usage withPictures(long seen, long drawn) {
        if (seen == imagePrompt && drawn == imageCompletion) {
            return this;
        }
        return new Usage(
                prompt,
                cacheRead,
                cacheWrite,
                cacheWriteHour,
                audioPrompt,
                seen,
                completion,
                reasoning,
                audioCompletion,
                drawn,
                webSearches,
                reported,
                tier);
    }

    private Usage with(long newPrompt, long newCompletion, long newSearches, @Nullable ServiceTier newTier) {
        return new Usage(
                newPrompt,
                cacheRead,
                cacheWrite,
                cacheWriteHour,
                audioPrompt,
                imagePrompt,
                newCompletion,
                reasoning,
                audioCompletion,
                imageCompletion,
                newSearches,
                reported,
                newTier);
    }

    /** Prompt plus completion. */
    public long total() {
        return prompt + completion;
    }
}
