package dev.tollgate.accounting.price;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a row of the list says that a model costs.
 *
 * @param prices by LiteLLM's field name, in USD; none: the row has nothing by which a call could be priced
 * @param offPeak what replaces some of them at some hours, or null
 */
record Listed(Map<String, BigDecimal> prices, @Nullable OffPeak offPeak) {
    static final Listed NOTHING = new Listed(Map.of(), null);

    static Listed of(Map<String, String> row) {
        Map<String, BigDecimal> prices = PriceRow.read(row);
        if (Tariff.of(prices) == null) {
            return NOTHING;
        }
        BigDecimal text = prices.get(Tariff.INPUT);
        BigDecimal pictures = prices.get(Tariff.SEEN);
        if (text != null && pictures != null && text.compareTo(pictures) == 0) {
            // So it costs what text does: in long prompts, all tiers, at all hours, and by a deployment's own price.
            prices.remove(Tariff.SEEN);
        }
        return new Listed(prices, OffPeak.of(row));
    }

    boolean isEmpty() {
        return prices.isEmpty();
    }

    /** With a deployment's own prices, which replace those of their field for long prompts, all service tiers and all hours. */
    Listed under(Map<String, BigDecimal> own) {
        Predicate<String> replaced = name ->
                own.containsKey(name.split("_above_\\d+k?_tokens", 2)[0]) || own.containsKey(PriceFields.plain(name));
        Map<String, BigDecimal> fields = new HashMap<>(prices);
        fields.keySet().removeIf(replaced);
        fields.putAll(own);
        return new Listed(fields, offPeak == null ? null : offPeak.without(replaced));
    }

    @Nullable Tariff tariff() {
        return Tariff.of(prices, offPeak);
    }
}
