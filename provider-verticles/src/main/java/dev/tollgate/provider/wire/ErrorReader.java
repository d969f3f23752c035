package dev.tollgate.provider.wire;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import io.vertx.core.MultiMap;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What providers' error answers have in common: how long they ask to wait, and the phrases by which an overlong prompt or a
 * refused content is recognised when the status says only 400.
 */
public final class ErrorReader {
    private static final int LONGEST_MESSAGE = 2_000;
    private static final Pattern KEY =
            Pattern.compile("\\b(?:(?:sk|key|pk|gsk|xai|hf)[-_][A-Za-z0-9_\\-]{6,}|AIza[0-9A-Za-z_\\-]{20,})");

    private static final List<String> CONTEXT = List.of(
            "context_length_exceeded",
            "maximum context length",
            "context window",
            "prompt is too long",
            "input is too long",
            "exceeds the maximum number of tokens",
            "exceed context limit",
            "too many tokens",
            "input token count",
            "string too long",
            "reduce the length of the messages",
            "longer than the model's context length",
            "available context size");

    private static final List<String> POLICY = List.of(
            "content_policy_violation",
            "content_filter",
            "content management policy",
            "content filtering policy",
            "responsibleaipolicyviolation",
            "violates our usage policies",
            "flagged as potentially violating",
            "safety system",
            "usage guidelines");

    private ErrorReader() {}

    /**
     * A failure from what an error answer says.
     *
     * @param provider the provider's name
     * @param status HTTP status
     * @param message the provider's words; clipped, and anything that looks like a key is masked
     * @param code the provider's code, or null
     * @param param the offending parameter, or null
     * @param headers response headers
     */
    public static Failure failure(
            String provider,
            int status,
            String message,
            @Nullable String code,
            @Nullable String param,
            MultiMap headers) {
        FailureKind kind = kind(status, message + " " + (code == null ? "" : code));
        int shown = switch (kind) {
            case CONTEXT_WINDOW, CONTENT_POLICY -> 400;
            default -> status;
        };
        return new Failure(kind, shown, clean(message), provider, param, code, retryAfter(headers));
    }

    private static FailureKind kind(int status, String text) {
        if (status == 400 || status == 413 || status == 422 || status == 403 || status == 500) {
            String lower = text.toLowerCase(Locale.ROOT);
            if (status != 403 && CONTEXT.stream().anyMatch(lower::contains)) {
                return FailureKind.CONTEXT_WINDOW;
            }
            if (status != 500 && POLICY.stream().anyMatch(lower::contains)) {
                return FailureKind.CONTENT_POLICY;
            }
        }
        return FailureKind.ofUpstreamStatus(status);
    }

    /** Clips a provider's text and masks keys in it. */
    public static String clean(String message) {
        String text = message.length() > LONGEST_MESSAGE ? message.substring(0, LONGEST_MESSAGE) + "…" : message;
        return KEY.matcher(text).replaceAll("***");
    }

    /** {@code retry-after-ms}, or {@code retry-after} in seconds or as a date (RFC 9110 §10.2.3); null when absent or senseless. */
    public static @Nullable Duration retryAfter(MultiMap headers) {
        String millis = headers.get("retry-after-ms");
        String value = headers.get("retry-after");
        try {
            if (millis != null) {
                return sane(Duration.ofMillis((long) Double.parseDouble(millis.strip())));
            }
            return value == null ? null : sane(Duration.ofMillis((long) (Double.parseDouble(value.strip()) * 1000)));
        } catch (NumberFormatException _) {
            return value == null ? null : date(value);
        }
    }

    private static @Nullable Duration date(String value) {
        try {
            return sane(Duration.between(
                    Instant.now(),
                    ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant()));
        } catch (DateTimeException _) {
            return null;
        }
    }

    private static @Nullable Duration sane(Duration wait) {
        return wait.isNegative() || wait.compareTo(Duration.ofDays(1)) > 0 ? null : wait;
    }
}
