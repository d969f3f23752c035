package dev.tollgate.provider;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import org.jspecify.annotations.Nullable;

/**
 * The texts of {@code mock_response} that stand for a failure: names of LiteLLM's exceptions, written as its clients know them, and its
 * {@code Exception: content_filter_policy}. Whatever else is written there is an answer.
 */
final class MockFailures {
    private MockFailures() {}

    /** The failure of that name as if the provider had reported it, or null when the text is none. */
    static @Nullable Failure named(String text, String provider) {
        FailureKind kind = text.startsWith("Exception: content_filter_policy")
                ? FailureKind.CONTENT_POLICY
                : switch (text) {
                    case "litellm.RateLimitError" -> FailureKind.RATE_LIMIT;
                    case "litellm.InternalServerError" -> FailureKind.UPSTREAM_ERROR;
                    case "litellm.ContextWindowExceededError" -> FailureKind.CONTEXT_WINDOW;
                    case "litellm.ContentPolicyViolationError" -> FailureKind.CONTENT_POLICY;
                    case "litellm.Timeout" -> FailureKind.TIMEOUT;
                    case "litellm.AuthenticationError" -> FailureKind.UPSTREAM_AUTHENTICATION;
                    case "litellm.BadRequestError" -> FailureKind.BAD_REQUEST;
                    case "litellm.NotFoundError" -> FailureKind.NOT_FOUND;
                    case "litellm.BadGatewayError" -> FailureKind.BAD_GATEWAY;
                    case "litellm.ServiceUnavailableError" -> FailureKind.OVERLOADED;
                    case "litellm.APIConnectionError" -> FailureKind.CONNECTION;
                    default -> null;
                };
        return kind == null
                ? null
                : Failure.upstream(kind, kind.status(), provider, "This failure was made up by mock_response: " + text);
    }
}
