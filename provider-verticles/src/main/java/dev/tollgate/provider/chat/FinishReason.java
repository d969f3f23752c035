package dev.tollgate.provider.chat;

/** Why the model stopped. */
public enum FinishReason {
    /** It was done, or met a stop sequence. */
    STOP,
    /** It ran into the token limit. */
    LENGTH,
    /** It wants tools run. */
    TOOL_CALLS,
    /** A content filter or the model's own refusal ended it. */
    CONTENT_FILTER
}
