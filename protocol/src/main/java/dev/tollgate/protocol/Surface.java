package dev.tollgate.protocol;

/**
 * Which API the client speaks to a model through: it decides how the body is read, which dialects can take it as bytes, and
 * how answers, streams and errors are written.
 */
public enum Surface {
    /** OpenAI {@code POST /v1/chat/completions}. */
    CHAT("acompletion", true),
    /** OpenAI {@code POST /v1/completions} (legacy text completion). */
    COMPLETIONS("atext_completion", true),
    /** OpenAI {@code POST /v1/embeddings}. */
    EMBEDDINGS("aembedding", false),
    /** Anthropic {@code POST /v1/messages}. */
    MESSAGES("anthropic_messages", true),
    /** Anthropic {@code POST /v1/messages/count_tokens}; free of charge. */
    COUNT_TOKENS("acount_tokens", false);

    private final String callType;
    private final boolean streams;

    Surface(String callType, boolean streams) {
        this.callType = callType;
        this.streams = streams;
    }

    /** The name of this kind of call in spend rows, LiteLLM's {@code call_type}. */
    public String callType() {
        return callType;
    }

    /** Whether {@code stream: true} means anything here. */
    public boolean streams() {
        return streams;
    }

    /** Whether errors and answers are in Anthropic's shape rather than OpenAI's. */
    public boolean anthropic() {
        return this == MESSAGES || this == COUNT_TOKENS;
    }
}
