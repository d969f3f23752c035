package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.FailureKind;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code retry_policy}, {@code model_group_retry_policy} and {@code allowed_fails_policy} say about one kind of failure. */
final class Policies {
    private Policies() {}

    /** Retries for it, or null when no policy names it; the group's own policy comes first. */
    static @Nullable Integer retries(FailureKind kind, String group, RouterSettings settings) {
        String error = error(kind);
        if (error == null) {
            return null;
        }
        Map<String, Integer> own = settings.groupRetryPolicies().get(group);
        return (own == null ? settings.retryPolicy() : own).get(error);
    }

    /** Failures a minute that are allowed, or null when the policy does not name it. */
    static @Nullable Integer allowedFails(FailureKind kind, RouterSettings settings) {
        String error = error(kind);
        return error == null ? null : settings.allowedFailsPolicy().get(error);
    }

    /** The exception class that LiteLLM's policies count it under. */
    private static @Nullable String error(FailureKind kind) {
        return switch (kind) {
            case BAD_REQUEST, CONTEXT_WINDOW -> "BadRequestError";
            case UPSTREAM_AUTHENTICATION -> "AuthenticationError";
            case TIMEOUT -> "TimeoutError";
            case RATE_LIMIT -> "RateLimitError";
            case CONTENT_POLICY -> "ContentPolicyViolationError";
            case UPSTREAM_ERROR -> "InternalServerError";
            case OVERLOADED -> "ServiceUnavailableError";
            default -> null;
        };
    }

    /** Retries for a call that begins on this deployment. */
    static int retries(Deployment chosen, Envelope.Overrides overrides, RouterSettings settings) {
        Integer asked = overrides.numRetries();
        if (asked != null) {
            return asked;
        }
        return chosen.routing().numRetries() != null ? chosen.routing().numRetries() : settings.numRetries();
    }
}
