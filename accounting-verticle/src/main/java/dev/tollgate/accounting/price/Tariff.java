package dev.tollgate.accounting.price;

import dev.tollgate.protocol.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one model's tokens cost. All arithmetic is exact decimal and rounded once, half up, to nano-dollars.
 *
 * <p>Rules (LiteLLM's price fields): prompt tokens are split into plain, read from cache, written to cache and audio, each at its own
 * price or, where none is given, at the plain one; generated tokens into text, reasoning and audio likewise. A field
 * {@code …_above_Nk_tokens} replaces its plain one for the whole request when the prompt has more than N thousand tokens. Counts that
 * cannot be (negative ones, parts larger than their whole) never make a call cheaper than what is left of it.
 */
public final class Tariff {
    private static final Pattern TIER = Pattern.compile("(.+)_above_(\\d+)(k?)_tokens");
    private static final String WRITE_HOUR = "cache_creation_input_token_cost_above_1hr";
    private static final long PLAIN = -1;
    private static final List<String> ENOUGH =
            List.of("input_cost_per_token", "output_cost_per_token", "input_cost_per_request", "input_cost_per_query");
    private static final List<String> INPUTS = List.of(
            "input_cost_per_token", "cache_creation_input_token_cost", WRITE_HOUR, "cache_read_input_token_cost");
    private static final List<String> OUTPUTS = List.of("output_cost_per_token", "output_cost_per_reasoning_token");
    private static final NavigableMap<Long, BigDecimal> NO_TIERS = Collections.emptyNavigableMap();
    private static final BigDecimal PICOS = BigDecimal.valueOf(1_000_000_000_000L);
    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000);

    /** Ten million dollars: what is more is a provider's slip, and sums of it must still fit. */
    private static final BigDecimal MOST = BigDecimal.valueOf(10_000_000_000_000_000L);

    private final Map<String, NavigableMap<Long, BigDecimal>> prices;

    private Tariff(Map<String, NavigableMap<Long, BigDecimal>> prices) {
        this.prices = prices;
    }

    /** Reads price fields in USD; null when there is none by which a call could be priced. */
    public static @Nullable Tariff of(Map<String, BigDecimal> fields) {
        Map<String, NavigableMap<Long, BigDecimal>> prices = new HashMap<>();
        fields.forEach((name, price) -> {
            Matcher tier = TIER.matcher(name);
            if (!tier.matches()) {
                put(prices, name, PLAIN, price);
            } else if (tier.group(2).length() < 10) {
                long tokens = Long.parseLong(tier.group(2));
                put(prices, tier.group(1), tier.group(3).isEmpty() ? tokens : tokens * 1000, price);
            }
        });
        return ENOUGH.stream().anyMatch(name -> hasPlain(prices.get(name))) ? new Tariff(prices) : null;
    }

    private static void put(
            Map<String, NavigableMap<Long, BigDecimal>> prices, String name, long above, BigDecimal price) {
        prices.computeIfAbsent(name, _ -> new TreeMap<>()).put(above, price);
    }

    /** A price for long prompts alone would make short ones free. */
    private static boolean hasPlain(@Nullable NavigableMap<Long, BigDecimal> tiers) {
        return tiers != null && tiers.containsKey(PLAIN);
    }

    /** Cost in nano-dollars; ten million dollars when a provider's figures are beyond all reason. */
    public long nanos(Usage usage) {
        long size = atLeastZero(usage.prompt());
        BigDecimal input = price("input_cost_per_token", size, BigDecimal.ZERO);
        BigDecimal output = price("output_cost_per_token", size, BigDecimal.ZERO);
        BigDecimal write = price("cache_creation_input_token_cost", size, input);
        long read = atLeastZero(usage.cacheRead());
        long hour = atLeastZero(usage.cacheWriteHour());
        long minutes = atLeastZero(atLeastZero(usage.cacheWrite()) - hour);
        long heard = atLeastZero(usage.audioPrompt());
        long thought = atLeastZero(usage.reasoning());
        long spoken = atLeastZero(usage.audioCompletion());
        BigDecimal sum = times(rest(size, read, hour, minutes, heard), input)
                .add(times(read, price("cache_read_input_token_cost", size, input)))
                .add(times(minutes, write))
                .add(times(hour, price(WRITE_HOUR, size, write)))
                .add(times(heard, price("input_cost_per_audio_token", size, input)))
                .add(times(rest(atLeastZero(usage.completion()), thought, spoken), output))
                .add(times(thought, price("output_cost_per_reasoning_token", size, output)))
                .add(times(spoken, price("output_cost_per_audio_token", size, output)))
                .add(times(atLeastZero(usage.webSearches()), price(PriceRow.SEARCH, size, BigDecimal.ZERO)));
        if (usage.reported()) {
            sum = sum.add(price("input_cost_per_request", size, BigDecimal.ZERO))
                    .add(price("input_cost_per_query", size, BigDecimal.ZERO));
        }
        return sum.multiply(NANOS).setScale(0, RoundingMode.HALF_UP).min(MOST).longValueExact();
    }

    /** The prompt length, in tokens, above which other prices hold; {@link Long#MAX_VALUE}: there are none. */
    public long longPromptFrom() {
        long from = Long.MAX_VALUE;
        for (NavigableMap<Long, BigDecimal> tiers : prices.values()) {
            Long tier = tiers.higherKey(PLAIN);
            from = tier == null ? from : Math.min(from, tier);
        }
        return from;
    }

    /** The most that a token of a text prompt may cost, in picodollars (1e-12 USD), read or written to a cache included. */
    public long dearestInputPicos(boolean longPrompt) {
        return dearest(INPUTS, longPrompt);
    }

    /** The most that a token of generated text may cost, in picodollars. */
    public long dearestOutputPicos(boolean longPrompt) {
        return dearest(OUTPUTS, longPrompt);
    }

    /** The most that a token of generated sound may cost, in picodollars; 0 where it has no price of its own. */
    public long dearestSoundPicos() {
        return dearest(List.of("output_cost_per_audio_token"), true);
    }

    /** The most that a web search of the provider may cost, in nano-dollars. */
    public long dearestSearchNanos() {
        return price(PriceRow.SEARCH, 0, BigDecimal.ZERO)
                .max(price(PriceRow.DEAREST_SEARCH, 0, BigDecimal.ZERO))
                .multiply(NANOS)
                .setScale(0, RoundingMode.UP)
                .min(MOST)
                .longValueExact();
    }

    /** What each call costs, whatever its size, in nano-dollars. */
    public long fixedNanos() {
        return price("input_cost_per_request", 0, BigDecimal.ZERO)
                .add(price("input_cost_per_query", 0, BigDecimal.ZERO))
                .multiply(NANOS)
                .setScale(0, RoundingMode.UP)
                .min(MOST)
                .longValueExact();
    }

    private long dearest(List<String> names, boolean longPrompt) {
        BigDecimal most = BigDecimal.ZERO;
        for (String name : names) {
            NavigableMap<Long, BigDecimal> tiers = prices.getOrDefault(name, NO_TIERS);
            for (BigDecimal price :
                    longPrompt ? tiers.values() : tiers.headMap(PLAIN, true).values()) {
                most = most.max(price);
            }
        }
        return most.multiply(PICOS).setScale(0, RoundingMode.UP).min(MOST).longValueExact();
    }

    private static long atLeastZero(long count) {
        return Math.max(0, count);
    }

    /** What is left of a whole without its parts. */
    private static long rest(long whole, long... parts) {
        long left = whole;
        for (long part : parts) {
            left = atLeastZero(left - part);
        }
        return left;
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
