package dev.tollgate.gateway.http;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Surface;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import org.jspecify.annotations.Nullable;

/**
 * The one place that writes errors: each {@link Failure} in the JSON of the API that the client speaks.
 *
 * <p>OpenAI: {@code {"error":{"message","type","param","code"}}} with {@code code} always a string (LiteLLM). Anthropic:
 * {@code {"type":"error","error":{"type","message"}}} with the type names of its API reference. Messages of providers carry
 * LiteLLM's exception class in front ({@code litellm.RateLimitError: …}), because clients match on it.
 */
public final class Errors {
    private Errors() {}

    /** HTTP status of a failure. */
    public static int status(Failure failure) {
        return failure.status();
    }

    /** The error body for a surface; null: the control plane's, which is OpenAI's. */
    public static Buffer json(@Nullable Surface surface, Failure failure, @Nullable String callId) {
        return Buffer.buffer(surface != null && surface.anthropic() ? anthropic(failure, callId) : openAi(failure));
    }

    /** An error inside a stream that has begun, as one event. */
    public static Buffer event(Surface surface, Failure failure) {
        return Buffer.buffer(
                surface.anthropic()
                        ? "event: error\ndata: " + anthropic(failure, null) + "\n\n"
                        : "data: " + openAi(failure) + "\n\n");
    }

    /** Body for a path or method that does not exist, in LiteLLM's (FastAPI's) shape. */
    public static Buffer detail(int status) {
        return Buffer.buffer(status == 405 ? "{\"detail\":\"Method Not Allowed\"}" : "{\"detail\":\"Not Found\"}");
    }

    private static String openAi(Failure failure) {
        String code = failure.code() != null ? failure.code() : Integer.toString(failure.status());
        String param = failure.param() != null ? failure.param() : auth(failure.kind()) ? "None" : null;
        return "{\"error\":{\"message\":" + Json.encode(message(failure)) + ",\"type\":\""
                + failure.shownType() + "\",\"param\":" + (param == null ? "null" : Json.encode(param))
                + ",\"code\":" + Json.encode(code) + "}}";
    }

    private static String anthropic(Failure failure, @Nullable String callId) {
        return "{\"type\":\"error\",\"error\":{\"type\":\"" + anthropicType(failure) + "\",\"message\":"
                + Json.encode(message(failure)) + "}"
                + (callId == null ? "" : ",\"request_id\":" + Json.encode(callId)) + "}";
    }

    /** Type names by status: Anthropic API reference, "Errors". */
    private static String anthropicType(Failure failure) {
        return switch (failure.status()) {
            case 400, 405, 415, 422 -> "invalid_request_error";
            case 401 -> "authentication_error";
            case 402 -> "billing_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 408, 504 -> "timeout_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503, 529 -> "overloaded_error";
            default -> failure.status() < 500 ? "invalid_request_error" : "api_error";
        };
    }

    private static boolean auth(FailureKind kind) {
        return kind == FailureKind.AUTHENTICATION;
    }

    private static String message(Failure failure) {
        if (failure.provider() == null) {
            return failure.message();
        }
        return "litellm." + exceptionClass(failure.kind()) + ": " + failure.provider() + " - " + failure.message();
    }

    private static String exceptionClass(FailureKind kind) {
        return switch (kind) {
            case BAD_REQUEST, REQUEST_TOO_LARGE, METHOD_NOT_ALLOWED, CONFLICT -> "BadRequestError";
            case AUTHENTICATION, UPSTREAM_AUTHENTICATION -> "AuthenticationError";
            case PERMISSION -> "PermissionDeniedError";
            case PAYMENT_REQUIRED -> "PaymentRequiredError";
            case NOT_FOUND -> "NotFoundError";
            case UNPROCESSABLE -> "UnprocessableEntityError";
            case CONTEXT_WINDOW -> "ContextWindowExceededError";
            case CONTENT_POLICY -> "ContentPolicyViolationError";
            case RATE_LIMIT, NO_DEPLOYMENTS -> "RateLimitError";
            case BUDGET -> "BudgetExceededError";
            case TIMEOUT -> "Timeout";
            case CONNECTION, NODE_LOST -> "APIConnectionError";
            case BAD_GATEWAY -> "BadGatewayError";
            case OVERLOADED, ROLE_MISSING, UNKNOWN_DEPLOYMENT -> "ServiceUnavailableError";
            case UPSTREAM_ERROR, CLIENT_GONE, INTERRUPTED, INTERNAL -> "InternalServerError";
        };
    }
}
