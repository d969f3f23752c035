package dev.tollgate.provider.chat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Usage;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole answer in the canonical model.
 *
 * @param id the provider's id for it, or null
 * @param model model name that the provider says it used, or null
 * @param choices answers, usually one
 * @param usage tokens
 * @param extra provider-specific members of the first choice's message worth showing (annotations, grounding …), by name
 */
public record ChatResponse(
        @Nullable String id, @Nullable String model, List<Choice> choices, Usage usage, Map<String, JsonNode> extra) {
    public ChatResponse {
        choices = List.copyOf(choices);
        extra = Map.copyOf(extra);
    }

    /**
     * One answer.
     *
     * @param index from 0
     * @param content text, thinking and tool calls in order
     * @param finish why it ended
     * @param stopSequence the stop sequence that ended it, or null
     */
    public record Choice(
            int index,
            List<Part> content,
            FinishReason finish,
            @Nullable String stopSequence) {
        public Choice {
            content = List.copyOf(content);
        }
    }
}
