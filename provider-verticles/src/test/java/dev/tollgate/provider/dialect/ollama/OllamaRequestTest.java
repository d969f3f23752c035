package dev.tollgate.provider.dialect.ollama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.Message;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.dialect.Samples;
import dev.tollgate.provider.dialect.openai.OpenAiChatWire;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OllamaRequestTest {

    @Test
    void aRichRequestIsSaidWhole() {
        JsonNode body = sent("qwen3:8b", """
                {"model": "m", "temperature": 0.25, "top_p": 0.5, "top_k": 40, "seed": 7, "max_tokens": 99,
                 "presence_penalty": 0.1, "frequency_penalty": -0.2, "stop": "END", "reasoning_effort": "low", "stream": true,
                 "num_ctx": 8192, "repeat_penalty": 1.1, "keep_alive": "10m", "options": {"num_gpu": 1, "num_ctx": 1},
                 "logit_bias": {"1": 2}, "unheard_of": true, "user": "u",
                 "response_format": {"type": "json_schema", "json_schema": {"name": "w", "schema": {"type": "object"}}},
                 "tools": [
                   {"type": "function", "function": {"name": "weather", "description": "Tells it",
                     "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}},
                   {"type": "function", "function": {"name": "now"}}],
                 "tool_choice": "auto",
                 "messages": [
                   {"role": "system", "content": "Be brief."},
                   {"role": "user", "content": [
                     {"type": "text", "text": "What is "},
                     {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0="}},
                     {"type": "text", "text": "this?"}]},
                   {"role": "assistant", "content": null, "reasoning_content": "Hm.", "tool_calls": [
                     {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\\"city\\": \\"Rome\\"}"}},
                     {"id": "call_2", "type": "function", "function": {"name": "now", "arguments": ""}}]},
                   {"role": "tool", "tool_call_id": "call_2", "content": "noon"},
                   {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "blue"}]}]}
                """);

        assertThat(body).isEqualTo(Samples.json("""
                {"model": "qwen3:8b", "stream": true, "think": true, "keep_alive": "10m",
                 "messages": [
                   {"role": "system", "content": "Be brief."},
                   {"role": "user", "content": "What is this?", "images": ["iVBORw0="]},
                   {"role": "assistant", "content": "", "thinking": "Hm.", "tool_calls": [
                     {"id": "call_1", "function": {"name": "weather", "arguments": {"city": "Rome"}}},
                     {"id": "call_2", "function": {"name": "now", "arguments": {}}}]},
                   {"role": "tool", "tool_call_id": "call_2", "tool_name": "now", "content": "noon"},
                   {"role": "tool", "tool_call_id": "call_1", "tool_name": "weather", "content": "blue"}],
                 "tools": [
                   {"type": "function", "function": {"name": "weather", "description": "Tells it",
                     "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}},
                   {"type": "function", "function": {"name": "now", "description": "",
                     "parameters": {"type": "object", "properties": {}}}}],
                 "format": {"type": "object"},
                 "options": {"temperature": 0.25, "top_p": 0.5, "presence_penalty": 0.1, "frequency_penalty": -0.2, "top_k": 40,
                   "seed": 7, "num_predict": 99, "stop": ["END"], "num_gpu": 1, "num_ctx": 8192, "repeat_penalty": 1.1}}
                """));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            qwen3:8b                | "reasoning_effort": "high"       | true
            qwen3:8b                | "reasoning_effort": "none"       | false
            qwen3:8b                | "thinking": {"type": "adaptive"} | true
            qwen3:8b                | "think": "low"                   | "low"
            qwen3:8b                | "user": "nobody"                 | null
            gpt-oss:20b             | "reasoning_effort": "low"        | "low"
            gpt-oss:20b             | "reasoning_effort": "medium"     | "medium"
            hf.co/some/gpt-oss:20b  | "reasoning_effort": "high"       | "high"
            gpt-oss:20b             | "thinking": {"type": "adaptive"} | "medium"
            gpt-oss:20b             | "reasoning_effort": "none"       | "low"
            """)
    void thinkingIsSetAsTheModelWantsIt(String model, String said, String expected) {
        JsonNode body = sent(model, "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], " + said + "}");
        assertThat(body.has("think") ? body.get("think") : Json.read("null")).isEqualTo(Json.read(expected));
        assertThat(body.get("stream").booleanValue()).isFalse();
    }

    @Test
    void toolsThatMayNotBeUsedAreNotOffered() {
        JsonNode body = sent("m", """
                {"messages": [{"role": "user", "content": "x"}], "tool_choice": "none", "response_format": {"type": "json_object"},
                 "tools": [{"type": "function", "function": {"name": "f"}}]}
                """);
        assertThat(body).isEqualTo(Samples.json("""
                {"model": "m", "messages": [{"role": "user", "content": "x"}], "stream": false, "format": "json"}
                """));
    }

    @Test
    void aFailedToolAndItsPictureAreTold() {
        ArrayNode messages = Json.object().arrayNode();
        Part.Image picture = new Part.Image(null, "image/png", "AAAA", null, null);
        Part.ToolResult result = new Part.ToolResult("a", List.of(new Part.Text("no luck"), picture), true, null);
        OllamaMessages.write(List.of(new Message(Message.Role.TOOL, List.of(result), null)), messages);
        assertThat(messages).isEqualTo(Json.read("""
                [{"role": "tool", "tool_call_id": "a", "content": "Error: no luck", "images": ["AAAA"]}]
                """));
    }

    @Test
    void picturesThatAnotherModelMadeAreNotSentAsItsOwn() {
        JsonNode body = sent("m", """
                {"messages": [
                  {"role": "user", "content": "Draw."},
                  {"role": "assistant", "content": "Here.", "images": [
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                    {"type": "image_url", "image_url": {"url": "https://a.org/a.png"}}, "AAAA", {"image_url": null}]},
                  {"role": "assistant", "content": "", "images": [{"image_url": {"url": "https://a.org/a.png"}}]},
                  {"role": "user", "content": "Again."}]}
                """);
        assertThat(body.get("messages")).isEqualTo(Json.read("""
                [{"role": "user", "content": "Draw."}, {"role": "assistant", "content": "Here."},
                 {"role": "user", "content": "Again."}]
                """));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}} | data: URL
            {"type": "input_audio", "input_audio": {"data": "AA"}}                   | text and pictures only
            """)
    void whatOllamaCannotTakeIsRefusedWithAdvice(String part, String advice) {
        assertThatThrownBy(() -> sent("m", "{\"messages\": [{\"role\": \"user\", \"content\": [" + part + "]}]}"))
                .isInstanceOfSatisfying(
                        BadPayload.class, e -> assertThat(e.param()).isEqualTo("messages"))
                .hasMessageContaining(advice);
    }

    @Test
    void toolsThatProvidersRunAreRefusedByName() {
        assertThatThrownBy(() -> sent("m", """
                        {"messages": [{"role": "user", "content": "x"}], "tools": [{"type": "web_search_preview"}]}
                        """))
                .isInstanceOf(BadPayload.class)
                .hasMessageContaining("web_search_preview");
    }

    private static JsonNode sent(String model, String body) {
        ChatRequest request = new OpenAiChatWire(InstantSource.system()).read(Samples.json(body));
        return Json.readObject(new OllamaDialect()
                .chat()
                .encode(request, Samples.deployment("ollama", model, "http://localhost:11434")));
    }
}
