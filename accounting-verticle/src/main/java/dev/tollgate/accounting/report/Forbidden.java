package dev.tollgate.accounting.report;

/** The caller may not ask that; the message says why. */
public final class Forbidden extends RuntimeException {
    private static final long serialVersionUID = 1;

    Forbidden(String message) {
        super(message, null, false, false);
    }
}
