package dev.tollgate.protocol;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answer to a {@link FactsQuestion}.
 *
 * @param facts what is known of each model; models of which nothing is known are missing
 */
public record FactsAnswer(Map<FactsQuestion.Model, Facts> facts) {
    public FactsAnswer {
        facts = Map.copyOf(facts);
    }

    /**
     * What is known of one model.
     *
     * @param maxInputTokens longest prompt in tokens, or 0 when it is not known
     * @param inputPrice USD an input token, own prices first, or null
     * @param outputPrice USD an output token, or null
     * @param supports LiteLLM's {@code supports_…} flags of the model that are set; empty: nothing is known
     */
    public record Facts(
            long maxInputTokens,
            @Nullable BigDecimal inputPrice,
            @Nullable BigDecimal outputPrice,
            Set<String> supports) {
        public Facts {
            supports = Set.copyOf(supports);
        }
    }
}
