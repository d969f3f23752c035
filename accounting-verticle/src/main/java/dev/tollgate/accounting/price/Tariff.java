package dev.tollgate.accounting.price;

import dev.tollgate.protocol.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one model's tokens cost. All arithmetic is exact decimal and rounded once, half up, to nano-dollars.
 *
 * <p>Rules (LiteLLM's price fields): prompt tokens are split into plain, read from cache, written to cache and audio, each at its own
 * price or, where none is given, at the plain one; generated tokens into text, reasoning and audio likewise. A field
 * {@code …_above_Nk_tokens} replaces its plain one for the whole request when the prompt has more than N thousand tokens.
 */
public final class Tariff {
    private static final String ABOVE = "_above_";
    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000);

    private final Map<String, NavigableMap<Long, BigDecimal>> prices;

    private Tariff(Map<String, NavigableMap<Long, BigDecimal>> prices) {
        this.prices = prices;
    }

    /** Reads price fields in USD; null when there is none by which a call could be priced. */
    public static @Nullable Tariff of(Map<String, BigDecimal> fields) {
        Map<String, NavigableMap<Long, BigDecimal>> prices = new HashMap<>();
        for (Entry<String, BigDecimal> field : fields.entrySet()) {
            String name = field.getKey();
            int above = name.indexOf(ABOVE);
            long threshold = above < 0 ? -1 : threshold(name.substring(above + ABOVE.length()));
            if (above < 0 || threshold > 0) {
                prices.computeIfAbsent(above < 0 ? name : name.substring(0, above), _ -> new TreeMap<>())
                        .put(threshold, field.getValue());
            }
        }
        boolean usable = prices.containsKey("input_cost_per_token")
                || prices.containsKey("output_cost_per_token")
                || prices.containsKey("input_cost_per_request")
                || prices.containsKey("input_cost_per_query");
        return usable ? new Tariff(prices) : null;
    }

    /** {@code 200k_tokens} is 200,000; anything else (a service tier follows, or hours are meant) is 0: another price. */
    private static long threshold(String rest) {
        int k = rest.indexOf("k_tokens");
        if (k <= 0 || k + "k_tokens".length() != rest.length()) {
            return 0;
        }
        try {
            return Long.parseLong(rest.substring(0, k)) * 1000;
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    /** Cost in nano-dollars. */
    public long nanos(Usage usage) {
        long size = usage.prompt();
        BigDecimal input = price("input_cost_per_token", size, BigDecimal.ZERO);
        BigDecimal output = price("output_cost_per_token", size, BigDecimal.ZERO);
        BigDecimal write = price("cache_creation_input_token_cost", size, input);
        long plain = Math.max(0, usage.prompt() - usage.cacheRead() - usage.cacheWrite() - usage.audioPrompt());
        long text = Math.max(0, usage.completion() - usage.reasoning() - usage.audioCompletion());
        BigDecimal sum = times(plain, input)
                .add(times(usage.cacheRead(), price("cache_read_input_token_cost", size, input)))
                .add(times(usage.cacheWrite() - usage.cacheWriteHour(), write))
                .add(times(usage.cacheWriteHour(), hourly(write)))
                .add(times(usage.audioPrompt(), price("input_cost_per_audio_token", size, input)))
                .add(times(text, output))
                .add(times(usage.reasoning(), price("output_cost_per_reasoning_token", size, output)))
                .add(times(usage.audioCompletion(), price("output_cost_per_audio_token", size, output)))
                .add(times(usage.webSearches(), price("search_context_cost_per_query", size, BigDecimal.ZERO)));
        if (usage.reported()) {
            sum = sum.add(price("input_cost_per_request", size, BigDecimal.ZERO))
                    .add(price("input_cost_per_query", size, BigDecimal.ZERO));
        }
        return sum.multiply(NANOS).setScale(0, RoundingMode.HALF_UP).longValueExact();
    }

    private BigDecimal hourly(BigDecimal otherwise) {
        NavigableMap<Long, BigDecimal> own = prices.get("cache_creation_input_token_cost_hour");
        return own == null ? otherwise : own.firstEntry().getValue();
    }

    private BigDecimal price(String name, long promptTokens, BigDecimal otherwise) {
        NavigableMap<Long, BigDecimal> tiers = prices.get(name);
        if (tiers == null) {
            return otherwise;
        }
        Entry<Long, BigDecimal> tier = tiers.lowerEntry(promptTokens);
        return tier == null ? otherwise : tier.getValue();
    }

    private static BigDecimal times(long tokens, BigDecimal price) {
        return tokens == 0 ? BigDecimal.ZERO : price.multiply(BigDecimal.valueOf(tokens));
    }
}
