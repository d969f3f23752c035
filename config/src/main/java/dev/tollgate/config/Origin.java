package dev.tollgate.config;

/**
 * Where something stands in a configuration file, for messages.
 *
 * @param file path as the user gave it
 * @param line from 1
 * @param column from 1
 */
public record Origin(String file, int line, int column) {
    @Override
    public String toString() {
        return file + ":" + line + ":" + column;
    }
}
