package dev.tollgate.provider.dialect.gemini;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.chat.Reasoning;
import dev.tollgate.provider.wire.Json;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code thinkingConfig}, which each generation wants in its own way (ai.google.dev, "Gemini thinking"): a budget of tokens within
 * the model's range up to 2.5, a level from the third generation on. Levels for an effort are LiteLLM's.
 */
final class GeminiThinking {
    private static final Pattern NO_SWITCH = Pattern.compile("gemini-(1\\.|2\\.0|pro$|pro-vision)|gemma|-image|-tts");
    private static final Pattern THIRD = Pattern.compile("gemini-([3-9]|(pro|flash|flash-lite)-latest)");
    private static final Pattern TWO_LEVELS = Pattern.compile("gemini-3-pro");
    private static final int LARGEST = 24_576;
    private static final int LARGEST_PRO = 32_768;
    private static final int SMALLEST_PRO = 128;
    private static final int SMALLEST_LITE = 512;

    private GeminiThinking() {}

    /** From the third generation on thinking is set by level, and calls go back with their signature and id. */
    static boolean generation3(String model) {
        return THIRD.matcher(model).find();
    }

    /** The member's value, or null when there is nothing to say. */
    static @Nullable ObjectNode config(@Nullable Reasoning reasoning, String model) {
        if (reasoning == null) {
            return null;
        }
        // A client may leave the budget to the model and still say how much effort it wants.
        boolean free = reasoning.adaptive() && reasoning.effort() == null;
        boolean on = free || reasoning.budget() != 0;
        if (!on && NO_SWITCH.matcher(model).find()) {
            // It would refuse the member: it does not think, or not so that one could stop it.
            return null;
        }
        ObjectNode thinking = Json.object();
        if (!generation3(model)) {
            thinking.put("thinkingBudget", on && reasoning.adaptive() ? -1 : budget(reasoning.budget(), model));
        } else if (!free) {
            thinking.put("thinkingLevel", level(reasoning.budget(), model));
        }
        return thinking.put("includeThoughts", on);
    }

    /** Brings a budget into the model's range; the Pro models cannot stop thinking. */
    private static int budget(int wanted, String model) {
        if (wanted < 0) {
            return -1;
        }
        if (model.contains("-pro")) {
            return Math.clamp(wanted, SMALLEST_PRO, LARGEST_PRO);
        }
        int smallest = wanted > 0 && model.contains("flash-lite") ? SMALLEST_LITE : 0;
        return Math.clamp(wanted, smallest, LARGEST);
    }

    /** These models cannot stop thinking; the Pro ones do not know the least level, and the first of them only two. */
    private static String level(int budget, String model) {
        if (budget > 2048) {
            return "high";
        }
        if (budget > 1024) {
            return TWO_LEVELS.matcher(model).find() ? "high" : "medium";
        }
        return budget > 128 || model.contains("-pro") ? "low" : "minimal";
    }
}
