package dev.tollgate.cluster.lease;

/**
 * What one total is of, such as the money of a key in one month. Nodes know it by its name, whose meaning is the business of whoever
 * uses leases.
 *
 * @param use how what is used comes back
 * @param name its name among those of that use
 */
public record Meter(Use use, String name) {

    /** How what is used comes back. */
    public enum Use {
        /** Never, such as money: a total of another name takes its place. */
        SPENT('s', 256),
        /** A minute later, such as requests a minute. */
        WINDOW('w', 32),
        /** When it is over, such as calls at once. */
        HELD('h', 32);

        private final char letter;
        private final int portions;

        Use(char letter, int portions) {
            this.letter = letter;
            this.portions = portions;
        }

        /**
         * One in so many of what is left is given ahead of need. What a node has been given counts as used when the node is lost, for
         * good with {@link #SPENT}, so that is divided into smaller portions.
         */
        int portions() {
            return portions;
        }
    }

    String wire() {
        return use.letter + name;
    }

    /**
     * Reads what {@link #wire} made.
     *
     * @throws IllegalArgumentException when it is something else
     */
    static Meter of(String wire) {
        for (Use use : Use.values()) {
            if (!wire.isEmpty() && wire.charAt(0) == use.letter) {
                return new Meter(use, wire.substring(1));
            }
        }
        throw new IllegalArgumentException("No meter: " + wire);
    }
}
