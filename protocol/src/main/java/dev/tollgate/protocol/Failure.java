package dev.tollgate.protocol;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The one error that crosses rooms. Each surface renders it in its own API's error JSON.
 *
 * @param kind what went wrong
 * @param status HTTP status for the client; the upstream's own where it has one
 * @param message what happened and what to do about it; never holds a secret
 * @param provider provider that failed, or null when the failure is ours
 * @param param the offending parameter, or null
 * @param code machine-readable code of the provider or of ours, or null: the status is then used
 * @param type {@code error.type} where it says more than the kind ({@code expired_key} …), or null: the kind's own
 * @param retryAfter how long the provider (or we) ask to wait, or null
 */
public record Failure(
        FailureKind kind,
        int status,
        String message,
        @Nullable String provider,
        @Nullable String param,
        @Nullable String code,
        @Nullable String type,
        @Nullable Duration retryAfter) {

    /** One of its kind's own type. */
    public Failure(
            FailureKind kind,
            int status,
            String message,
            @Nullable String provider,
            @Nullable String param,
            @Nullable String code,
            @Nullable Duration retryAfter) {
        this(kind, status, message, provider, param, code, null, retryAfter);
    }

    /** A failure of ours with its kind's own status. */
    public static Failure of(FailureKind kind, String message) {
        return new Failure(kind, kind.status(), message, null, null, null, null);
    }

    /** A failure reported by, or met on the way to, a provider. */
    public static Failure upstream(FailureKind kind, int status, String provider, String message) {
        return new Failure(kind, status, message, provider, null, null, null);
    }

    /** The same failure naming the offending parameter. */
    public Failure withParam(@Nullable String newParam) {
        return new Failure(kind, status, message, provider, newParam, code, type, retryAfter);
    }

    /** The same failure with a machine-readable code. */
    public Failure withCode(@Nullable String newCode) {
        return new Failure(kind, status, message, provider, param, newCode, type, retryAfter);
    }

    /** The same failure asking the client to wait. */
    public Failure withRetryAfter(@Nullable Duration wait) {
        return new Failure(kind, status, message, provider, param, code, type, wait);
    }

    /** The same failure with another message. */
    public Failure withMessage(String newMessage) {
        return new Failure(kind, status, newMessage, provider, param, code, type, retryAfter);
    }

    /** The same failure with a type of its own. */
    public Failure withType(String newType) {
        return new Failure(kind, status, message, provider, param, code, newType, retryAfter);
    }

    /** The same failure with another status. */
    public Failure withStatus(int newStatus) {
        return new Failure(kind, newStatus, message, provider, param, code, type, retryAfter);
    }

    /** {@code error.type} for the client. */
    public String shownType() {
        return type != null ? type : kind.type();
    }
}
