package dev.tollgate.protocol;

/**
 * Why a call failed, in the words every room shares: the one table of kind, HTTP status, and what the router may do about it.
 *
 * <p>Statuses follow LiteLLM's exception table (BadRequestError 400 … ServiceUnavailableError 503); {@code retryable} and
 * {@code cools} follow its retry and cooldown rules: 408, 409, 429 and 5xx are retried; 401, 402, 404, 408, 429 and 5xx count
 * against the deployment, an upstream's 403 does not.
 */
public enum FailureKind {
    /** The request itself is wrong: malformed JSON, a missing field, an unknown model. Never retried. */
    BAD_REQUEST(400, false, false, "invalid_request_error"),
    /** The body is larger than {@code general_settings.max_request_size_mb}. */
    REQUEST_TOO_LARGE(413, false, false, "invalid_request_error"),
    /** The caller's key is missing or wrong. Never an upstream's refusal of our own key: that is {@link #UPSTREAM_AUTHENTICATION}. */
    AUTHENTICATION(401, false, false, "auth_error"),
    /** The caller may not do this. */
    PERMISSION(403, false, false, "permission_error"),
    /** The upstream refused the deployment's credentials (401), or what was asked with them (403): another deployment may still work. */
    UPSTREAM_AUTHENTICATION(401, true, true, "auth_error"),
    /** The provider wants to be paid (402). */
    PAYMENT_REQUIRED(402, true, true, "payment_required"),
    /** No such path here, or the upstream does not know the model or deployment (404). */
    NOT_FOUND(404, false, true, "not_found_error"),
    /** The method is not allowed on this path. */
    METHOD_NOT_ALLOWED(405, false, false, "invalid_request_error"),
    /** The upstream reports a conflict (409); retried. */
    CONFLICT(409, true, false, "conflict_error"),
    /** The upstream could not process a well-formed request (422). */
    UNPROCESSABLE(422, false, false, "invalid_request_error"),
    /** The prompt is longer than the model's context window. */
    CONTEXT_WINDOW(400, false, false, "invalid_request_error"),
    /** The provider's content policy refused the request. */
    CONTENT_POLICY(400, false, false, "invalid_request_error"),
    /** Too many requests or tokens, ours or the provider's (429). */
    RATE_LIMIT(429, true, true, "throttling_error"),
    /** Every deployment of the group is cooling down, or none exists that fits. */
    NO_DEPLOYMENTS(429, false, false, "throttling_error"),
    /** A budget is spent. */
    BUDGET(422, false, false, "budget_exceeded"),
    /** The attempt took longer than its timeout. */
    TIMEOUT(408, true, true, "timeout_error"),
    /** The upstream could not be reached, refused the connection, or broke it before an answer. */
    CONNECTION(500, true, true, "internal_server_error"),
    /** The node that talked to the upstream is gone, or was not heard of any more: no fault of the upstream's. */
    NODE_LOST(500, true, false, "internal_server_error"),
    /** Whoever should make the call does not know the deployment any more, or not yet: no fault of the deployment's. */
    UNKNOWN_DEPLOYMENT(503, true, false, "internal_server_error"),
    /** The upstream answered 5xx other than 502 to 504, or an answer that makes no sense. */
    UPSTREAM_ERROR(500, true, true, "internal_server_error"),
    /** The upstream's own gateway failed (502). */
    BAD_GATEWAY(502, true, true, "internal_server_error"),
    /** No node plays the role that is needed: trying again, here or elsewhere, is no use now. */
    ROLE_MISSING(503, false, false, "internal_server_error"),
    /** The upstream, or this node, is overloaded (503, 529). */
    OVERLOADED(503, true, true, "internal_server_error"),
    /** The client went away. Never sent to anyone; logged as 499. */
    CLIENT_GONE(499, false, false, "client_closed_request"),
    /** The program was killed while the call was under way, so nobody knows how it ended. Never sent to anyone; see {@link Begun}. */
    INTERRUPTED(500, false, false, "internal_server_error"),
    /** A defect of ours. */
    INTERNAL(500, false, false, "internal_server_error");

    private final int status;
    private final boolean retryable;
    private final boolean cools;
    private final String type;

    FailureKind(int status, boolean retryable, boolean cools, String type) {
        this.status = status;
        this.retryable = retryable;
        this.cools = cools;
        this.type = type;
    }

    /** HTTP status shown to the client when the upstream's own status does not say more. */
    public int status() {
        return status;
    }

    /** Whether the router may try again, on this deployment or another. */
    public boolean retryable() {
        return retryable;
    }

    /** Whether such a failure counts towards the deployment's cooldown. */
    public boolean cools() {
        return cools;
    }

    /** {@code error.type} in OpenAI-shaped error JSON. */
    public String type() {
        return type;
    }

    /** The kind for an upstream's HTTP status when its body says nothing more exact. */
    public static FailureKind ofUpstreamStatus(int status) {
        return switch (status) {
            case 401, 403 -> UPSTREAM_AUTHENTICATION;
            case 402 -> PAYMENT_REQUIRED;
            case 404 -> NOT_FOUND;
            case 408, 504 -> TIMEOUT;
            case 409 -> CONFLICT;
            case 413 -> REQUEST_TOO_LARGE;
            case 422 -> UNPROCESSABLE;
            case 429 -> RATE_LIMIT;
            case 502 -> BAD_GATEWAY;
            case 503, 529 -> OVERLOADED;
            default -> status >= 500 ? UPSTREAM_ERROR : BAD_REQUEST;
        };
    }
}
