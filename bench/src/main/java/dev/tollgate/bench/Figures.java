package dev.tollgate.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was measured, by name, in the order in which each was first noted. */
final class Figures {
    private final Map<String, List<Double>> values = new LinkedHashMap<>();

    void note(String what, double value) {
        values.computeIfAbsent(what, _ -> new ArrayList<>()).add(value);
    }

    /** A row for each: its median and all of its values in their order. */
    void print(PrintStream out) {
        values.forEach((what, measured) -> out.printf(
                "| %s | %,.1f | %s |%n",
                what,
                median(measured),
                measured.stream().map("%,.1f"::formatted).toList()));
    }

    /** The upper one of two in the middle; not a number where there is none. */
    static double median(List<Double> measured) {
        return measured.isEmpty()
                ? Double.NaN
                : measured.stream().sorted().toList().get(measured.size() / 2);
    }
}
