package dev.tollgate.provider.dialect.ollama;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ChatResponse;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.Reasoning;
import dev.tollgate.provider.chat.ResponseFormat;
import dev.tollgate.provider.chat.Tool;
import dev.tollgate.provider.chat.ToolChoice;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.ChatCodec;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.StreamDecoder;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Canonical chat to and from {@code /api/chat}. */
final class OllamaChatCodec implements ChatCodec {
    /** What stands beside {@code options}, not in it. */
    private static final Set<String> TOP_LEVEL = Set.of("keep_alive", "think", "template", "truncate", "shift");

    /** Model parameters (Ollama's Modelfile reference) that have no name in OpenAI's API. */
    private static final Set<String> OPTIONS = Set.of(
            "num_ctx",
            "num_batch",
            "num_gpu",
            "main_gpu",
            "num_thread",
            "num_keep",
            "num_predict",
            "low_vram",
            "f16_kv",
            "vocab_only",
            "use_mmap",
            "use_mlock",
            "mirostat",
            "mirostat_eta",
            "mirostat_tau",
            "repeat_last_n",
            "repeat_penalty",
            "tfs_z",
            "typical_p",
            "min_p",
            "penalize_newline",
            "numa");

    @Override
    public Buffer encode(ChatRequest request, Deployment deployment) {
        ObjectNode body = Json.object().put("model", deployment.upstreamModel());
        OllamaMessages.write(request.messages(), body.putArray("messages"));
        body.put("stream", request.stream());
        tools(request, body);
        format(request.responseFormat(), body);
        think(request.reasoning(), body);
        ObjectNode options = Json.object();
        sampling(request, options);
        passedOn(request.extra(), body, options);
        if (!options.isEmpty()) {
            body.set("options", options);
        }
        return Json.write(body);
    }

    /** An option by its own name wins over the same one in {@code options}. */
    private static void passedOn(Map<String, JsonNode> extra, ObjectNode body, ObjectNode options) {
        if (extra.get("options") instanceof ObjectNode given) {
            options.setAll(given);
        }
        extra.forEach((name, value) -> {
            if (TOP_LEVEL.contains(name)) {
                body.set(name, value);
            } else if (OPTIONS.contains(name)) {
                options.set(name, value);
            }
        });
    }

    private static void sampling(ChatRequest request, ObjectNode options) {
        ChatRequest.Sampling sampling = request.sampling();
        put(options, "temperature", sampling.temperature());
        put(options, "top_p", sampling.topP());
        put(options, "presence_penalty", sampling.presencePenalty());
        put(options, "frequency_penalty", sampling.frequencyPenalty());
        if (sampling.topK() != null) {
            options.put("top_k", sampling.topK());
        }
        if (sampling.seed() != null) {
            options.put("seed", sampling.seed());
        }
        if (request.maxTokens() != null) {
            options.put("num_predict", request.maxTokens());
        }
        if (!sampling.stop().isEmpty()) {
            sampling.stop().forEach(options.putArray("stop")::add);
        }
    }

    private static void put(ObjectNode options, String name, @Nullable Double value) {
        if (value != null) {
            options.put(name, value);
        }
    }

    /** The API knows no {@code tool_choice}: "none" leaves the tools out, a forced choice is left to the model. */
    private static void tools(ChatRequest request, ObjectNode body) {
        if (request.tools().isEmpty() || request.toolChoice() instanceof ToolChoice.None) {
            return;
        }
        ArrayNode tools = body.putArray("tools");
        for (Tool tool : request.tools()) {
            if (tool.builtIn() != null) {
                throw new BadPayload("Ollama runs no tools of its own; `" + tool.name() + "` must go", "tools");
            }
            ObjectNode function = tools.addObject()
                    .put("type", "function")
                    .putObject("function")
                    .put("name", tool.name())
                    .put("description", tool.description() == null ? "" : tool.description());
            function.set("parameters", tool.schema() != null ? tool.schema() : noParameters());
        }
    }

    private static ObjectNode noParameters() {
        ObjectNode schema = Json.object().put("type", "object");
        schema.putObject("properties");
        return schema;
    }

    private static void format(@Nullable ResponseFormat format, ObjectNode body) {
        switch (format) {
            case ResponseFormat.JsonObject _ -> body.put("format", "json");
            case ResponseFormat.JsonSchema schema -> body.set("format", schema.schema());
            case ResponseFormat.Text _ -> {}
            case null -> {}
        }
    }

    private static void think(@Nullable Reasoning reasoning, ObjectNode body) {
        if (reasoning == null) {
            return;
        }
        String model = body.path("model").asText();
        boolean free = reasoning.adaptive() && reasoning.effort() == null;
        // gpt-oss takes a level, ignores true and false, and cannot stop thinking (Ollama documentation, "Thinking").
        if (model.contains("gpt-oss")) {
            int budget = free ? 2048 : reasoning.budget();
            body.put("think", budget <= 1024 ? "low" : budget <= 2048 ? "medium" : "high");
        } else {
            body.put("think", free || reasoning.budget() != 0);
        }
    }

    @Override
    public ChatResponse decode(Buffer bytes) {
        ObjectNode body = Json.readObject(bytes);
        JsonNode message = body.path("message");
        if (!message.isObject()) {
            String error = OllamaDialect.error(body);
            throw new BadPayload(error == null ? "it has no message" : error);
        }
        List<Part> parts = OllamaMessages.read(message);
        boolean calls = parts.stream().anyMatch(Part.ToolCall.class::isInstance);
        return new ChatResponse(
                null,
                Json.text(body, "model"),
                List.of(new ChatResponse.Choice(0, parts, finish(body, calls), null)),
                usage(body),
                Map.of());
    }

    static FinishReason finish(JsonNode body, boolean calls) {
        return switch (body.path("done_reason").asText("")) {
            case "length" -> FinishReason.LENGTH;
            default -> calls ? FinishReason.TOOL_CALLS : FinishReason.STOP;
        };
    }

    /**
     * A prompt that the server had in its cache whole is not counted: {@code prompt_eval_count} is absent then. A model that was
     * only loaded or unloaded counts nothing at all.
     */
    static Usage usage(JsonNode body) {
        if (!body.has("prompt_eval_count") && !body.has("eval_count")) {
            return Usage.NONE;
        }
        return Usage.of(Json.number(body, "prompt_eval_count"), Json.number(body, "eval_count"));
    }

    @Override
    public StreamDecoder decoder() {
        return new OllamaStreamDecoder();
    }
}
