package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Streams that fail at every boundary between two events, in every manner, for both client formats and both kinds of upstream. The
 * first deployment fails as its model's name says (how many events, then how); the second answers well, and goes on with a text
 * that it is given. The client must see one clean answer, or one clear error.
 */
class BrokenStreamsIT {
    private static final String TEXT = "One two three";
    private static final AtomicBoolean LEFT = new AtomicBoolean();

    @TempDir
    static Path folder;

    private static Upstream upstream;
    private static Tollgate tollgate;
    private static Http http;

    @BeforeAll
    static void start() throws Exception {
        upstream = Upstream.answering(BrokenStreamsIT::answer);
        tollgate = new Tollgate.Setup(folder)
                .env("NUM_WORKERS", "1")
                .config("""
                    model_list:
                      - model_name: openai/*
                        litellm_params: {model: openai/bad-*, api_base: "%1$s/v1", api_key: x, order: 1}
                      - model_name: openai/*
                        litellm_params: {model: openai/good-*, api_base: "%1$s/v1", api_key: x, order: 2}
                      - model_name: anthropic/*
                        litellm_params: {model: anthropic/bad-*, api_base: "%1$s", api_key: x, order: 1}
                      - model_name: anthropic/*
                        litellm_params: {model: anthropic/good-*, api_base: "%1$s", api_key: x, order: 2}
                    router_settings: {num_retries: 1, stream_timeout: 1, disable_cooldowns: true}
                    """.formatted(upstream.url()))
                .start();
        http = new Http(tollgate.url());
    }

    @AfterAll
    static void stop() {
        tollgate.close();
        upstream.close();
    }

    private static void answer(Upstream.Asked asked, HttpServerResponse response, Vertx vertx) {
        JsonObject body = asked.body();
        String[] name = body.getString("model").split("-");
        boolean anthropic = asked.path().endsWith("/messages");
        response.setChunked(true).putHeader("content-type", "text/event-stream");
        List<String> events = name[1].equals("tool") ? toolCall() : anthropic ? messages(rest(body)) : chat(rest(body));
        if (name[0].equals("good")) {
            if (name[name.length - 1].equals("forever")) {
                response.closeHandler(_ -> LEFT.set(true));
                return;
            }
            events.forEach(response::write);
            response.end();
            return;
        }
        int count = name[1].equals("tool") ? events.size() : Integer.parseInt(name[1]);
        for (String event : events.subList(0, count)) {
            response.write(event);
        }
        switch (name[2]) {
            case "error" ->
                response.end(
                        anthropic
                                ? "event: error\n"
                                        + "data:"
                                        + " {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"no\"}}\n\n"
                                : "data: {\"error\":{\"message\":\"no\",\"code\":503}}\n\n");
            case "end" -> response.end();
            case "silent" -> {}
            default -> vertx.setTimer(20, _ -> response.reset());
        }
    }

    /** All of the text, or what is missing of it when its beginning is given. */
    private static String rest(JsonObject body) {
        JsonArray messages = body.getJsonArray("messages");
        if (messages.size() == 1) {
            return TEXT;
        }
        Object given = messages.getJsonObject(1).getValue("content");
        String begun =
                given instanceof JsonArray blocks ? blocks.getJsonObject(0).getString("text") : given.toString();
        assertThat(TEXT).startsWith(begun);
        assertThat(messages.getJsonObject(1).getString("role")).isEqualTo("assistant");
        return TEXT.substring(begun.length());
    }

    private static List<String> chat(String text) {
        List<String> events = new ArrayList<>();
        JsonObject request = new JsonObject().put("model", "m");
        String id = "chatcmpl-" + text.length();
        events.add(
                Scripts.chunk(request, new JsonObject().put("role", "assistant").put("content", ""), null));
        for (String word : text.splitWithDelimiters("(?<= )", 0)) {
            if (!word.isEmpty()) {
                events.add(Scripts.chunk(request, new JsonObject().put("content", word), null));
            }
        }
        events.add(Scripts.chunk(request, new JsonObject(), "stop"));
        events.replaceAll(chunk -> "data: " + chunk.replace("chatcmpl-up1", id) + "\n\n");
        events.add("data: [DONE]\n\n");
        return events;
    }

    private static List<String> toolCall() {
        JsonObject call = new JsonObject()
                .put("index", 0)
                .put("id", "call_1")
                .put("type", "function")
                .put("function", new JsonObject().put("name", "pay").put("arguments", "{\"a"));
        return List.of("data: "
                + Scripts.chunk(
                        new JsonObject().put("model", "m"),
                        new JsonObject().put("tool_calls", new JsonArray().add(call)),
                        null)
                + "\n\n");
    }

    private static List<String> messages(String text) {
        List<String> events = new ArrayList<>();
        events.add(
                "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_" + text.length()
                        + "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":12,\"output_tokens\":1}}}");
        events.add(
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}");
        events.add("{\"type\":\"ping\"}");
        for (String word : text.splitWithDelimiters("(?<= )", 0)) {
            if (!word.isEmpty()) {
                events.add(
                        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""
                                + word + "\"}}");
            }
        }
        events.add("{\"type\":\"content_block_stop\",\"index\":0}");
        events.add(
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":5}}");
        events.add("{\"type\":\"message_stop\"}");
        events.replaceAll(event -> "event: " + new JsonObject(event).getString("type") + "\ndata: " + event + "\n\n");
        return events;
    }

    private static String path(String client) {
        return client.equals("openai") ? "/v1/chat/completions" : "/v1/messages";
    }

    private static String request(String model) {
        return "{\"model\":\"" + model
                + "\",\"stream\":true,\"max_tokens\":99,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    }

    private static List<JsonObject> data(String body) {
        return body.lines()
                .filter(line -> line.startsWith("data: {"))
                .map(line -> new JsonObject(line.substring("data: ".length())))
                .toList();
    }

    /** The text of one answer that is as it should be from its first event to its last. */
    private static String text(String client, String body) {
        assertThat(body).doesNotContain("\"error\":");
        return client.equals("openai") ? chatText(body) : messagesText(body);
    }

    private static String chatText(String body) {
        assertThat(body).endsWith("data: [DONE]\n\n").containsOnlyOnce("[DONE]").containsOnlyOnce("\"stop\"");
        StringBuilder text = new StringBuilder();
        assertThat(data(body))
                .extracting(chunk -> chunk.getString("id"))
                .containsOnly(data(body).get(0).getString("id"));
        int roles = 0;
        for (JsonObject chunk : data(body)) {
            JsonObject delta = chunk.getJsonArray("choices").getJsonObject(0).getJsonObject("delta");
            roles += delta.containsKey("role") ? 1 : 0;
            text.append(delta.getString("content", ""));
        }
        assertThat(roles).isEqualTo(1);
        return text.toString();
    }

    private static String messagesText(String body) {
        StringBuilder text = new StringBuilder();
        int open = -1;
        int blocks = 0;
        List<String> types = new ArrayList<>();
        for (JsonObject event : data(body)) {
            types.add(event.getString("type"));
            switch (event.getString("type")) {
                case "content_block_start" -> {
                    assertThat(open).isEqualTo(-1);
                    open = event.getInteger("index");
                    assertThat(open).isEqualTo(blocks++);
                }
                case "content_block_delta" -> {
                    assertThat(event.getInteger("index")).isEqualTo(open);
                    text.append(event.getJsonObject("delta").getString("text"));
                }
                case "content_block_stop" -> {
                    assertThat(event.getInteger("index")).isEqualTo(open);
                    open = -1;
                }
                default -> {}
            }
        }
        assertThat(types).startsWith("message_start").endsWith("message_delta", "message_stop");
        assertThat(types).containsOnlyOnce("message_start", "message_delta", "message_stop");
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource({"openai, openai", "openai, anthropic", "anthropic, openai", "anthropic, anthropic"})
    void theClientSeesOneWholeAnswerWhereverTheStreamBreaks(String client, String provider) throws Exception {
        int untilItsEnd = provider.equals("openai") ? 4 : 6;
        for (int events = 0; events <= untilItsEnd; events++) {
            for (String manner : List.of("reset", "error", "end")) {
                String name = provider + "/" + events + "-" + manner;
                int before = upstream.asked().size();

                HttpResponse<String> answer = http.post(path(client), request(name));

                assertThat(answer.statusCode()).as(name).isEqualTo(200);
                assertThat(text(client, answer.body()))
                        .as(name + "\n" + answer.body())
                        .isEqualTo(TEXT);
                assertThat(upstream.asked()).as(name).hasSize(before + 2);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"openai, openai, 1", "openai, openai, 2", "anthropic, anthropic, 3", "anthropic, anthropic, 4"})
    void anUpstreamThatFallsSilentIsReplaced(String client, String provider, int events) throws Exception {
        String body = http.post(path(client), request(provider + "/" + events + "-silent"))
                .body();

        assertThat(text(client, body)).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @CsvSource({
        "openai, openai/5-error",
        "openai, anthropic/8-end",
        "anthropic, anthropic/8-reset",
        "openai, openai/tool-reset",
        "anthropic, openai/tool-end"
    })
    void whatCannotBeGoneOnWithEndsInOneClearError(String client, String model) throws Exception {
        int before = upstream.asked().size();

        String body = http.post(path(client), request(model)).body();

        List<JsonObject> events = data(body);
        assertThat(events.getLast().getJsonObject("error").getString("message")).isNotBlank();
        assertThat(events).filteredOn(event -> event.containsKey("error")).hasSize(1);
        assertThat(body).doesNotContain("[DONE]").doesNotContain("message_stop");
        assertThat(upstream.asked()).hasSize(before + 1);
    }

    @Test
    void aClientThatLeavesWhileAnotherGoesOnEndsThatWorkToo() throws Exception {
        LEFT.set(false);
        int before = upstream.asked().size();
        HttpResponse<InputStream> stream = http.client()
                .send(
                        http.posting("/v1/chat/completions", request("openai/2-reset-forever")),
                        HttpResponse.BodyHandlers.ofInputStream());
        await().until(() -> upstream.asked().size() == before + 2);
        stream.body().close();

        await().atMost(Duration.ofSeconds(5)).until(LEFT::get);
    }
}
