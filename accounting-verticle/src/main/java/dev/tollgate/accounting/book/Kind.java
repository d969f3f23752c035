package dev.tollgate.accounting.book;

import java.util.Locale;
import java.util.Optional;

/** What an entry of the book is about. */
public enum Kind {
    /** A virtual key; its id is the key's hash. */
    KEY,
    /** A person of the gateway. */
    USER,
    /** Some keys and people with limits in common. */
    TEAM,
    /** One user's place in one team; its id is the team's, a line feed and the user's. */
    MEMBER,
    /** Some teams. */
    ORGANIZATION,
    /** One user's place in one organization. */
    ORGANIZATION_MEMBER,
    /** An end user, as callers name them. */
    CUSTOMER,
    /** Limits that others point to. */
    BUDGET,
    /** A label of calls. */
    TAG,
    /** A deployment that the admin API made. */
    MODEL,
    /** A provider's credential that the admin API made. */
    CREDENTIAL,
    /** What one key spends on one model; only a holder of spend, never an entry. The id is the key's hash, a line feed and the model. */
    KEY_MODEL,
    /** What all calls spend together; only a holder. */
    GLOBAL,
    /** A part of what another holder spends, on one model or in one of its windows; only a holder, see {@link Holder#part}. */
    PART,
    /** What all calls to one provider spend; only a holder. */
    PROVIDER,
    /** What all calls to one deployment spend; only a holder. */
    DEPLOYMENT;

    private final String storedName = name().toLowerCase(Locale.ROOT);

    /** The name in stores. */
    public String storedName() {
        return storedName;
    }

    /** The kind with that name. */
    public static Optional<Kind> named(String storedName) {
        for (Kind kind : values()) {
            if (kind.storedName().equals(storedName)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
