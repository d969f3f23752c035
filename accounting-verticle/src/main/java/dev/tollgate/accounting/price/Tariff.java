package dev.tollgate.accounting.price;

import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one model's tokens cost. All arithmetic is exact decimal and rounded once, half up, to nano-dollars.
 *
 * <p>Rules (LiteLLM's price fields): prompt tokens are split into plain, read from cache, written to cache, audio and pictures, each at
 * its own price or, where none is given, at the plain one; generated tokens into text, reasoning, audio and pictures likewise. Long
 * prompts and service tiers have prices of their own, for the whole request ({@link PriceFields}). Counts that cannot be (negative
 * ones, parts larger than their whole) never make a call cheaper than what is left of it.
 */
public final class Tariff {
    static final String INPUT = "input_cost_per_token";
    private static final String OUTPUT = "output_cost_per_token";
    static final String SEEN = "input_cost_per_image_token";
    private static final String DRAWN = "output_cost_per_image_token";
    private static final String WRITE_HOUR = "cache_creation_input_token_cost_above_1hr";
    private static final List<String> ENOUGH =
            List.of("input_cost_per_token", "output_cost_per_token", "input_cost_per_request", "input_cost_per_query");
    private static final BigDecimal PICOS = BigDecimal.valueOf(1_000_000_000_000L);
    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000);

    private static final int MARK_BYTES = 5;

    /** Ten million dollars: what is more is a provider's slip, and sums of it must still fit. */
    private static final BigDecimal MOST = BigDecimal.valueOf(10_000_000_000_000_000L);

    private final PriceFields prices;
    private final String version;
    private final @Nullable AtHours offPeak;

    /** The tariff of some hours. */
    private record AtHours(OffPeak hours, Tariff tariff) {}

    private Tariff(Map<String, BigDecimal> fields, @Nullable AtHours offPeak) {
        this.prices = new PriceFields(fields);
        this.version = mark(fields);
        this.offPeak = offPeak;
    }

    /** Reads price fields in USD; null when there is none by which a call could be priced. */
    public static @Nullable Tariff of(Map<String, BigDecimal> fields) {
        return of(fields, null);
    }

    /** The same with prices that replace some of them at some hours, or null. */
    static @Nullable Tariff of(Map<String, BigDecimal> fields, @Nullable OffPeak offPeak) {
        PriceFields prices = new PriceFields(fields);
        return ENOUGH.stream().anyMatch(prices::has)
                ? new Tariff(
                        fields, offPeak == null ? null : new AtHours(offPeak, new Tariff(offPeak.over(fields), null)))
                : null;
    }

    /** The tariff of what was over then: this one, or that of its off-peak hours. */
    public Tariff at(Instant end) {
        return offPeak != null && offPeak.hours.at(end) ? offPeak.tariff : this;
    }

    /** The tariff of its off-peak hours; null: it has none. */
    public @Nullable Tariff offPeak() {
        return offPeak == null ? null : offPeak.tariff;
    }

    /** Cost in nano-dollars at the hour when that is most. */
    public long mostNanos(Usage usage) {
        return offPeak == null ? nanos(usage) : Math.max(nanos(usage), offPeak.tariff.nanos(usage));
    }

    /**
     * A mark of all prices in it: ten hexadecimal digits, the same wherever these prices are the same, however they are written, and
     * whatever else changes in the list that they come from. That of its off-peak hours has a mark of its own, and no part in this one.
     */
    public String version() {
        return version;
    }

    private static String mark(Map<String, BigDecimal> fields) {
        StringBuilder all = new StringBuilder();
        new TreeMap<>(fields)
                .forEach((name, price) -> all.append(name)
                        .append('=')
                        .append(price.stripTrailingZeros().toPlainString())
                        .append('\n'));
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(all.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, MARK_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** Cost in nano-dollars; ten million dollars when a provider's figures are beyond all reason. */
    public long nanos(Usage usage) {
        long size = atLeastZero(usage.prompt());
        Rates rates = new Rates(size, usage.tier() == null ? ServiceTier.STANDARD : usage.tier());
        long read = atLeastZero(usage.cacheRead());
        long hour = atLeastZero(usage.cacheWriteHour());
        long minutes = atLeastZero(atLeastZero(usage.cacheWrite()) - hour);
        long heard = atLeastZero(usage.audioPrompt());
        long thought = atLeastZero(usage.reasoning());
        long spoken = atLeastZero(usage.audioCompletion());
        long seen = fresh(atLeastZero(usage.imagePrompt()), size, read, hour, minutes);
        long drawn = atLeastZero(usage.imageCompletion());
        long generated = rest(atLeastZero(usage.completion()), thought, spoken, drawn);
        BigDecimal sum = plus(BigDecimal.ZERO, rest(size, read, hour, minutes, heard, seen), () -> rates.input);
        sum = plus(sum, read, () -> rates.input("cache_read_input_token_cost"));
        sum = plus(sum, minutes, rates::write);
        sum = plus(sum, hour, rates::writeHour);
        sum = plus(sum, heard, () -> rates.input("input_cost_per_audio_token"));
        sum = plus(sum, seen, () -> rates.input(SEEN));
        sum = plus(sum, generated, () -> rates.output);
        sum = plus(sum, thought, () -> rates.output("output_cost_per_reasoning_token"));
        sum = plus(sum, spoken, () -> rates.output("output_cost_per_audio_token"));
        sum = plus(sum, drawn, () -> rates.output(DRAWN));
        sum = plus(sum, atLeastZero(usage.webSearches()), () -> price(PriceRow.SEARCH, size));
        if (usage.reported()) {
            sum = sum.add(price("input_cost_per_request", size)).add(price("input_cost_per_query", size));
        }
        return sum.multiply(NANOS).setScale(0, RoundingMode.HALF_UP).min(MOST).longValueExact();
    }

    /** The prompt length, in tokens, above which other prices hold; {@link Long#MAX_VALUE}: there are none. */
    public long longPromptFrom() {
        return prices.lengths().isEmpty() ? Long.MAX_VALUE : prices.lengths().first();
    }

    /**
     * The most that a token of a prompt of texts and pictures may cost, in picodollars (1e-12 USD), read or written to a cache included.
     *
     * @param anyTier whether the answer may come from any service tier; else it is the standard one or a cheaper one
     */
    public long dearestInputPicos(boolean longPrompt, boolean anyTier) {
        return dearest(
                longPrompt,
                anyTier,
                rates -> rates.input
                        .max(rates.input(SEEN))
                        .max(rates.input("cache_read_input_token_cost"))
                        .max(rates.write())
                        .max(rates.writeHour()));
    }

    /**
     * The most that a token of generated text or of a generated picture may cost, in picodollars: who can draw may do so without being
     * asked.
     */
    public long dearestOutputPicos(boolean longPrompt, boolean anyTier) {
        return dearest(
                longPrompt,
                anyTier,
                rates -> rates.output
                        .max(rates.output("output_cost_per_reasoning_token"))
                        .max(rates.output(DRAWN)));
    }

    /** The most that a token of generated sound may cost, in picodollars; 0 where it has no price of its own. */
    public long dearestSoundPicos() {
        return prices.price("output_cost_per_audio_token", 0) == null
                ? 0
                : dearest(true, true, rates -> rates.output("output_cost_per_audio_token"));
    }

    /** The most that a web search of the provider may cost, in nano-dollars. */
    public long dearestSearchNanos() {
        return price(PriceRow.SEARCH, 0)
                .max(price(PriceRow.DEAREST_SEARCH, 0))
                .multiply(NANOS)
                .setScale(0, RoundingMode.UP)
                .min(MOST)
                .longValueExact();
    }

    /** What each call costs, whatever its size, in nano-dollars. */
    public long fixedNanos() {
        return price("input_cost_per_request", 0)
                .add(price("input_cost_per_query", 0))
                .multiply(NANOS)
                .setScale(0, RoundingMode.UP)
                .min(MOST)
                .longValueExact();
    }

    private long dearest(boolean longPrompt, boolean anyTier, Function<Rates, BigDecimal> price) {
        BigDecimal most = BigDecimal.ZERO;
        List<Long> sizes = new ArrayList<>(List.of(0L));
        if (longPrompt) {
            prices.lengths().forEach(length -> sizes.add(length + 1));
        }
        for (ServiceTier tier : ServiceTier.values()) {
            if (anyTier || tier == ServiceTier.STANDARD) {
                for (long size : sizes) {
                    most = most.max(price.apply(new Rates(size, tier)));
                }
            }
        }
        return most.multiply(PICOS).setScale(0, RoundingMode.UP).min(MOST).longValueExact();
    }

    /** Prices a token, for a prompt of one size in one tier. */
    private final class Rates {
        private final long size;
        private final ServiceTier tier;
        private final BigDecimal input;
        private final BigDecimal output;

        Rates(long size, ServiceTier tier) {
            this.size = size;
            this.tier = tier;
            this.input = prices.price(INPUT, INPUT, size, tier, BigDecimal.ZERO);
            this.output = prices.price(OUTPUT, OUTPUT, size, tier, BigDecimal.ZERO);
        }

        BigDecimal input(String kind) {
            return prices.price(kind, INPUT, size, tier, input);
        }

        BigDecimal output(String kind) {
            return prices.price(kind, OUTPUT, size, tier, output);
        }

        BigDecimal write() {
            return input("cache_creation_input_token_cost");
        }

        BigDecimal writeHour() {
            return prices.price(WRITE_HOUR, INPUT, size, tier, write());
        }
    }

    private static long atLeastZero(long count) {
        return Math.max(0, count);
    }

    /** Some providers count pictures that came from the cache twice: as cached and as pictures. */
    private static long fresh(long pictures, long size, long read, long hour, long minutes) {
        return Math.min(pictures, rest(Math.max(size, pictures), read, hour, minutes));
    }

    /** What is left of a whole without its parts. */
    private static long rest(long whole, long... parts) {
        long left = whole;
        for (long part : parts) {
            left = atLeastZero(left - part);
        }
        return left;
    }

    /** One that is the same in all tiers; 0 where there is none. */
    private BigDecimal price(String name, long promptTokens) {
        BigDecimal price = prices.price(name, promptTokens);
        return price == null ? BigDecimal.ZERO : price;
    }

    /** Most calls have tokens of two kinds only: of the others no price is looked for. */
    private static BigDecimal plus(BigDecimal sum, long tokens, Supplier<BigDecimal> price) {
        return tokens == 0 ? sum : sum.add(price.get().multiply(BigDecimal.valueOf(tokens)));
    }
}
