package dev.tollgate.accounting.price;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/**
 * The prices in one row of the list, by LiteLLM's field name, in USD. Two fields are JSON: {@code search_context_cost_per_query}, of
 * which the medium size counts (it is what providers use unless told otherwise; the dearest size is kept for what a call may cost at
 * most), and {@code tiered_pricing}, whose ranges become
 * fields {@code …_above_N_tokens}: the range that the prompt falls into prices the whole request, its upper end belongs to it, and
 * the last one also prices what is longer still.
 */
final class PriceRow {
    static final String SEARCH = "search_context_cost_per_query";

    /** Ours: the most that a search may cost. */
    static final String DEAREST_SEARCH = "dearest_search_cost_per_query";

    static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private final Map<String, BigDecimal> prices = new HashMap<>();

    private PriceRow() {}

    static Map<String, BigDecimal> read(Map<String, String> row) {
        PriceRow read = new PriceRow();
        row.forEach(read::field);
        return read.prices;
    }

    private void field(String name, String value) {
        try {
            if (name.equals("tiered_pricing")) {
                JSON.readTree(value).forEach(this::tier);
            } else if (name.equals(SEARCH) && value.startsWith("{")) {
                JsonNode sizes = JSON.readTree(value);
                number(name, sizes.path("search_context_size_medium"));
                sizes.forEach(price -> {
                    if (price.isNumber()) {
                        prices.merge(DEAREST_SEARCH, price.decimalValue(), BigDecimal::max);
                    }
                });
            } else if (name.contains("cost")) {
                prices.put(name, new BigDecimal(value));
            }
        } catch (NumberFormatException | JsonProcessingException _) {
            // A field that cannot be read is no price; without any the model counts as unpriced.
        }
    }

    private void tier(JsonNode tier) {
        JsonNode from = tier.path("range").path(0);
        if (!from.isNumber()) {
            return;
        }
        String suffix = from.longValue() > 0 ? "_above_" + from.longValue() + "_tokens" : "";
        tier.properties().forEach(entry -> number(entry.getKey() + suffix, entry.getValue()));
    }

    private void number(String name, JsonNode value) {
        if (value.isNumber() && name.contains("cost")) {
            prices.put(name, value.decimalValue());
        }
    }
}
