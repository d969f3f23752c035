package dev.tollgate.accounting.book;

/**
 * One thing that spends and has limits.
 *
 * @param kind what it is
 * @param id its id among those
 */
public record Holder(Kind kind, String id) {
    /** All calls together. */
    public static final Holder ALL = new Holder(Kind.GLOBAL, "");

    /** A user's place in a team. */
    public static Holder member(String team, String user) {
        return new Holder(Kind.MEMBER, team + '\n' + user);
    }

    /** A part of what a holder spends: {@code model} and its name, or {@code window} and its length. */
    public static Holder part(Holder of, String what, String name) {
        return new Holder(Kind.PART, of.kind().storedName() + '\n' + of.id() + '\n' + what + '\n' + name);
    }

    /** A key's use of one model. */
    public static Holder model(String keyHash, String model) {
        return new Holder(Kind.KEY_MODEL, keyHash + '\n' + model);
    }
}
