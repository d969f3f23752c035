package dev.tollgate.gateway.seam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeamTest {
    private static final String CHOICE = "data: {'id':'one','created':1,'choices':[{'index':0,'delta':DELTA}]}\n\n";

    private static Seam seam(Surface surface, String... shown) {
        Seam seam = Objects.requireNonNull(Seam.of(surface));
        for (String events : shown) {
            seam.shown(bytes(events));
        }
        return seam;
    }

    private static Buffer bytes(String events) {
        return Buffer.buffer(events.replace('\'', '"'));
    }

    private static String joined(Seam seam, String events) {
        return seam.joined(bytes(events), Usage.of(7, 2)).toString().replace('"', '\'');
    }

    private static String event(String type, String members) {
        return "event: " + type + "\ndata: {'type':'" + type + "'" + members + "}\n\n";
    }

    private static String block(String type) {
        return event("content_block_start", ",'index':0,'content_block':{'type':'" + type + "','text':''}");
    }

    private static String words(int index, String text) {
        return event(
                "content_block_delta", ",'index':" + index + ",'delta':{'type':'text_delta','text':'" + text + "'}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'role':'assistant','content':'Hi'} | true",
                "{'content':'Hi','refusal':null,'tool_calls':[]} | true",
                "{'content':'Hi','tool_calls':[{'index':0}]} | false",
                "{'content':'Hi','reasoning_content':'hm'} | false",
                "{'content':'Hi','thinking_blocks':[{'signature':'s'}]} | false",
                "{'content':'Hi'},'finish_reason':'stop' | false",
                "{'content':'Hi'}},{'index':1,'delta':{} | false",
            })
    void onlyPlainTextOfOneAnswerIsGoneOnWith(String delta, boolean plain) {
        String quoted = delta.replace("''", "'");
        Seam seam = seam(Surface.CHAT, ": hello\n\n" + CHOICE.replace("DELTA", quoted.strip()));
        assertThat(seam.plain()).isEqualTo(plain);
        assertThat(plain ? seam.text() : "Hi").isEqualTo("Hi");
    }

    @Test
    void chunksOfTheNextPartTakeTheIdentityOfTheFirst() {
        Seam seam = seam(Surface.CHAT, CHOICE.replace("DELTA", "{'role':'assistant','content':'Hi'}"));
        String second = "data: {'id':'two','created':9,'choices':[{'index':0,'delta':DELTA,'finish_reason':null}]}\n\n";
        assertThat(joined(seam, second.replace("DELTA", "{'role':'assistant','content':''}")))
                .isEmpty();
        assertThat(joined(seam, second.replace("DELTA", "{'role':'assistant','content':' there'}")))
                .isEqualTo("data: {'id':'one','created':1,'choices':[{'index':0,'delta':{'content':'"
                        + " there'},'finish_reason':null}]}\n\n");
        String usage = "'choices':[],'usage':{'prompt_tokens':1,'completion_tokens':3,'total_tokens':4}}";
        assertThat(joined(seam, "data: {'id':'two'," + usage + "\n\ndata: [DONE]\n\n"))
                .isEqualTo("data: {'id':'one','choices':[],'usage':{'prompt_tokens':8,'completion_tokens':5,"
                        + "'total_tokens':13},'created':1}\n\ndata: [DONE]\n\n");
        assertThat(joined(seam, "data: {'choices':null}\n\n")).contains("'choices':null");
    }

    @Test
    void theOpenBlockGoesOnAndLaterBlocksAreNumberedFromThere() {
        Seam seam =
                seam(Surface.MESSAGES, event("message_start", ""), block("text"), event("ping", ""), words(0, "Hi"));
        assertThat(seam.plain()).isTrue();
        assertThat(seam.text()).isEqualTo("Hi");
        assertThat(joined(seam, event("message_start", "") + block("text") + words(0, " there")))
                .isEqualTo(words(0, " there"));
        assertThat(joined(seam, event("content_block_stop", ",'index':0"))).contains("'index':0");
        assertThat(joined(seam, event("content_block_start", ",'index':1,'content_block':{'type':'tool_use'}")))
                .contains("'index':1");
        assertThat(joined(seam, event("message_delta", ",'usage':{'output_tokens':5}")))
                .contains("'output_tokens':7");
    }

    @Test
    void anotherKindOfBlockClosesTheOpenOne() {
        Seam seam = seam(Surface.MESSAGES, event("message_start", ""), block("text"), words(0, "Hi"));
        assertThat(joined(seam, event("content_block_start", ",'index':0,'content_block':{'type':'tool_use'}")))
                .isEqualTo(event("content_block_stop", ",'index':0")
                        + event("content_block_start", ",'index':1,'content_block':{'type':'tool_use'}"));
        assertThat(joined(seam, words(0, "x"))).isEqualTo(words(1, "x"));
    }

    @Test
    void blocksThatAreNoPlainTextAreNotGoneOnWith() {
        String start = event("message_start", "");
        assertThat(List.of("tool_use", "thinking", "server_tool_use"))
                .allSatisfy(type -> assertThat(
                                seam(Surface.MESSAGES, start, block(type)).plain())
                        .isFalse());
        assertThat(seam(Surface.MESSAGES, start, block("text"), event("message_delta", ""))
                        .plain())
                .as("nearly over")
                .isFalse();
        assertThat(seam(Surface.MESSAGES, start, block("text"), block("text")).plain())
                .isFalse();
        assertThat(Seam.of(Surface.COMPLETIONS)).isNull();
    }
}
