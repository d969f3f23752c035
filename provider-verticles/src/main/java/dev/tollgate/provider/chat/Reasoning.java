package dev.tollgate.provider.chat;

import org.jspecify.annotations.Nullable;

/**
 * How hard the model should think.
 *
 * @param effort {@code none, minimal, low, medium, high, xhigh, max}, or null when a budget was given
 * @param budgetTokens tokens it may spend on thinking, or null when an effort was given; 0 switches thinking off
 * @param adaptive whether the client left the budget to the model (Anthropic {@code thinking: {type: adaptive}})
 */
public record Reasoning(@Nullable String effort, @Nullable Integer budgetTokens, boolean adaptive) {

    /**
     * The budget in tokens that this stands for: the given one, else LiteLLM's table for the effort (minimal 128, low 1024,
     * medium 2048, high 4096, xhigh 8192, max 16384).
     */
    public int budget() {
        if (budgetTokens != null) {
            return budgetTokens;
        }
        return switch (effort == null ? "medium" : effort) {
            case "none", "disable" -> 0;
            case "minimal" -> 128;
            case "low" -> 1024;
            case "high" -> 4096;
            case "xhigh" -> 8192;
            case "max" -> 16384;
            default -> 2048;
        };
    }
}
