package dev.tollgate.protocol;

/** What looking at a request's key came to. */
public sealed interface Authentication {

    /**
     * The caller is known.
     *
     * @param caller who
     */
    record Known(Caller caller) implements Authentication {}

    /**
     * The caller is not.
     *
     * @param failure the answer
     */
    record Refused(Failure failure) implements Authentication {}
}
