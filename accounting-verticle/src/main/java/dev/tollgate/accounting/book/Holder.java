package dev.tollgate.accounting.book;

import org.jspecify.annotations.Nullable;

/**
 * One thing that spends and has limits.
 *
 * @param kind what it is
 * @param id its id among those
 */
public record Holder(Kind kind, String id) {
    /** All calls together. */
    public static final Holder ALL = new Holder(Kind.GLOBAL, "");

    /** Each call looks several up: what a record has by itself is not compiled into whoever asks. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || other instanceof Holder its && kind == its.kind && id.equals(its.id);
    }

    @Override
    public int hashCode() {
        return 31 * kind.hashCode() + id.hashCode();
    }

    /** A user's place in a team. */
    public static Holder member(String team, String user) {
        return new Holder(Kind.MEMBER, team + '\n' + user);
    }

    /** A part of what a holder spends: {@code model} and its name, or {@code window} and its length. */
    public static Holder part(Holder of, String what, String name) {
        return new Holder(Kind.PART, of.kind().storedName() + '\n' + of.id() + '\n' + what + '\n' + name);
    }

    /** What {@link #part} and {@link #model} are made of. */
    public enum Part {
        /** Use of one model. */
        MODEL,
        /** One of several budgets at once. */
        WINDOW
    }

    /** Which part of another holder's spend this is, or null: none. */
    public @Nullable Part part() {
        return switch (kind) {
            case KEY_MODEL -> Part.MODEL;
            case PART -> id.startsWith("window\n", what() + 1) ? Part.WINDOW : Part.MODEL;
            default -> null;
        };
    }

    /** Whose part this is, or null. */
    public @Nullable Holder whole() {
        if (kind == Kind.KEY_MODEL) {
            return new Holder(Kind.KEY, id.substring(0, Math.max(0, id.indexOf('\n'))));
        }
        int of = id.indexOf('\n');
        int what = kind == Kind.PART ? what() : -1;
        return what <= of
                ? null
                : Kind.named(id.substring(0, of))
                        .map(owner -> new Holder(owner, id.substring(of + 1, what)))
                        .orElse(null);
    }

    /** Where, in the id of a part, the word for it is about to begin. */
    private int what() {
        return id.lastIndexOf('\n', id.lastIndexOf('\n') - 1);
    }

    /** A key's use of one model. */
    public static Holder model(String keyHash, String model) {
        return new Holder(Kind.KEY_MODEL, keyHash + '\n' + model);
    }
}
