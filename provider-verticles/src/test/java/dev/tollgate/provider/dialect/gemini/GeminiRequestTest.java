package dev.tollgate.provider.dialect.gemini;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.Message;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.Reasoning;
import dev.tollgate.provider.dialect.Samples;
import dev.tollgate.provider.dialect.openai.OpenAiChatWire;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeminiRequestTest {

    @Test
    void aRichRequestIsSaidWhole() {
        JsonNode body = sent("gemini-3-flash-preview", """
                {"model": "m", "temperature": 0.25, "top_p": 0.5, "top_k": 40, "seed": 7, "n": 2, "max_completion_tokens": 99,
                 "presence_penalty": 0.1, "frequency_penalty": -0.2, "stop": ["END", "FIN"], "reasoning_effort": "low",
                 "stream": true, "user": "u", "safety_settings": [{"category": "C", "threshold": "BLOCK_NONE"}],
                 "cachedContent": "cachedContents/1", "modalities": ["text", "image"],
                 "response_format": {"type": "json_schema", "json_schema": {"name": "w", "strict": true,
                   "schema": {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}}},
                 "tools": [
                   {"type": "function", "function": {"name": "weather", "description": "Tells it", "strict": true,
                     "parameters": {"$schema": "x", "type": "object", "properties": {"city": {"type": "string"}}}}},
                   {"type": "function", "function": {"name": "now"}},
                   {"type": "function", "name": "flat", "parameters": {"type": "object"}},
                   {"googleSearch": {}}],
                 "tool_choice": {"type": "function", "function": {"name": "weather"}},
                 "messages": [
                   {"role": "system", "content": "Be brief."},
                   {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
                   {"role": "user", "content": [
                     {"type": "text", "text": "What is this?"},
                     {"type": "image_url", "image_url": {"url": "data:image/jpg;base64,iVBORw0="}},
                     {"type": "image_url", "image_url": {"url": "https://example.org/a.webp?x=1"}},
                     {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}},
                     {"type": "input_audio", "input_audio": {"format": "wav", "data": "UklGRg=="}}]},
                   {"role": "assistant", "content": "Let me see.", "tool_calls": [
                     {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\\"city\\": \\"Rome\\"}"},
                      "provider_specific_fields": {"thought_signature": "c2ln"}},
                     {"id": "call_2", "type": "function", "function": {"name": "now", "arguments": ""}}]},
                   {"role": "tool", "tool_call_id": "call_1", "content": "{\\"sky\\": \\"blue\\"}"},
                   {"role": "tool", "tool_call_id": "call_2", "content": "{noon, I think"},
                   {"role": "user", "content": "And?"}]}
                """);

        assertThat(body).isEqualTo(Samples.json("""
                {"systemInstruction": {"parts": [{"text": "Be brief."}, {"text": "Be kind."}]},
                 "contents": [
                   {"role": "user", "parts": [
                     {"text": "What is this?"},
                     {"inlineData": {"mimeType": "image/jpeg", "data": "iVBORw0="}},
                     {"fileData": {"fileUri": "https://example.org/a.webp?x=1", "mimeType": "image/webp"}},
                     {"inlineData": {"mimeType": "application/pdf", "data": "JVBERi0="}},
                     {"inlineData": {"mimeType": "audio/wav", "data": "UklGRg=="}}]},
                   {"role": "model", "parts": [
                     {"text": "Let me see."},
                     {"functionCall": {"id": "call_1", "name": "weather", "args": {"city": "Rome"}}, "thoughtSignature": "c2ln"},
                     {"functionCall": {"id": "call_2", "name": "now", "args": {}}}]},
                   {"role": "user", "parts": [
                     {"functionResponse": {"id": "call_1", "name": "weather", "response": {"sky": "blue"}}},
                     {"functionResponse": {"id": "call_2", "name": "now", "response": {"result": "{noon, I think"}}}]},
                   {"role": "user", "parts": [{"text": "And?"}]}],
                 "tools": [{"googleSearch": {}}, {"functionDeclarations": [
                   {"name": "weather", "description": "Tells it",
                    "parametersJsonSchema": {"type": "object", "properties": {"city": {"type": "string"}}}},
                   {"name": "now"},
                   {"name": "flat", "parametersJsonSchema": {"type": "object"}}]}],
                 "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["weather"]}},
                 "generationConfig": {"temperature": 0.25, "topP": 0.5, "presencePenalty": 0.1, "frequencyPenalty": -0.2,
                   "topK": 40, "seed": 7, "candidateCount": 2, "maxOutputTokens": 99, "stopSequences": ["END", "FIN"],
                   "responseMimeType": "application/json", "responseJsonSchema": {"type": "object"},
                   "thinkingConfig": {"thinkingLevel": "low", "includeThoughts": true},
                   "responseModalities": ["TEXT", "IMAGE"]},
                 "safetySettings": [{"category": "C", "threshold": "BLOCK_NONE"}],
                 "cachedContent": "cachedContents/1"}
                """));
    }

    @Test
    void olderModelsGetNeitherIdsNorSignaturesOfOurs() {
        String messages = """
                {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": null, "tool_calls": [
                  {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
                  {"role": "tool", "tool_call_id": "a", "content": "1"}]}
                """;
        assertThat(sent("gemini-2.5-flash", messages).at("/contents/1/parts/0"))
                .isEqualTo(Samples.json("{\"functionCall\": {\"name\": \"f\", \"args\": {}}}"));
        assertThat(sent("gemini-3.1-pro-preview", messages).at("/contents/1/parts/0"))
                .isEqualTo(Samples.json("""
                        {"functionCall": {"id": "a", "name": "f", "args": {}},
                         "thoughtSignature": "skip_thought_signature_validator"}
                        """));
    }

    @Test
    void aConversationBegunThroughLiteLlmGoesOn() {
        String messages = """
                {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": null, "tool_calls": [
                  {"id": "call_a__thought__c2ln", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
                  {"role": "tool", "tool_call_id": "call_a__thought__c2ln", "content": "1"}]}
                """;
        assertThat(sent("gemini-3-flash-preview", messages).get("contents")).isEqualTo(Json.read("""
                [{"role": "user", "parts": [{"text": "x"}]},
                 {"role": "model", "parts": [
                   {"functionCall": {"id": "call_a", "name": "f", "args": {}}, "thoughtSignature": "c2ln"}]},
                 {"role": "user", "parts": [
                   {"functionResponse": {"id": "call_a", "name": "f", "response": {"result": "1"}}}]}]
                """));
    }

    @Test
    void everyTurnHasTextAndTurnsOfOneRoleAreOne() {
        JsonNode body = sent("gemini-2.5-flash", """
                {"messages": [{"role": "user", "content": ""}, {"role": "user", "content": "a"},
                  {"role": "assistant", "content": ""}, {"role": "user", "content": "b"},
                  {"role": "assistant", "content": "c"}, {"role": "assistant", "content": "d"}]}
                """);
        assertThat(body).isEqualTo(Samples.json("""
                {"contents": [
                  {"role": "user", "parts": [{"text": " "}, {"text": "a"}, {"text": "b"}]},
                  {"role": "model", "parts": [{"text": "c"}, {"text": "d"}]}]}
                """));
        assertThat(sent("gemini-2.5-flash", "{\"messages\": [{\"role\": \"system\", \"content\": \"s\"}]}"))
                .isEqualTo(Samples.json("{\"contents\": [{\"role\": \"user\", \"parts\": [{\"text\": \"s\"}]}]}"));
        assertThat(sent("gemini-2.5-flash", "{\"messages\": [{\"role\": \"system\", \"content\": \"\"}]}"))
                .isEqualTo(Samples.json("{\"contents\": [{\"role\": \"user\", \"parts\": [{\"text\": \" \"}]}]}"));
    }

    @Test
    void aFailedToolAndItsPictureAreTold() {
        Part.Image picture = new Part.Image(null, "image/png", "AAAA", null, null);
        Part.ToolResult result = new Part.ToolResult(
                "unknown", List.of(new Part.Text("no "), new Part.Text("luck"), picture), true, null);
        JsonNode contents = GeminiContents.write(List.of(new Message(Message.Role.TOOL, List.of(result), null)), false)
                .get("contents");
        assertThat(contents).isEqualTo(Json.read("""
                [{"role": "user", "parts": [
                  {"functionResponse": {"name": "unknown", "response": {"error": "no luck"}}},
                  {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]}]
                """));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gemini-2.5-flash            | "reasoning_effort": "none"     | {"thinkingBudget": 0, "includeThoughts": false}
            gemini-2.5-flash            | "reasoning_effort": "disable"  | {"thinkingBudget": 0, "includeThoughts": false}
            gemini-2.5-flash            | "reasoning_effort": "minimal"  | {"thinkingBudget": 128, "includeThoughts": true}
            gemini-2.5-flash            | "reasoning_effort": "medium"   | {"thinkingBudget": 2048, "includeThoughts": true}
            gemini-2.5-flash            | "thinking": {"type": "enabled", "budget_tokens": 99999} | {"thinkingBudget": 24576, "includeThoughts": true}
            gemini-2.5-flash            | "thinking": {"type": "adaptive"} | {"thinkingBudget": -1, "includeThoughts": true}
            gemini-2.5-flash-lite       | "reasoning_effort": "minimal"  | {"thinkingBudget": 512, "includeThoughts": true}
            gemini-2.5-flash-lite       | "reasoning_effort": "none"     | {"thinkingBudget": 0, "includeThoughts": false}
            gemini-2.5-pro              | "reasoning_effort": "none"     | {"thinkingBudget": 128, "includeThoughts": false}
            gemini-2.5-pro              | "thinking": {"type": "enabled", "budget_tokens": 99999} | {"thinkingBudget": 32768, "includeThoughts": true}
            gemini-2.0-flash            | "reasoning_effort": "none"     | null
            gemini-2.0-flash            | "thinking": {"type": "disabled"} | null
            gemini-2.5-flash-image      | "reasoning_effort": "none"     | null
            gemini-2.5-flash            | "user": "nobody"               | null
            gemini-3-pro-preview        | "reasoning_effort": "none"     | {"thinkingLevel": "low", "includeThoughts": false}
            gemini-3-pro-preview        | "reasoning_effort": "minimal"  | {"thinkingLevel": "low", "includeThoughts": true}
            gemini-3-pro-preview        | "reasoning_effort": "medium"   | {"thinkingLevel": "high", "includeThoughts": true}
            gemini-3.1-pro-preview      | "reasoning_effort": "medium"   | {"thinkingLevel": "medium", "includeThoughts": true}
            gemini-3-pro-preview        | "reasoning_effort": "high"     | {"thinkingLevel": "high", "includeThoughts": true}
            gemini-3-flash-preview      | "reasoning_effort": "none"     | {"thinkingLevel": "minimal", "includeThoughts": false}
            gemini-3-flash-preview      | "reasoning_effort": "minimal"  | {"thinkingLevel": "minimal", "includeThoughts": true}
            gemini-3-flash-preview      | "reasoning_effort": "medium"   | {"thinkingLevel": "medium", "includeThoughts": true}
            gemini-3-flash-preview      | "thinking": {"type": "adaptive"} | {"includeThoughts": true}
            gemini-2.5-pro              | "reasoning_effort": "low", "thinkingConfig": {"thinkingBudget": 300} | {"thinkingBudget": 300}
            """)
    void thinkingIsSetAsEachGenerationWantsIt(String model, String said, String expected) {
        JsonNode config = sent(model, "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], " + said + "}")
                .at("/generationConfig/thinkingConfig");
        assertThat(config.isMissingNode() ? Json.read("null") : config).isEqualTo(Json.read(expected));
    }

    @Test
    void anEffortGuidesAModelThatChoosesItsOwnBudget() {
        Reasoning adaptive = new Reasoning("high", null, true);
        assertThat(GeminiThinking.config(adaptive, "gemini-2.5-pro"))
                .isEqualTo(Samples.json("{\"thinkingBudget\": -1, \"includeThoughts\": true}"));
        assertThat(GeminiThinking.config(adaptive, "gemini-3-flash-preview"))
                .isEqualTo(Samples.json("{\"thinkingLevel\": \"high\", \"includeThoughts\": true}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "auto"              | {"mode": "AUTO"}
            "none"              | {"mode": "NONE"}
            "required"          | {"mode": "ANY"}
            {"type": "any"}     | {"mode": "ANY"}
            {"type": "auto"}    | {"mode": "AUTO"}
            {"type": "tool", "name": "f"} | {"mode": "ANY", "allowedFunctionNames": ["f"]}
            """)
    void theChoiceOfToolsIsMapped(String choice, String expected) {
        JsonNode body = sent("gemini-2.5-flash", """
                {"messages": [{"role": "user", "content": "x"}], "tool_choice": %s,
                 "tools": [{"type": "function", "function": {"name": "f"}}]}
                """.formatted(choice));
        assertThat(body.at("/toolConfig/functionCallingConfig")).isEqualTo(Json.read(expected));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"type": "web_search_preview"}                             | {"googleSearch": {}}
            {"type": "web_search_20250305", "name": "web_search"}      | {"googleSearch": {}}
            {"type": "web_fetch_20250910", "name": "web_fetch"}        | {"urlContext": {}}
            {"type": "code_interpreter", "container": {"type": "auto"}} | {"codeExecution": {}}
            {"google_search": {"time_range_filter": {}}}               | {"google_search": {"time_range_filter": {}}}
            """)
    void toolsThatProvidersRunBecomeGoogles(String tool, String expected) {
        JsonNode body = sent("gemini-2.5-flash", """
                {"messages": [{"role": "user", "content": "x"}], "tool_choice": "auto", "tools": [%s]}
                """.formatted(tool));
        assertThat(body.get("tools")).isEqualTo(Json.read("[" + expected + "]"));
        assertThat(body.has("toolConfig")).isFalse();
    }

    @Test
    void aToolThatGoogleHasNotIsRefusedByName() {
        assertThatThrownBy(() -> sent("gemini-2.5-flash", """
                        {"messages": [{"role": "user", "content": "x"}], "tools": [{"type": "bash_20250124", "name": "bash"}]}
                        """))
                .isInstanceOf(BadPayload.class)
                .hasMessageContaining("bash_20250124");
    }

    @Test
    void askingForASearchOrForJsonIsEnough() {
        JsonNode body = sent("gemini-2.5-flash", """
                {"messages": [{"role": "user", "content": "x"}], "web_search_options": {},
                 "response_format": {"type": "json_object"}}
                """);
        assertThat(body.get("tools")).isEqualTo(Json.read("[{\"googleSearch\": {}}]"));
        assertThat(body.get("generationConfig"))
                .isEqualTo(Samples.json("{\"responseMimeType\": \"application/json\"}"));
    }

    private static JsonNode sent(String model, String body) {
        ChatRequest request = new OpenAiChatWire(InstantSource.system()).read(Samples.json(body));
        return Json.readObject(
                new GeminiDialect().chat().encode(request, Samples.deployment("gemini", model, "http://localhost")));
    }
}
