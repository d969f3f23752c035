package dev.tollgate.provider.dialect.gemini;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.dialect.Samples;
import dev.tollgate.provider.dialect.anthropic.AnthropicWire;
import dev.tollgate.provider.dialect.openai.OpenAiChatWire;
import dev.tollgate.provider.dialect.openai.OpenAiDialect;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.Wire;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thought signatures go to the client and come back in the part that they came with (ai.google.dev, "Thought signatures"). */
class GeminiSignatureTest {
    private static final Wire CHAT = new OpenAiChatWire(InstantSource.system());
    private static final Wire MESSAGES = new AnthropicWire();
    private static final String CALLS = """
            {"role": "model", "parts": [
              {"text": "Let me look."},
              {"functionCall": {"id": "a1", "name": "f", "args": {"a": 1}}, "thoughtSignature": "Zm9+/w=="},
              {"functionCall": {"id": "a2", "name": "g", "args": {}}}]}
            """;

    @Test
    void aChatClientThatKeepsItsMessagesSendsTheSignaturesOfPicturesAndCallsBack() {
        String said = """
                {"role": "model", "parts": [
                  {"text": "Here it is."},
                  {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thoughtSignature": "cGlj"},
                  {"functionCall": {"id": "a1", "name": "f", "args": {}}, "thoughtSignature": "Y2FsbA=="}]}
                """;
        JsonNode message = answer(CHAT, said).at("/choices/0/message");
        assertThat(backFromChat((ObjectNode) message)).isEqualTo(Json.read(said));
    }

    /** Clients resend the message as it is; providers that a call falls back to refuse members that they do not know. */
    @Test
    void aPlainAnswerHasNoMembersThatOtherProvidersRefuse() {
        JsonNode message = answer(CHAT, """
                {"parts": [{"text": "Hi", "thoughtSignature": "dGV4dA=="}, {"text": "", "thoughtSignature": "bW9yZQ=="}]}
                """).at("/choices/0/message");
        assertThat(message).isEqualTo(Json.read("{\"role\": \"assistant\", \"content\": \"Hi\"}"));
    }

    @Test
    void whatGoogleSaysBesideTheTextIsShownWithoutItsSignature() {
        JsonNode body =
                Json.readObject(CHAT.write(new GeminiDialect().chat().decode(Buffer.buffer("""
                {"candidates": [{"content": {"parts": [{"text": "a"}, {"text": "", "thoughtSignature": "c2ln"}]},
                  "groundingMetadata": {"webSearchQueries": ["q"]}}]}
                """)), "call", "shown"));
        assertThat(body.at("/choices/0/message")).isEqualTo(Json.read("""
                {"role": "assistant", "content": "a", "provider_specific_fields": {
                  "groundingMetadata": {"webSearchQueries": ["q"]}}}
                """));
    }

    @Test
    void aStreamHasTheSignaturesOfPicturesAndNotThoseOfTexts() {
        List<ChatEvent> events = Samples.read(() -> new GeminiDialect().chat().decoder(), """
                data: {"candidates": [{"content": {"parts": [{"text": "Hi"}]}}]}

                data: {"candidates": [{"content": {"parts": [{"text": "", "thoughtSignature": "dGV4dA=="},\
                 {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thoughtSignature": "cGlj"}]}, "finishReason": "STOP"}]}

                """);
        assertThat(events)
                .containsExactly(
                        new ChatEvent.Start(null, null, Usage.NONE),
                        new ChatEvent.Text(0, "Hi"),
                        new ChatEvent.Image(0, "image/png", "AAAA", "cGlj"),
                        new ChatEvent.Finish(0, FinishReason.STOP, null));

        List<JsonNode> chunks = Samples.events(CHAT.encoder("call", "shown", false), events);
        assertThat(chunks).asString().doesNotContain("dGV4dA");
        assertThat(chunks.get(1)
                        .at("/choices/0/delta/images/0/provider_specific_fields/thought_signature")
                        .asText())
                .isEqualTo("cGlj");
        assertThat(MESSAGES.encoder("call", "shown", false).encode(events))
                .asString()
                .contains("Hi")
                .doesNotContain("dGV4dA");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"provider_specific_fields\": {\"thought_signatures\": [\"c2ln\"]}",
                "\"extra_content\": {\"google\": {\"thought_signature\": \"c2ln\"}}"
            })
    void aSignedTextIsUnderstoodHoweverItIsWritten(String members) {
        assertThat(backFromChat(Samples.json("{\"role\": \"assistant\", \"content\": \"a\", " + members + "}")))
                .isEqualTo(Json.read(
                        "{\"role\": \"model\", \"parts\": [{\"text\": \"a\", \"thoughtSignature\": \"c2ln\"}]}"));
    }

    @Test
    void aClientOfAnthropicsApiBringsTheSignatureOfACallBackInItsId() {
        ArrayNode content = (ArrayNode) answer(MESSAGES, CALLS).get("content");
        assertThat(content.findValuesAsText("id")).containsExactly("a1__thought__Zm9-_w", "a2");
        assertThat(backFromMessages(content)).isEqualTo(Json.read("[" + CALLS + """
                , {"role": "user", "parts": [
                  {"functionResponse": {"id": "a1", "name": "f", "response": {"result": "1"}}},
                  {"functionResponse": {"id": "a2", "name": "g", "response": {"result": "1"}}}]}]
                """));
    }

    @Test
    void aStreamForAClientOfAnthropicsApiHasTheSameId() {
        List<ChatEvent> events = Samples.read(
                () -> new GeminiDialect().chat().decoder(),
                "data: {\"candidates\": [{\"content\": " + CALLS.replace("\n", "") + "}]}\n\n");
        assertThat(MESSAGES.encoder("call", "shown", false).encode(events))
                .asString()
                .contains("\"id\":\"a1__thought__Zm9-_w\"");
    }

    @Test
    void anotherProviderSeesNeitherSignatureNorItsPlaceInTheId() {
        JsonNode content = answer(MESSAGES, CALLS).get("content");
        var request = MESSAGES.read(conversation(content));
        assertThat(new OpenAiDialect().chat().encode(request, Samples.deployment("openai", "gpt", "http://localhost")))
                .asString()
                .contains("\"a1\"")
                .doesNotContain("thought", "Zm9");
    }

    @Test
    void aSketchMadeWhileThinkingIsNoPartOfTheAnswer() {
        JsonNode message = answer(CHAT, """
                {"parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thought": true},
                  {"inlineData": {"mimeType": "image/png", "data": "BBBB"}, "thoughtSignature": "c2ln"}]}
                """).at("/choices/0/message");
        assertThat(message.get("images")).hasSize(1);
        assertThat(message.at("/images/0/image_url/url").asText()).endsWith("BBBB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemini-3.5-flash", "gemini-4-argon", "gemini-flash-latest", "gemini-flash-lite-latest"})
    void modelsThatWantSignaturesAreKnown(String model) {
        assertThat(GeminiThinking.generation3(model)).isTrue();
    }

    private static JsonNode answer(Wire wire, String content) {
        Buffer body = Buffer.buffer("{\"candidates\": [{\"content\": " + content + "}]}");
        return Json.readObject(wire.write(new GeminiDialect().chat().decode(body), "call", "shown"));
    }

    /** What goes to Google of a message that a client sends back as it got it. */
    private static JsonNode backFromChat(ObjectNode message) {
        ObjectNode body = Json.object();
        body.putArray("messages")
                .add(Samples.json("{\"role\": \"user\", \"content\": \"x\"}"))
                .add(message);
        return GeminiContents.write(CHAT.read(body).messages(), true).at("/contents/1");
    }

    private static ArrayNode backFromMessages(JsonNode content) {
        ArrayNode turns = (ArrayNode)
                GeminiContents.write(MESSAGES.read(conversation(content)).messages(), true)
                        .get("contents");
        turns.remove(0);
        return turns;
    }

    /** The client runs each tool, which answers 1. */
    private static ObjectNode conversation(JsonNode content) {
        ObjectNode body = Json.object();
        ArrayNode messages = body.putArray("messages");
        messages.add(Samples.json("{\"role\": \"user\", \"content\": \"x\"}"));
        messages.addObject().put("role", "assistant").set("content", content);
        ArrayNode results = messages.addObject().put("role", "user").putArray("content");
        content.findValuesAsText("id")
                .forEach(id -> results.addObject()
                        .put("type", "tool_result")
                        .put("tool_use_id", id)
                        .put("content", "1"));
        return body;
    }
}
