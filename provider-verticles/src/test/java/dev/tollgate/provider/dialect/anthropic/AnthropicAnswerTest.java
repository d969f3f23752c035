package dev.tollgate.provider.dialect.anthropic;

import static dev.tollgate.provider.dialect.anthropic.Claude.CHAT;
import static dev.tollgate.provider.dialect.anthropic.Claude.buffer;
import static dev.tollgate.provider.dialect.anthropic.Claude.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.StreamDecoder;
import dev.tollgate.provider.wire.StreamEncoder;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Anthropic's answers, whole and streamed, as a client of OpenAI's API sees them. */
class AnthropicAnswerTest {
    private static final String JSON_BLOCK = "{'type':'tool_use','id':'t','name':'json_tool_call','input':{'a':1}}";
    private static final String CALL = "{'type':'tool_use','id':'t1','name':'f','input':{'b':2}}";

    @Test
    void aWholeAnswerKeepsThinkingTextAndCalls() {
        JsonNode answer = answer(
                "{'type':'thinking','thinking':'Hm','signature':'S'},{'type':'redacted_thinking','data':'D'},"
                        + "{'type':'text','text':'Look.'}," + CALL + ",{'type':'tool_use','id':'t2','name':'now'}",
                "tool_use");

        assertThat(answer).isEqualTo(json("""
                {'id':'chatcmpl-call','object':'chat.completion','created':7,'model':'shown','choices':[{'index':0,
                 'message':{'role':'assistant','content':'Look.','reasoning_content':'Hm',
                  'thinking_blocks':[{'type':'thinking','thinking':'Hm','signature':'S'},
                    {'type':'redacted_thinking','data':'D'}],
                  'tool_calls':[{'id':'t1','type':'function','function':{'name':'f','arguments':'{\\'b\\':2}'}},
                    {'id':'t2','type':'function','function':{'name':'now','arguments':'{}'}}]},
                 'logprobs':null,'finish_reason':'tool_calls'}],
                 'usage':{'prompt_tokens':15,'completion_tokens':4,'total_tokens':19,
                  'prompt_tokens_details':{'cached_tokens':5,'cache_creation_tokens':7,'audio_tokens':0},
                  'completion_tokens_details':{'reasoning_tokens':0,'audio_tokens':0},
                  'cache_read_input_tokens':5,'cache_creation_input_tokens':7}}""".replace("\\'", "\\\"")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "JSON | tool_use | {\"a\":1} | stop",
                "{'type':'text','text':'Here:'},JSON | tool_use | {\"a\":1} | stop",
                "JSON,CALL | tool_use | {\"a\":1} | tool_calls",
                "JSON | max_tokens | {\"a\":1} | length",
                "{'type':'text','text':'No'} | refusal | No | content_filter",
                "{'type':'text','text':'No'} | end_turn | No | stop"
            })
    void theJsonToolIsTheAnswerUnlessARealToolIsCalledToo(String blocks, String reason, String content, String finish) {
        JsonNode choice = answer(blocks.replace("JSON", JSON_BLOCK).replace("CALL", CALL), reason)
                .get("choices")
                .get(0);

        assertThat(choice.get("message").get("content").asText()).isEqualTo(content);
        assertThat(choice.get("message").has("tool_calls")).isEqualTo(finish.equals("tool_calls"));
        assertThat(choice.get("finish_reason").asText()).isEqualTo(finish);
    }

    @Test
    void aStreamBecomesChunksHoweverItIsCut() {
        String stream = """
                event: message_start
                data: {"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":3,"output_tokens":1}}}

                event: content_block_start
                data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hmü"}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"S"}}

                event: content_block_stop
                data: {"type":"content_block_stop","index":0}

                event: content_block_delta
                data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}}

                event: content_block_start
                data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t1","name":"f","input":{}}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\\"b\\":2}"}}

                event: content_block_stop
                data: {"type":"content_block_stop","index":2}

                event: content_block_start
                data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t2","name":"now","input":{}}}

                event: content_block_stop
                data: {"type":"content_block_stop","index":3}

                event: message_delta
                data: {"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":8}}

                event: message_delta
                data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}}

                event: message_delta
                data: {"type":"message_delta","delta":{"stop_reason":"tool_use"}}

                event: message_stop
                data: {"type":"message_stop"}

                """;
        String whole = chunks(List.of(stream.getBytes(StandardCharsets.UTF_8)));

        assertThat(deltas(whole))
                .containsExactly(
                        "{'role':'assistant','reasoning_content':'Hmü','thinking_blocks':[{'type':'thinking','thinking':'Hmü'}]} null",
                        "{'reasoning_content':'','thinking_blocks':[{'type':'thinking','thinking':'','signature':'S'}]} null",
                        "{'content':'Hi'} null",
                        "{'tool_calls':[{'index':0,'id':'t1','type':'function','function':{'name':'f','arguments':''}}]} null",
                        "{'tool_calls':[{'index':0,'function':{'arguments':'{\\'b\\':2}'}}]} null",
                        "{'tool_calls':[{'index':1,'id':'t2','type':'function','function':{'name':'now','arguments':''}}]} null",
                        "{'tool_calls':[{'index':1,'function':{'arguments':'{}'}}]} null",
                        "{} 'tool_calls'");
        assertThat(whole)
                .contains("\"prompt_tokens\":3,\"completion_tokens\":9")
                .endsWith("data: [DONE]\n\n");
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        for (int cut = 1; cut < bytes.length; cut++) {
            assertThat(chunks(List.of(Arrays.copyOf(bytes, cut), Arrays.copyOfRange(bytes, cut, bytes.length))))
                    .as("cut at %s", cut)
                    .isEqualTo(whole);
        }
    }

    @Test
    void aStreamedJsonToolIsTextAndAnInputGivenAtTheStartIsNotLost() {
        List<ChatEvent> events = new AnthropicStreamDecoder().feed(buffer("""
                data: {'type':'content_block_start','index':0,'content_block':{'type':'tool_use','id':'t','name':'json_tool_call','input':{}}}

                data: {'type':'content_block_delta','index':0,'delta':{'type':'input_json_delta','partial_json':'{}'}}

                data: {'type':'content_block_stop','index':0}

                data: {'type':'message_delta','delta':{'stop_reason':'tool_use'}}

                """));
        assertThat(events)
                .contains(new ChatEvent.Text(0, "{}"), new ChatEvent.Finish(0, FinishReason.STOP, null))
                .hasSize(3);

        assertThat(new AnthropicStreamDecoder().feed(buffer("""
                data: {'type':'content_block_start','index':0,'content_block':{'type':'tool_use','id':'t','name':'f','input':{'a':1}}}

                data: {'type':'content_block_stop','index':0}

                """)))
                .containsExactly(
                        new ChatEvent.ToolCallStart(0, 0, "t", "f", null),
                        new ChatEvent.ToolCallArguments(0, 0, "{\"a\":1}"));
    }

    private static JsonNode answer(String blocks, String reason) {
        Buffer body = buffer("{'id':'msg_1','model':'m','content':[" + blocks + "],'stop_reason':'" + reason
                + "','usage':{'input_tokens':3,'cache_read_input_tokens':5,'cache_creation_input_tokens':7,"
                + "'output_tokens':4}}");
        return json(CHAT.write(new AnthropicChatCodec().decode(body), "call", "shown"));
    }

    private static String chunks(List<byte[]> pieces) {
        StreamDecoder decoder = new AnthropicChatCodec().decoder();
        StreamEncoder encoder = CHAT.encoder("call", "shown", true);
        Buffer out = Buffer.buffer();
        for (byte[] piece : pieces) {
            Buffer chunk = encoder.encode(decoder.feed(Buffer.buffer(piece)));
            if (chunk != null) {
                out.appendBuffer(chunk);
            }
        }
        assertThat(decoder.complete()).isTrue();
        return out.appendBuffer(encoder.finish()).toString();
    }

    /** Delta and finish reason of each chunk that has a choice. */
    private static List<String> deltas(String stream) {
        List<String> deltas = new ArrayList<>();
        stream.lines().filter(line -> line.startsWith("data: {")).forEach(line -> {
            JsonNode choice = Json.read(line.substring(6)).path("choices").path(0);
            if (choice.isObject()) {
                deltas.add((choice.get("delta") + " " + choice.get("finish_reason")).replace('"', '\''));
            }
        });
        return deltas;
    }
}
