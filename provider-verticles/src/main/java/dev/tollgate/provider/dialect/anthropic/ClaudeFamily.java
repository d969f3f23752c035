package dev.tollgate.provider.dialect.anthropic;

import dev.tollgate.config.Deployment;
import dev.tollgate.provider.chat.Reasoning;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request must look like depends on the generation of the model, and the generation is read from its name: both
 * {@code claude-3-7-sonnet-20250219} and {@code claude-opus-4-8} occur, dots for dashes too. The rules are those of Anthropic's
 * migration guides:
 *
 * <ul>
 *   <li>before 3.7: no thinking;
 *   <li>3.7 to 4.5: thinking with a budget in tokens;
 *   <li>4.6: the model finds its own budget ({@code adaptive}), steered by {@code output_config.effort}; budgets still work;
 *   <li>from 4.7: budgets and sampling parameters are refused; {@code xhigh} is a level of effort;
 *   <li>from 5: thinking is on unless it is switched off, and after 5.0, or for Fable and Mythos, it cannot be switched off.
 * </ul>
 *
 * <p>A Claude whose name holds no number is taken for a new one. Other makers' models behind a copy of this API have version 0:
 * they are sent what was asked for, with budgets.
 *
 * @param version major times a hundred plus minor; 0 when it is no Claude
 * @param reasoningTier whether it is of a line that always thinks
 */
record ClaudeFamily(int version, boolean reasoningTier) {
    private static final Pattern NAME =
            Pattern.compile("claude-(?:[a-z]+-)?v?(\\d{1,2})(?!\\d)(?:[-.](\\d{1,2})(?!\\d))?");
    private static final int THINKING = 307;
    private static final int ADAPTIVE = 406;
    private static final int ADAPTIVE_ONLY = 407;
    private static final int FIVE = 500;

    /** The family of a deployment's model; a name that says nothing is looked up by {@code base_model}. */
    static ClaudeFamily of(Deployment deployment) {
        ClaudeFamily family = named(deployment.upstreamModel());
        String base = deployment.info().baseModel();
        return family.version == 0 && base != null ? named(base) : family;
    }

    static ClaudeFamily named(String model) {
        String name = model.toLowerCase(Locale.ROOT);
        boolean tier = name.contains("claude-fable") || name.contains("claude-mythos");
        Matcher matcher = NAME.matcher(name);
        if (!matcher.find()) {
            return new ClaudeFamily(name.contains("claude-") ? FIVE : 0, tier);
        }
        int minor = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
        return new ClaudeFamily(Integer.parseInt(matcher.group(1)) * 100 + minor, tier);
    }

    boolean canThink() {
        return version == 0 || version >= THINKING;
    }

    boolean adaptive() {
        return version >= ADAPTIVE;
    }

    boolean refusesBudgets() {
        return version >= ADAPTIVE_ONLY;
    }

    boolean refusesSampling() {
        return version >= ADAPTIVE_ONLY;
    }

    /** Whether a request that says nothing about thinking gets some. */
    boolean thinksUnasked() {
        return version >= FIVE;
    }

    /** Whether the API refuses to switch thinking off. */
    boolean alwaysThinks() {
        return version > FIVE || (version == FIVE && reasoningTier);
    }

    /**
     * {@code max_tokens} for a request that names none, which the API demands: what the smallest model of the generation can
     * answer. From 3.7 to 4.4 prompt and limit together must fit the context window, hence less than some of them could.
     */
    int usualMaxTokens() {
        if (version < 305) {
            return 4096;
        }
        return version < THINKING ? 8192 : version < 405 ? 32_000 : 64_000;
    }

    /** {@code output_config.effort} for what the client asked, or null when it left that to the model. */
    @Nullable String effort(Reasoning reasoning) {
        if (reasoning.effort() == null) {
            return reasoning.budgetTokens() == null ? null : ofBudget(reasoning.budgetTokens());
        }
        return switch (reasoning.effort()) {
            case "minimal", "low" -> "low";
            case "high" -> "high";
            case "xhigh" -> version >= ADAPTIVE_ONLY ? "xhigh" : "high";
            case "max" -> "max";
            default -> "medium";
        };
    }

    /** Never more than the API's own default, high: a budget was a bound, not a wish. */
    private static String ofBudget(int tokens) {
        return tokens <= 1024 ? "low" : tokens <= 2048 ? "medium" : "high";
    }
}
