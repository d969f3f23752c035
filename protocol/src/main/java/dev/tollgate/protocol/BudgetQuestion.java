package dev.tollgate.protocol;

import java.util.List;
import java.util.Map;

/**
 * Which of these deployments are over a budget, their own or their provider's.
 *
 * @param deploymentIds which
 */
public record BudgetQuestion(List<String> deploymentIds) {
    /**
     * The answer.
     *
     * @param over those that are, and why
     */
    public record Answer(Map<String, Held.Over> over) {}
}
