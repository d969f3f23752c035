package dev.tollgate.launcher.e2e;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.function.BooleanSupplier;

/** How the providers answer, each in its own words: always "Hello from NAME", with 12 prompt and 5 completion tokens. */
final class Scripts {
    private Scripts() {}

    static Upstream.Script openAi(String name) {
        return (asked, response, _) -> {
            if (asked.body().getBoolean("stream", false)) {
                openAiStream(asked.body(), name, response);
            } else if (asked.path().endsWith("/embeddings")) {
                response.end(
                        "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.5,-0.25]}],"
                                + "\"model\":\"text-embedding-3-small\",\"usage\":{\"prompt_tokens\":12,\"total_tokens\":12}}");
            } else {
                response.putHeader("content-type", "application/json").end(openAiAnswer(asked.body(), name));
            }
        };
    }

    private static String openAiAnswer(JsonObject request, String name) {
        return new JsonObject()
                .put("id", "chatcmpl-up1")
                .put("object", "chat.completion")
                .put("created", 1_700_000_000)
                .put("model", request.getString("model") + "-2024-08-06")
                .put(
                        "choices",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("index", 0)
                                        .put(
                                                "message",
                                                new JsonObject()
                                                        .put("role", "assistant")
                                                        .put("content", "Hello from " + name)
                                                        .put("member_of_the_future", 7))
                                        .put("finish_reason", "stop")))
                .put("usage", usage())
                .encode();
    }

    private static JsonObject usage() {
        return new JsonObject()
                .put("prompt_tokens", 12)
                .put("completion_tokens", 5)
                .put("total_tokens", 17);
    }

    private static void openAiStream(JsonObject request, String name, HttpServerResponse response) {
        response.setChunked(true).putHeader("content-type", "text/event-stream");
        for (String word : ("Hello from " + name).splitWithDelimiters("(?= )", 0)) {
            response.write("data: " + chunk(request, new JsonObject().put("content", word), null) + "\n\n");
        }
        response.write("data: " + chunk(request, new JsonObject(), "stop") + "\n\n");
        if (request.getJsonObject("stream_options", new JsonObject()).getBoolean("include_usage", false)) {
            response.write("data: "
                    + new JsonObject(chunk(request, new JsonObject(), null))
                            .put("choices", new JsonArray())
                            .put("usage", usage())
                            .encode()
                    + "\n\n");
        }
        response.end("data: [DONE]\n\n");
    }

    /** A stream that says a word every so often for as long as it is to go on. */
    static void words(
            Upstream.Asked asked, HttpServerResponse response, Vertx vertx, long everyMillis, BooleanSupplier goesOn) {
        response.setChunked(true).putHeader("content-type", "text/event-stream");
        vertx.setPeriodic(0, everyMillis, timer -> {
            if (goesOn.getAsBoolean()) {
                response.write("data: " + chunk(asked.body(), new JsonObject().put("content", "w "), null) + "\n\n");
            } else {
                vertx.cancelTimer(timer);
                response.write("data: " + chunk(asked.body(), new JsonObject(), "stop") + "\n\n");
                response.end("data: [DONE]\n\n");
            }
        });
    }

    static String chunk(JsonObject request, JsonObject delta, String finish) {
        return new JsonObject()
                .put("id", "chatcmpl-up1")
                .put("object", "chat.completion.chunk")
                .put("created", 1_700_000_000)
                .put("model", request.getString("model") + "-2024-08-06")
                .put(
                        "choices",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("index", 0)
                                        .put("delta", delta)
                                        .put("finish_reason", finish)))
                .encode();
    }

    static Upstream.Script anthropic() {
        return (asked, response, _) -> {
            if (asked.path().endsWith("/count_tokens")) {
                response.end("{\"input_tokens\":12}");
            } else if (asked.body().getBoolean("stream", false)) {
                response.setChunked(true).putHeader("content-type", "text/event-stream");
                for (String event : anthropicEvents(asked.body().getString("model"))) {
                    response.write("event: " + new JsonObject(event).getString("type") + "\ndata: " + event + "\n\n");
                }
                response.end();
            } else {
                response.putHeader("content-type", "application/json")
                        .end("{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\""
                                + asked.body().getString("model")
                                + "\",\"content\":[{\"type\":\"text\",\"text\":\"Hello from Anthropic\"}],"
                                + "\"stop_reason\":\"end_turn\",\"stop_sequence\":null,"
                                + "\"usage\":{\"input_tokens\":12,\"output_tokens\":5}}");
            }
        };
    }

    private static String[] anthropicEvents(String model) {
        return new String[] {
            "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\""
                    + model
                    + "\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":12,\"output_tokens\":1}}}",
            "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
            "{\"type\":\"ping\"}",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello from \"}}",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Anthropic\"}}",
            "{\"type\":\"content_block_stop\",\"index\":0}",
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}}",
            "{\"type\":\"message_stop\"}"
        };
    }

    static Upstream.Script gemini() {
        return (asked, response, _) -> {
            String whole = geminiAnswer("Hello from Gemini", ",\"finishReason\":\"STOP\"");
            if (asked.path().contains(":streamGenerateContent")) {
                response.setChunked(true).putHeader("content-type", "text/event-stream");
                response.write("data: " + geminiAnswer("Hello from ", "") + "\r\n\r\n");
                response.end("data: " + geminiAnswer("Gemini", ",\"finishReason\":\"STOP\"") + "\r\n\r\n");
            } else {
                response.putHeader("content-type", "application/json").end(whole);
            }
        };
    }

    private static String geminiAnswer(String text, String finish) {
        return "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"" + text + "\"}]},\"index\":0"
                + finish
                + "}],\"usageMetadata\":{\"promptTokenCount\":12,\"candidatesTokenCount\":3,\"thoughtsTokenCount\":2,"
                + "\"totalTokenCount\":17},\"modelVersion\":\"gemini-2.5-flash\",\"responseId\":\"r1\"}";
    }

    static Upstream.Script ollama() {
        return (asked, response, _) -> {
            String model = asked.body().getString("model");
            String last = ",\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":12,\"eval_count\":5}";
            if (asked.path().equals("/api/embed")) {
                response.end("{\"model\":\"" + model + "\",\"embeddings\":[[0.5,-0.25]],\"prompt_eval_count\":12}");
            } else if (asked.body().getBoolean("stream", true)) {
                response.setChunked(true).putHeader("content-type", "application/x-ndjson");
                response.write(ollamaLine(model, "Hello from ") + ",\"done\":false}\n");
                response.write(ollamaLine(model, "Ollama") + ",\"done\":false}\n");
                response.end(ollamaLine(model, "") + last + "\n");
            } else {
                response.end(ollamaLine(model, "Hello from Ollama") + last);
            }
        };
    }

    private static String ollamaLine(String model, String text) {
        return "{\"model\":\"" + model
                + "\",\"created_at\":\"2025-01-01T00:00:00Z\",\"message\":{\"role\":\"assistant\",\"content\":\"" + text
                + "\"}";
    }

    /** An error of OpenAI's kind. */
    static Upstream.Script failing(int status, String message) {
        return (_, response, _) -> response.setStatusCode(status)
                .end("{\"error\":{\"message\":\"" + message + "\",\"type\":\"x\",\"param\":null,\"code\":null}}");
    }
}
