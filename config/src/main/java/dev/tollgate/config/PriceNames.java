package dev.tollgate.config;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * The names of prices. There are many, and providers bring new ones, so a price is known by its form; one that is nearly another's name
 * is a mistake, and would leave calls at the price of the list.
 */
final class PriceNames {
    /** For long prompts, service tiers, batches, sizes of pictures and films. */
    private static final Pattern VARIANT = Pattern.compile(
            "_above_.*$|_(flex|priority|batches|ultrafast|decisions|balanced|standard)$|_\\d[0-9A-Za-z.]*$");

    private static final Set<String> KNOWN = KnownKeys.of("prices").names();

    private PriceNames() {}

    /** `; did you mean …?` when that is hardly the name of a price, or nothing. */
    static String hint(String name) {
        String plain = name;
        for (String before = ""; !plain.equals(before); ) {
            before = plain;
            plain = VARIANT.matcher(plain).replaceFirst("");
        }
        return KNOWN.contains(plain) ? "" : Nearest.hint(plain, KNOWN);
    }
}
