package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.Message;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.Reasoning;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a request says what it wants thought, and the token limit that goes with it. A budget counts against {@code max_tokens} and
 * must be smaller; the API refuses less than 1024 (Anthropic, "Extended thinking").
 *
 * @param mode what {@code thinking} says
 * @param budget tokens to think with, for {@link Mode#BUDGET}
 * @param effort {@code output_config.effort}, or null
 * @param maxTokens {@code max_tokens}
 * @param thinks whether the model will think: a tool can then not be forced, and sampling parameters are refused
 */
record ThinkingPlan(Mode mode, int budget, @Nullable String effort, int maxTokens, boolean thinks) {
    private static final int LEAST_BUDGET = 1024;
    private static final int ROOM_FOR_ANSWER = 4096;

    /** What the {@code thinking} member says. */
    enum Mode {
        /** Nothing: the member is left out. */
        UNSAID,
        OFF,
        BUDGET,
        ADAPTIVE
    }

    /**
     * The plan for a request.
     *
     * @param forced whether a tool must be called, which the API refuses while the model thinks
     */
    static ThinkingPlan of(ChatRequest request, ClaudeFamily family, boolean forced) {
        Reasoning asked = request.reasoning();
        Integer limit = request.maxTokens();
        int tokens = limit == null ? family.usualMaxTokens() : limit;
        if (asked == null) {
            boolean off = forced && family.thinksUnasked() && !family.alwaysThinks();
            return off ? new ThinkingPlan(Mode.OFF, 0, null, tokens, false) : unsaid(family, null, tokens);
        }
        if (!asked.adaptive() && asked.budget() == 0) {
            return none(family, tokens);
        }
        if (family.adaptive() && (asked.budgetTokens() == null || family.refusesBudgets())) {
            return new ThinkingPlan(Mode.ADAPTIVE, 0, family.effort(asked), tokens, true);
        }
        if (!family.canThink() || unproven(request.messages())) {
            return unsaid(family, null, tokens);
        }
        return budget(Math.max(LEAST_BUDGET, asked.budget()), limit, tokens, family);
    }

    /** The client wants no thinking; where that cannot be had, as little as there is. */
    private static ThinkingPlan none(ClaudeFamily family, int tokens) {
        if (family.thinksUnasked() && !family.alwaysThinks()) {
            return new ThinkingPlan(Mode.OFF, 0, null, tokens, false);
        }
        return unsaid(family, family.alwaysThinks() ? "low" : null, tokens);
    }

    private static ThinkingPlan unsaid(ClaudeFamily family, @Nullable String effort, int tokens) {
        return new ThinkingPlan(Mode.UNSAID, 0, effort, tokens, family.thinksUnasked());
    }

    private static ThinkingPlan budget(int wanted, @Nullable Integer limit, int tokens, ClaudeFamily family) {
        if (limit == null) {
            return new ThinkingPlan(Mode.BUDGET, wanted, null, Math.max(tokens, wanted + ROOM_FOR_ANSWER), true);
        }
        if (limit <= LEAST_BUDGET) {
            return unsaid(family, null, limit);
        }
        // A quarter is left for the answer: a budget of one less than the limit would leave it a single token.
        int budget = wanted < limit ? wanted : Math.max(LEAST_BUDGET, limit - limit / 4);
        return new ThinkingPlan(Mode.BUDGET, budget, null, limit, true);
    }

    /**
     * Whether the last assistant turn calls tools but does not begin with thinking that can be sent back. With a budget the API
     * refuses such a conversation ("Expected `thinking` or `redacted_thinking`, but found `tool_use`"), and clients of OpenAI's
     * API do not keep the thinking.
     */
    private static boolean unproven(List<Message> messages) {
        List<Part> turn = new ArrayList<>();
        for (Message message : messages.reversed()) {
            boolean assistant = message.role() == Message.Role.ASSISTANT;
            if (assistant) {
                turn.addAll(0, message.content());
            } else if (!turn.isEmpty()) {
                break;
            }
        }
        return turn.stream().anyMatch(Part.ToolCall.class::isInstance)
                && !turn.stream()
                        .filter(AnthropicBlocks::canBeSent)
                        .findFirst()
                        .filter(part -> part instanceof Part.Thinking || part instanceof Part.RedactedThinking)
                        .isPresent();
    }

    void write(ObjectNode body) {
        switch (mode) {
            case UNSAID -> {}
            case OFF -> body.putObject("thinking").put("type", "disabled");
            case BUDGET -> body.putObject("thinking").put("type", "enabled").put("budget_tokens", budget);
            case ADAPTIVE -> body.putObject("thinking").put("type", "adaptive");
        }
    }
}
