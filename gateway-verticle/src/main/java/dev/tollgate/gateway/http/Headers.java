package dev.tollgate.gateway.http;

import io.vertx.core.http.HttpHeaders;
import java.util.List;

/** Header names and values, made once: LiteLLM's {@code x-litellm-*}, ours, and the usual ones. */
public final class Headers {
    public static final CharSequence CALL_ID = name("x-litellm-call-id");
    public static final CharSequence VERSION = name("x-litellm-version");
    public static final CharSequence MODEL_ID = name("x-litellm-model-id");
    public static final CharSequence MODEL_NAME = name("x-litellm-model-name");
    public static final CharSequence MODEL_GROUP = name("x-litellm-model-group");
    public static final CharSequence MODEL_API_BASE = name("x-litellm-model-api-base");
    public static final CharSequence RESPONSE_COST = name("x-litellm-response-cost");
    public static final CharSequence KEY_SPEND = name("x-litellm-key-spend");
    public static final CharSequence RESPONSE_DURATION_MS = name("x-litellm-response-duration-ms");
    public static final CharSequence OVERHEAD_DURATION_MS = name("x-litellm-overhead-duration-ms");
    public static final CharSequence ATTEMPTED_RETRIES = name("x-litellm-attempted-retries");
    public static final CharSequence MAX_RETRIES = name("x-litellm-max-retries");
    public static final CharSequence ATTEMPTED_FALLBACKS = name("x-litellm-attempted-fallbacks");
    public static final CharSequence TIMEOUT = name("x-litellm-timeout");
    public static final CharSequence TOLLGATE_ROUTE = name("x-tollgate-route");
    public static final CharSequence ACCEL_BUFFERING = name("x-accel-buffering");
    public static final CharSequence ALLOW_ORIGIN = name("access-control-allow-origin");
    public static final CharSequence CONTENT_TYPE_OPTIONS = name("x-content-type-options");
    public static final CharSequence FRAME_OPTIONS = name("x-frame-options");
    public static final CharSequence CONTENT_SECURITY_POLICY = name("content-security-policy");
    public static final CharSequence CONTENT_TYPE = HttpHeaders.CONTENT_TYPE;
    public static final CharSequence CACHE_CONTROL = HttpHeaders.CACHE_CONTROL;
    public static final CharSequence RETRY_AFTER = name("retry-after");
    public static final CharSequence CONNECTION = HttpHeaders.CONNECTION;

    public static final CharSequence JSON = name("application/json");
    public static final CharSequence EVENT_STREAM = name("text/event-stream; charset=utf-8");
    public static final CharSequence NO_CACHE = name("no-cache");
    public static final CharSequence NO = name("no");
    public static final CharSequence CLOSE = HttpHeaders.CLOSE;
    public static final CharSequence ANY_ORIGIN = name("*");
    public static final CharSequence NOSNIFF = name("nosniff");
    public static final CharSequence DENY = name("DENY");
    public static final CharSequence NO_FRAMES = name("frame-ancestors 'none'");

    /** Request headers that Anthropic's API understands and a client may set. */
    public static final List<String> FORWARDED_TO_ANTHROPIC = List.of("anthropic-beta", "anthropic-version");

    private Headers() {}

    private static CharSequence name(String text) {
        return HttpHeaders.createOptimized(text);
    }
}
