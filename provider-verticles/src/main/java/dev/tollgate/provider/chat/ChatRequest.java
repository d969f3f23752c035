package dev.tollgate.provider.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A chat request in the canonical model.
 *
 * @param messages the conversation, system messages included
 * @param tools tools on offer; empty: none
 * @param toolChoice whether it must use one, or null when not said
 * @param parallelToolCalls whether several calls at once are allowed, or null when not said
 * @param sampling how to sample
 * @param maxTokens most tokens to generate, or null when not said
 * @param responseFormat shape of the answer, or null when not said
 * @param reasoning how hard to think, or null when not said
 * @param stream whether the answer is streamed
 * @param user end user, or null
 * @param extra members that the canonical model does not know, by name; a dialect may send those it knows
 */
public record ChatRequest(
        List<Message> messages,
        List<Tool> tools,
        @Nullable ToolChoice toolChoice,
        @Nullable Boolean parallelToolCalls,
        Sampling sampling,
        @Nullable Integer maxTokens,
        @Nullable ResponseFormat responseFormat,
        @Nullable Reasoning reasoning,
        boolean stream,
        @Nullable String user,
        Map<String, JsonNode> extra) {
    public ChatRequest {
        messages = List.copyOf(messages);
        tools = List.copyOf(tools);
        extra = Map.copyOf(extra);
    }

    /**
     * Sampling parameters; null: not said.
     *
     * @param stop stop sequences; empty: none
     */
    public record Sampling(
            @Nullable Double temperature,
            @Nullable Double topP,
            @Nullable Integer topK,
            @Nullable Double presencePenalty,
            @Nullable Double frequencyPenalty,
            @Nullable Long seed,
            @Nullable Integer n,
            List<String> stop) {
        public Sampling {
            stop = List.copyOf(stop);
        }
    }
}
