package dev.tollgate.accounting.desk;

import dev.tollgate.protocol.Caller;

/** Who may enter an endpoint at all; what of it they see and change is decided there, by {@link Rights}. */
enum Access {
    /** The master key, and nobody else who may change everything. */
    MASTER,
    /** Whoever may change everything. */
    ADMIN,
    /** Those, and whoever may see everything. */
    ADMIN_VIEW,
    /** Users too; those that may only look, only where nothing is changed. */
    USER,
    /** Any key, also one that belongs to nobody. */
    KEY;

    /** Whether the caller may enter. */
    boolean admits(Caller caller, boolean reads) {
        return switch (caller.role()) {
            case PROXY_ADMIN -> this != MASTER || caller.userId() == null;
            case PROXY_ADMIN_VIEWER -> this != MASTER && (reads || this == KEY || this == ADMIN_VIEW);
            case INTERNAL_USER -> this == KEY || this == USER && caller.userId() != null;
            case INTERNAL_USER_VIEWER -> this == KEY || this == USER && caller.userId() != null && reads;
            case TEAM, CUSTOMER -> this == KEY;
        };
    }
}
