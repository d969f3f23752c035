package dev.tollgate.accounting.limit;

import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Surface;
import org.jspecify.annotations.Nullable;

/**
 * The most that tokens of a model group may cost, whichever deployment or fallback answers. Picodollars are 1e-12 USD.
 *
 * @param priced whether a price is known of all of them
 * @param plain prices for usual prompts
 * @param longPrompt prices for prompts of more than {@code longFrom} tokens
 * @param longFrom where long prompts begin, in tokens
 * @param fixedNanos nano-dollars a call, whatever its size
 * @param mostOutput most tokens that a model of the group generates when it is not told otherwise
 * @param extras what only some calls may cost
 * @param capMember how its providers call a limit to generated tokens
 */
record Quote(
        boolean priced,
        Rates plain,
        Rates longPrompt,
        long longFrom,
        long fixedNanos,
        long mostOutput,
        Extras extras,
        String capMember) {
    private static final long PICOS = 1_000;

    /** Of a group that nobody knows; calling it costs nothing, because there is nobody to call. */
    static final Quote NOTHING =
            new Quote(true, Rates.ZERO, Rates.ZERO, Long.MAX_VALUE, 0, 0, Extras.NONE, "max_tokens");

    /**
     * What only some calls may cost.
     *
     * @param searchNanos nano-dollars for all web searches of the provider for one answer
     * @param sound picodollars a token of generated sound, or 0: like text
     * @param dear tokens in the dearest service tier
     * @param mostInput longest prompt in tokens that a model of the group takes, or 0: not known
     */
    record Extras(long searchNanos, long sound, Dear dear, long mostInput) {
        static final Extras NONE = new Extras(0, 0, Dear.NOTHING, 0);

        /** The same when the prices are those of the dearest tier already. */
        Extras withoutTiers() {
            return new Extras(searchNanos, sound, Dear.NOTHING, mostInput);
        }

        Extras orDearer(Extras other) {
            return new Extras(
                    Math.max(searchNanos, other.searchNanos),
                    Math.max(sound, other.sound),
                    new Dear(dear.plain.orDearer(other.dear.plain), dear.longPrompt.orDearer(other.dear.longPrompt)),
                    mostInput == 0 || other.mostInput == 0 ? 0 : Math.max(mostInput, other.mostInput));
        }
    }

    /** Prices in the dearest service tier, for usual and for long prompts. */
    record Dear(Rates plain, Rates longPrompt) {
        static final Dear NOTHING = new Dear(Rates.ZERO, Rates.ZERO);
    }

    /** The same for a call that asks for searches, sound or a tier; the usual one asks for none. */
    Quote asked(Wants wants) {
        if (!wants.sound() && !wants.searches() && !wants.dearTier()) {
            return this;
        }
        Dear tier = wants.dearTier() ? extras.dear : Dear.NOTHING;
        long fixed = fixedNanos + (wants.searches() ? extras.searchNanos : 0);
        Rates dear = new Rates(0, wants.sound() ? extras.sound : 0);
        return new Quote(
                priced,
                plain.orDearer(dear).orDearer(tier.plain),
                longPrompt.orDearer(dear).orDearer(tier.longPrompt),
                longFrom,
                fixed,
                mostOutput,
                wants.dearTier() ? extras.withoutTiers() : extras,
                capMember);
    }

    /**
     * Prices a token, of the dearest kind.
     *
     * @param input picodollars a token of the prompt
     * @param output picodollars a generated token
     */
    record Rates(long input, long output) {
        static final Rates ZERO = new Rates(0, 0);

        boolean free() {
            return input == 0 && output == 0;
        }

        Rates orDearer(Rates other) {
            return new Rates(Math.max(input, other.input), Math.max(output, other.output));
        }
    }

    /** The most tokens that the call may generate, over all its answers. */
    long output(Call call) {
        if (call.surface() == Surface.EMBEDDINGS) {
            return 0;
        }
        int asked = call.envelope().maxTokens();
        return (asked > 0 ? asked : mostOutput) * choices(call);
    }

    private static int choices(Call call) {
        return Math.max(1, call.envelope().choices());
    }

    /** What each of the call's answers may generate for an amount that also pays the prompt; null: not even a word. */
    Admission.@Nullable Cap cap(Call call, long nanos, long promptTokens, int legs) {
        if (nanos <= 0 || call.surface() == Surface.EMBEDDINGS) {
            return null;
        }
        long tokens = Math.min(output(call), outputFor(nanos, promptTokens, legs)) / choices(call);
        // Only OpenAI's chat has the newer name.
        String member = call.surface() == Surface.CHAT ? capMember : "max_tokens";
        return tokens < 1 ? null : new Admission.Cap((int) Math.min(Integer.MAX_VALUE, tokens), member);
    }

    private Rates rates(long promptTokens) {
        return promptTokens > longFrom ? longPrompt : plain;
    }

    /**
     * The most that a call may cost, in nano-dollars.
     *
     * @param legs how many upstreams may be paid for it (a hedge, a stream that goes on elsewhere); a later one may be given what an
     *     earlier one generated
     */
    long nanos(long promptTokens, long outputTokens, int legs) {
        long longest = legs > 1 ? promptTokens + outputTokens : promptTokens;
        Rates rates = rates(longest);
        return legs * (fixedNanos + nanosOf(rates.input, longest) + nanosOf(rates.output, outputTokens));
    }

    /** How many tokens may be generated for an amount that also pays the prompt; negative: it does not even do that. */
    long outputFor(long nanos, long promptTokens, int legs) {
        Rates rates = legs > 1 ? plain.orDearer(longPrompt) : rates(promptTokens);
        long rest = nanos / legs - fixedNanos - nanosOf(rates.input, promptTokens);
        long price = rates.output + (legs > 1 ? rates.input : 0);
        if (rest < 0) {
            return -1;
        }
        return price == 0 || rest > Long.MAX_VALUE / PICOS ? Long.MAX_VALUE : rest * PICOS / price;
    }

    /** Rounded up. A sum too large for a budget is as good as any other. */
    private static long nanosOf(long picos, long tokens) {
        if (picos != 0 && tokens > (Long.MAX_VALUE >> 2) / picos) {
            return Long.MAX_VALUE >> 6;
        }
        return (picos * tokens + PICOS - 1) / PICOS;
    }

    /** Whether no call can cost anything, as with models on one's own machines. Of what nobody knows nobody can say so. */
    boolean free() {
        return priced
                && !equals(NOTHING)
                && fixedNanos == 0
                && extras.searchNanos == 0
                && extras.sound == 0
                && plain.free()
                && longPrompt.free()
                && extras.dear.plain.free()
                && extras.dear.longPrompt.free();
    }

    Quote orDearer(Quote other) {
        return new Quote(
                priced && other.priced,
                plain.orDearer(other.plain),
                longPrompt.orDearer(other.longPrompt),
                Math.min(longFrom, other.longFrom),
                Math.max(fixedNanos, other.fixedNanos),
                Math.max(mostOutput, other.mostOutput),
                extras.orDearer(other.extras),
                capMember.equals(other.capMember) ? capMember : "max_tokens");
    }
}
