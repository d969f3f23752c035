package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.Surface;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ChatResponse;
import dev.tollgate.provider.chat.Message;
import dev.tollgate.provider.chat.Reasoning;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.StreamEncoder;
import dev.tollgate.provider.wire.Wire;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** OpenAI chat completions as clients speak it, for models whose provider speaks something else. */
public final class OpenAiChatWire implements Wire {
    private static final Set<String> KNOWN = Set.of(
            "model",
            "messages",
            "tools",
            "tool_choice",
            "functions",
            "function_call",
            "parallel_tool_calls",
            "temperature",
            "top_p",
            "top_k",
            "presence_penalty",
            "frequency_penalty",
            "seed",
            "n",
            "stop",
            "max_tokens",
            "max_completion_tokens",
            "response_format",
            "reasoning_effort",
            "thinking",
            "stream",
            "stream_options",
            "user",
            "metadata",
            "store",
            "logprobs",
            "top_logprobs",
            "logit_bias",
            "service_tier");

    /** Nothing is kept that could expire; LiteLLM says a day. */
    static final int AUDIO_LIFETIME_SECONDS = 86_400;

    private final InstantSource clock;

    /** The clock dates answers ({@code created}). */
    public OpenAiChatWire(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Surface surface() {
        return Surface.CHAT;
    }

    @Override
    public ChatRequest read(ObjectNode body) {
        JsonNode list = body.path("messages");
        if (!list.isArray() || list.isEmpty()) {
            throw new BadPayload("`messages` must be a list with at least one message", "messages");
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            messages.add(OpenAiMessages.read(list.get(i), i));
        }
        return request(body, messages);
    }

    /** The rest of a body, whose messages are known; completions and chat share it. */
    static ChatRequest request(ObjectNode body, List<Message> messages) {
        Map<String, JsonNode> extra = new HashMap<>();
        body.properties().forEach(member -> {
            if (!KNOWN.contains(member.getKey()) && !member.getValue().isNull()) {
                extra.put(member.getKey(), member.getValue());
            }
        });
        Integer limit = integer(body, "max_completion_tokens");
        return new ChatRequest(
                messages,
                OpenAiTools.read(body),
                OpenAiTools.choice(body),
                Json.has(body, "parallel_tool_calls")
                        ? body.get("parallel_tool_calls").asBoolean()
                        : null,
                new ChatRequest.Sampling(
                        decimal(body, "temperature"),
                        decimal(body, "top_p"),
                        integer(body, "top_k"),
                        decimal(body, "presence_penalty"),
                        decimal(body, "frequency_penalty"),
                        Json.has(body, "seed") ? body.get("seed").asLong() : null,
                        integer(body, "n"),
                        stop(body.path("stop"))),
                limit != null ? limit : integer(body, "max_tokens"),
                OpenAiTools.format(body.path("response_format")),
                reasoning(body),
                body.path("stream").asBoolean(false),
                Json.text(body, "user"),
                extra);
    }

    private static List<String> stop(JsonNode stop) {
        List<String> found = new ArrayList<>();
        if (stop.isTextual()) {
            found.add(stop.textValue());
        }
        stop.forEach(item -> found.add(item.asText()));
        return found;
    }

    private static @Nullable Reasoning reasoning(ObjectNode body) {
        JsonNode thinking = body.path("thinking");
        switch (thinking.path("type").asText("")) {
            case "enabled" -> {
                return new Reasoning(null, thinking.path("budget_tokens").asInt(1024), false);
            }
            case "adaptive" -> {
                return new Reasoning(null, null, true);
            }
            case "disabled" -> {
                return new Reasoning(null, 0, false);
            }
            default -> {
                JsonNode effort = body.path("reasoning_effort");
                String text = effort.isTextual() ? effort.textValue() : Json.text(effort, "effort");
                return text == null ? null : new Reasoning(text, null, false);
            }
        }
    }

    private static @Nullable Double decimal(ObjectNode body, String name) {
        JsonNode value = body.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isNumber()) {
            throw new BadPayload("`" + name + "` must be a number", name);
        }
        return value.doubleValue();
    }

    private static @Nullable Integer integer(ObjectNode body, String name) {
        Double value = decimal(body, name);
        return value == null ? null : (Integer) (int) Math.round(value);
    }

    @Override
    public Buffer write(ChatResponse response, String callId, String model) {
        ObjectNode body = Json.object()
                .put("id", id(response.id(), callId))
                .put("object", "chat.completion")
                .put("created", clock.millis() / 1000)
                .put("model", model);
        ArrayNode choices = body.putArray("choices");
        for (ChatResponse.Choice choice : response.choices()) {
            ObjectNode node = choices.addObject().put("index", choice.index());
            ShownMessage.write(
                    choice,
                    choice.index() == 0 ? response.extra() : Map.of(),
                    audioId(callId, choice.index()),
                    clock.millis() / 1000 + AUDIO_LIFETIME_SECONDS,
                    node.putObject("message"));
            node.putNull("logprobs").put("finish_reason", OpenAiChatCodec.finish(choice.finish()));
        }
        body.set("usage", OpenAiUsage.write(response.usage()));
        return Json.write(body);
    }

    static String id(@Nullable String given, String callId) {
        return given != null && given.startsWith("chatcmpl") ? given : "chatcmpl-" + callId;
    }

    static String audioId(String callId, int choice) {
        return "audio_" + callId + "_" + choice;
    }

    @Override
    public StreamEncoder encoder(String callId, String model, boolean usage) {
        return new OpenAiChunkEncoder(callId, model, usage, clock.millis() / 1000);
    }
}
