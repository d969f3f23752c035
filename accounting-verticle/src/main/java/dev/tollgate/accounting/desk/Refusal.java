package dev.tollgate.accounting.desk;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Managed;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Why a request is not done, thrown from wherever that is seen. Nothing has been written then. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Managed answer;

    private Refusal(Managed answer) {
        super(null, null, false, false);
        this.answer = answer;
    }

    /** The answer to the caller. */
    Managed answer() {
        return answer;
    }

    /** The same in words, where the others of a list are answered. */
    String reason() {
        return switch (answer) {
            case Managed.Refused refused -> refused.failure().message();
            case Managed.Done done -> done.json().toString();
        };
    }

    static Refusal of(Failure failure) {
        return new Refusal(new Managed.Refused(failure));
    }

    /** LiteLLM's 400. */
    static Refusal bad(String message) {
        return of(Failure.of(FailureKind.BAD_REQUEST, message).withType("bad_request_error"));
    }

    /** The same, about one field. */
    static Refusal bad(String message, String field) {
        return of(Failure.of(FailureKind.BAD_REQUEST, message)
                .withType("bad_request_error")
                .withParam(field));
    }

    /** There is no such entry. */
    static Refusal missing(String message) {
        return of(Failure.of(FailureKind.NOT_FOUND, message));
    }

    /** There is one of that name already. */
    static Refusal conflict(String message) {
        return of(Failure.of(FailureKind.CONFLICT, message));
    }

    /** The caller may not. */
    static Refusal forbidden(String message) {
        return of(Failure.of(FailureKind.PERMISSION, message)
                .withType("auth_error")
                .withParam("None"));
    }

    /** FastAPI's answer to a body of the wrong form: one entry of {@code details} for each mistake. */
    static Refusal invalid(JsonArray details) {
        return new Refusal(
                new Managed.Done(422, new JsonObject().put("detail", details).toBuffer()));
    }
}
