package dev.tollgate.config;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the name that a mistyped one was probably meant to be (Damerau-Levenshtein distance, restricted). */
public final class Nearest {
    private Nearest() {}

    /** The nearest name within a third of the length, at most 3 edits; null when none is near. */
    public static @Nullable String to(String name, Collection<String> names) {
        String best = null;
        int bestDistance = Math.min(3, Math.max(1, name.length() / 3)) + 1;
        for (String candidate : names) {
            if (Math.abs(candidate.length() - name.length()) < bestDistance) {
                int distance = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
                if (distance < bestDistance) {
                    bestDistance = distance;
                    best = candidate;
                }
            }
        }
        return best;
    }

    /** `; did you mean …?`, or nothing. */
    static String hint(String name, Collection<String> names) {
        String nearest = to(name, names);
        return nearest == null ? "" : "; did you mean `" + nearest + "`?";
    }

    private static int distance(String a, String b) {
        int[] before = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], before[j - 2] + 1);
                }
            }
            before = last;
            last = row;
        }
        return last[b.length()];
    }
}
