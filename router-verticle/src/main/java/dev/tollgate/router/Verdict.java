package dev.tollgate.router;

/**
 * What the rules say about one deployment and one call. The rules answer with these constants only, so that deciding allocates
 * nothing; an explanation is made from the same answers.
 */
enum Verdict {
    /** It may be chosen. */
    CANDIDATE("may be chosen"),
    /** It failed lately and is left alone for a while. */
    COOLING("cooling down after failures"),
    /** It failed its last health check, or one call tries it after its cooldown; used when nothing else is left. */
    AVOIDED("failed its last health check, or is being tried by one call after its cooldown"),
    /** Its requests of this minute are used up. */
    OVER_RPM("over its rpm in this minute"),
    /** Its tokens of this minute are used up. */
    OVER_TPM("over its tpm in this minute"),
    /** It has as many attempts under way as it may have. */
    BUSY("has max_parallel_requests under way"),
    /** Its budget, or its provider's, is spent. */
    OVER_BUDGET("over its budget"),
    /** The call's tags lead elsewhere. */
    TAGS("the tags lead elsewhere"),
    /** It is not in the region that the call must stay in. */
    REGION("not in the allowed region"),
    /** The prompt is longer than it takes. */
    CONTEXT_WINDOW("the prompt is longer than its max_input_tokens"),
    /** Its model does not take what the call brings: tools, a JSON schema, pictures. */
    UNSUPPORTED("its model takes no tools, JSON schema or pictures, whichever this call has"),
    /** It has failed in this call, and another is left. */
    FAILED("failed already in this call"),
    /** Another of a lower order comes first. */
    HIGHER_ORDER("a lower order comes first"),
    /** Calls like this one are kept on another. */
    AFFINITY("calls like this one are kept on another");

    private final String reason;

    Verdict(String reason) {
        this.reason = reason;
    }

    /** In words. */
    String reason() {
        return reason;
    }
}
