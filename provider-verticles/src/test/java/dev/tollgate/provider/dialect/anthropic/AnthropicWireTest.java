package dev.tollgate.provider.dialect.anthropic;

import static dev.tollgate.provider.dialect.anthropic.Claude.buffer;
import static dev.tollgate.provider.dialect.anthropic.Claude.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ChatResponse;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.chat.Message;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.Reasoning;
import dev.tollgate.provider.chat.ResponseFormat;
import dev.tollgate.provider.dialect.openai.OpenAiDialect;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Anthropic's API as a client's, for models of other providers. */
class AnthropicWireTest {
    private final AnthropicWire wire = new AnthropicWire();

    /** Through the canonical model and back into Anthropic's own format, nothing is lost. */
    @Test
    void aRequestComesBackAsItWas() {
        String body = """
                {'model':'claude-3-5-sonnet-20241022','max_tokens':50,'system':[{'type':'text','text':'Be brief.'}],
                 'messages':[{'role':'user','content':[{'type':'text','text':'Hi'},
                    {'type':'image','source':{'type':'base64','media_type':'image/png','data':'QUJD'}}]},
                  {'role':'assistant','content':[{'type':'thinking','thinking':'Hm','signature':'S'},
                    {'type':'tool_use','id':'t','name':'f','input':{'a':1}}]},
                  {'role':'user','content':[{'type':'tool_result','tool_use_id':'t','is_error':true,
                    'content':[{'type':'text','text':'Broken'}]},{'type':'text','text':'So?'}]}],
                 'tools':[{'name':'f','input_schema':{'type':'object'},'cache_control':{'type':'ephemeral'}}],
                 'tool_choice':{'type':'tool','name':'f','disable_parallel_tool_use':true},
                 'temperature':0.5,'top_k':3,'stop_sequences':['END'],'metadata':{'user_id':'u'},'stream':true}""";

        assertThat(json(new AnthropicChatCodec()
                        .encode(wire.read(Json.readObject(buffer(body))), Claude.deployment(Claude.OLD))))
                .isEqualTo(json(body));
    }

    @Test
    void thinkingEffortAndFormatAreUnderstood() {
        Map<String, Reasoning> wanted = Map.of(
                "'thinking':{'type':'disabled'},'output_config':{'effort':'low'}", new Reasoning(null, 0, false),
                "'thinking':{'type':'enabled','budget_tokens':2000}", new Reasoning(null, 2000, false),
                "'thinking':{'type':'adaptive'}", new Reasoning(null, null, true),
                "'thinking':{'type':'adaptive'},'output_config':{'effort':'max'}", new Reasoning("max", null, true),
                "'output_config':{'effort':'low'}", new Reasoning("low", null, false));

        wanted.forEach((members, reasoning) ->
                assertThat(read(members, "'Hi'").reasoning()).as(members).isEqualTo(reasoning));
        assertThat(read("'output_config':{}", "'Hi'").reasoning()).isNull();
        assertThat(read("'output_config':{'format':{'type':'json_schema','schema':{'type':'object'}}}", "'Hi'")
                        .responseFormat())
                .isEqualTo(new ResponseFormat.JsonSchema("response", json("{'type':'object'}"), true));
    }

    @Test
    void searchResultsAndDocumentsOfBlocksBecomeParts() {
        ChatRequest request = read("'max_tokens':9", """
                [{'type':'search_result','source':'https://e.com','title':'T','content':[{'type':'text','text':'A'}]},
                 {'type':'document','source':{'type':'content','content':[{'type':'text','text':'B'},
                   {'type':'image','source':{'type':'url','url':'https://e.com/i.png'}}]}},
                 {'type':'document','source':{'type':'content','content':'C'}},
                 {'type':'document','source':{'type':'text','data':'D'}}]""");

        assertThat(request.messages().getFirst().content())
                .containsExactly(
                        new Part.Text("T\nhttps://e.com\nA"),
                        new Part.Text("B"),
                        new Part.Image("https://e.com/i.png", null, null, null, null),
                        new Part.Text("C"),
                        new Part.Text("D"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'messages':[]}",
                "{'messages':[{'role':'robot','content':'Hi'}]}",
                "{'messages':[{'role':'user','content':[{'type':'image','source':{'type':'file','file_id':'f'}}]}]}"
            })
    void whatCannotBeSaidElsewhereIsRefused(String body) {
        assertThatThrownBy(() -> wire.read(Json.readObject(buffer(body)))).isInstanceOf(BadPayload.class);
    }

    @Test
    void picturesOfToolsFollowInAUserMessageAtOpenAi() {
        ChatRequest request = read("'max_tokens':9", """
                [{'type':'tool_result','tool_use_id':'a','content':[{'type':'image',
                   'source':{'type':'base64','media_type':'image/png','data':'QUJD'}}]},
                 {'type':'tool_result','tool_use_id':'b','is_error':true,'content':'No file'},
                 {'type':'tool_result','tool_use_id':'c','content':'Fine'},
                 {'type':'text','text':'So?'}]""");
        JsonNode body = json(new OpenAiDialect().chat().encode(request, Claude.deployment("gpt")));

        assertThat(body.get("messages")).isEqualTo(json("""
                [{'role':'tool','tool_call_id':'a','content':'The result is in the next message.'},
                 {'role':'tool','tool_call_id':'b','content':'Error: No file'},
                 {'role':'tool','tool_call_id':'c','content':'Fine'},
                 {'role':'user','content':[{'type':'image_url','image_url':{'url':'data:image/png;base64,QUJD'}}]},
                 {'role':'user','content':'So?'}]"""));
    }

    @Test
    void aWholeAnswerIsAMessageAndReadsBackTheSame() {
        List<Part> parts = List.of(
                new Part.Thinking("Hm", null),
                new Part.Text("Look."),
                new Part.ToolCall("call:1", "f", "{\"a\":1}", null));
        ChatResponse response = new ChatResponse(
                "chatcmpl-1",
                "gpt",
                List.of(new ChatResponse.Choice(0, parts, FinishReason.TOOL_CALLS, null)),
                new Usage(10, 4, 0, 0, 0, 5, 0, 0, 0, true),
                Map.of());
        Buffer written = wire.write(response, "ab-c", "shown");

        assertThat(json(written)).isEqualTo(json("""
                {'id':'msg_abc','type':'message','role':'assistant','model':'shown','content':[
                  {'type':'thinking','thinking':'Hm','signature':''},{'type':'text','text':'Look.'},
                  {'type':'tool_use','id':'ID','name':'f','input':{'a':1}}],
                 'stop_reason':'tool_use','stop_sequence':null,
                 'usage':{'input_tokens':6,'cache_creation_input_tokens':0,'cache_read_input_tokens':4,
                   'output_tokens':5}}""".replace("ID", AnthropicBlocks.id("call:1"))));
        ChatResponse back = new AnthropicChatCodec().decode(written);
        assertThat(back.usage()).isEqualTo(response.usage());
        assertThat(back.choices().getFirst().finish()).isEqualTo(FinishReason.TOOL_CALLS);
        assertThat(back.choices().getFirst().content()).contains(new Part.Text("Look."));
    }

    @Test
    void aStreamReadsBackTheSame() {
        List<ChatEvent> events = List.of(
                new ChatEvent.Start("msg_1", "m", new Usage(3, 0, 0, 0, 0, 0, 0, 0, 0, true)),
                new ChatEvent.Thinking(0, "Hm", null),
                new ChatEvent.Thinking(0, "", "S"),
                new ChatEvent.RedactedThinking(0, "D"),
                new ChatEvent.Text(0, "Hel"),
                new ChatEvent.Text(0, "lo"),
                new ChatEvent.ToolCallStart(0, 0, "a", "f", null),
                new ChatEvent.ToolCallArguments(0, 0, "{\"x\":"),
                new ChatEvent.ToolCallArguments(0, 0, "1}"),
                new ChatEvent.Tokens(new Usage(3, 0, 0, 0, 0, 7, 0, 0, 0, true)),
                new ChatEvent.Finish(0, FinishReason.TOOL_CALLS, null));

        assertThat(new AnthropicStreamDecoder().feed(stream(events)))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("model")
                .isEqualTo(events);
    }

    @Test
    void interleavedToolCallsLandInTheirOwnBlocks() {
        List<String> lines = lines(stream(List.of(
                new ChatEvent.Text(0, ""),
                new ChatEvent.ToolCallStart(0, 0, "a", "f", null),
                new ChatEvent.ToolCallStart(0, 1, "b!", "g", null),
                new ChatEvent.ToolCallArguments(0, 1, "{\"y\":"),
                new ChatEvent.ToolCallArguments(0, 0, "{\"x\":1}"),
                new ChatEvent.ToolCallArguments(0, 1, "2}"),
                new ChatEvent.ToolCallStart(0, 2, "c", "h", null),
                new ChatEvent.Text(0, "Bye"),
                new ChatEvent.Text(1, "another answer"),
                new ChatEvent.Finish(0, FinishReason.STOP, "END"))));

        assertThat(lines.subList(1, lines.size()))
                .containsExactly(
                        "{'type':'content_block_start','index':0,'content_block':{'type':'tool_use','id':'a','name':'f','input':{}}}",
                        "{'type':'content_block_delta','index':0,'delta':{'type':'input_json_delta','partial_json':'{\\'x\\':1}'}}",
                        "{'type':'content_block_stop','index':0}",
                        "{'type':'content_block_start','index':1,'content_block':{'type':'tool_use','id':'ID','name':'g','input':{}}}"
                                .replace("ID", AnthropicBlocks.id("b!")),
                        "{'type':'content_block_delta','index':1,'delta':{'type':'input_json_delta','partial_json':'{\\'y\\':2}'}}",
                        "{'type':'content_block_stop','index':1}",
                        "{'type':'content_block_start','index':2,'content_block':{'type':'tool_use','id':'c','name':'h','input':{}}}",
                        "{'type':'content_block_stop','index':2}",
                        "{'type':'content_block_start','index':3,'content_block':{'type':'text','text':''}}",
                        "{'type':'content_block_delta','index':3,'delta':{'type':'text_delta','text':'Bye'}}",
                        "{'type':'content_block_stop','index':3}",
                        "{'type':'message_delta','delta':{'stop_reason':'stop_sequence','stop_sequence':'END'},"
                                + "'usage':{'input_tokens':0,'cache_creation_input_tokens':0,'cache_read_input_tokens':0,'output_tokens':0}}",
                        "{'type':'message_stop'}");
    }

    private ChatRequest read(String members, String content) {
        ChatRequest request = wire.read(
                Json.readObject(buffer("{'messages':[{'role':'user','content':" + content + "}]," + members + "}")));
        assertThat(request.messages()).extracting(Message::role).doesNotContain(Message.Role.ASSISTANT);
        return request;
    }

    private Buffer stream(List<ChatEvent> events) {
        var encoder = wire.encoder("id", "shown", true);
        Buffer out = Buffer.buffer();
        for (ChatEvent event : events) {
            Buffer chunk = encoder.encode(List.of(event));
            if (chunk != null) {
                out.appendBuffer(chunk);
            }
        }
        return out.appendBuffer(encoder.finish());
    }

    private static List<String> lines(Buffer stream) {
        List<String> lines = new ArrayList<>();
        stream.toString()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .forEach(line -> lines.add(line.substring(6).replace('"', '\'')));
        return lines;
    }
}
