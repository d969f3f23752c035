package dev.tollgate.config;

import java.util.Comparator;

/**
 * Where something stands in a configuration file, or where else it comes from; for messages.
 *
 * @param file path as the user gave it, or what else to call the place
 * @param line from 1; 0 when the place is no file
 * @param column from 1; 0 when the place is no file
 */
public record Origin(String file, int line, int column) {
    /** File by file, each from its top. */
    static final Comparator<Origin> IN_READING_ORDER =
            Comparator.comparing(Origin::file).thenComparingInt(Origin::line).thenComparingInt(Origin::column);

    /** A place that is no file, such as an entry of the admin API. */
    public static Origin named(String place) {
        return new Origin(place, 0, 0);
    }

    /** Whether it is in a file. */
    public boolean inFile() {
        return line > 0;
    }

    @Override
    public String toString() {
        return inFile() ? file + ":" + line + ":" + column : file;
    }
}
