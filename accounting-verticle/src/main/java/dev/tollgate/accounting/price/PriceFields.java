package dev.tollgate.accounting.price;

import dev.tollgate.protocol.ServiceTier;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Price fields of one model by LiteLLM's names, for any length of the prompt and any service tier. {@code …_above_Nk_tokens} replaces
 * its plain field when the prompt is longer than N thousand tokens; {@code …_flex}, {@code …_priority} and so on replace it in that
 * tier.
 *
 * <p>Where a tier lacks a price: for long prompts the standard tier's long one counts unless the tier's plain one is higher; a kind of
 * token (cached, reasoning …) costs as much more or less than in the standard tier as plain tokens do; and a tier of which nothing is
 * known costs what the standard one does.
 */
final class PriceFields {
    private static final Pattern LONG = Pattern.compile("(.+)_above_(\\d+)(k?)_tokens(_[a-z]+)?");
    private static final long PLAIN = -1;
    private static final NavigableMap<Long, BigDecimal> NONE = Collections.emptyNavigableMap();

    private final Map<String, NavigableMap<Long, BigDecimal>> prices = new HashMap<>();

    /** Reads fields in USD. */
    PriceFields(Map<String, BigDecimal> fields) {
        fields.forEach((name, price) -> {
            Matcher tier = LONG.matcher(name);
            if (!tier.matches()) {
                put(name, PLAIN, price);
            } else if (tier.group(2).length() < 10) {
                long tokens = Long.parseLong(tier.group(2));
                String suffix = tier.group(4) == null ? "" : tier.group(4);
                put(tier.group(1) + suffix, tier.group(3).isEmpty() ? tokens : tokens * 1000, price);
            }
        });
    }

    private void put(String name, long above, BigDecimal price) {
        prices.computeIfAbsent(name, _ -> new TreeMap<>()).put(above, price);
    }

    /** The field without what a prompt's length or a tier adds to its name. */
    static String plain(String name) {
        String field = name.split("_above_\\d+k?_tokens", 2)[0];
        for (ServiceTier tier : ServiceTier.values()) {
            if (tier != ServiceTier.STANDARD && field.endsWith(tier.suffix())) {
                return field.substring(0, field.length() - tier.suffix().length());
            }
        }
        return field;
    }

    /** Whether it has a price for short prompts: one for long prompts alone would make short ones free. */
    boolean has(String name) {
        return prices.getOrDefault(name, NONE).containsKey(PLAIN);
    }

    /** Lengths above which other prices hold, from the least. */
    NavigableSet<Long> lengths() {
        NavigableSet<Long> lengths = new TreeSet<>();
        prices.values()
                .forEach(tiers -> lengths.addAll(tiers.tailMap(PLAIN, false).keySet()));
        return lengths;
    }

    /** A price in the standard tier, for a prompt of so many tokens. */
    @Nullable BigDecimal price(String name, long promptTokens) {
        Entry<Long, BigDecimal> price = prices.getOrDefault(name, NONE).lowerEntry(promptTokens);
        return price == null ? null : price.getValue();
    }

    /**
     * A price in a tier.
     *
     * @param base the field for plain tokens of this kind
     * @param otherwise what counts where there is none: the price of plain tokens in that tier
     */
    BigDecimal price(String name, String base, long promptTokens, ServiceTier tier, BigDecimal otherwise) {
        BigDecimal standard = price(name, promptTokens);
        if (tier == ServiceTier.STANDARD) {
            return standard == null ? otherwise : standard;
        }
        BigDecimal own = tiered(name, promptTokens, tier);
        if (own != null) {
            return own;
        }
        if (standard == null) {
            return otherwise;
        }
        BigDecimal from = price(base, promptTokens);
        BigDecimal to = tiered(base, promptTokens, tier);
        return from == null || to == null || from.signum() <= 0
                ? standard
                : standard.multiply(to).divide(from, MathContext.DECIMAL64);
    }

    private @Nullable BigDecimal tiered(String name, long promptTokens, ServiceTier tier) {
        Entry<Long, BigDecimal> own =
                prices.getOrDefault(name + tier.suffix(), NONE).lowerEntry(promptTokens);
        Entry<Long, BigDecimal> standard = prices.getOrDefault(name, NONE).lowerEntry(promptTokens);
        if (own == null) {
            return null;
        }
        return standard == null || own.getKey() >= standard.getKey()
                ? own.getValue()
                : own.getValue().max(standard.getValue());
    }
}
