package dev.tollgate.provider.dialect.echo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ChatResponse;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.PromptEstimate;
import dev.tollgate.provider.dialect.openai.OpenAiChatWire;
import dev.tollgate.provider.wire.Json;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A limit to what may be generated holds for the built-in model, too: a budget may have set it. */
class EchoModelTest {
    private static ChatRequest request(String said, String limit) {
        return new OpenAiChatWire(InstantSource.system())
                .read(Json.readObject(Buffer.buffer("{\"model\":\"echo\"," + limit
                        + "\"messages\":[{\"role\":\"user\",\"content\":\"" + said + "\"}]}")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                        | echo: one two three four | STOP",
                "'\"max_tokens\":6,'       | echo: one two three four | STOP",
                "'\"max_tokens\":3,'       | echo: one tw             | LENGTH",
                "'\"max_completion_tokens\":1,' | echo                | LENGTH",
            })
    void anEchoIsNoLongerThanItMayBe(String limit, String text, FinishReason why) {
        ChatRequest request = request("one two three four", limit);
        EchoModel model = new EchoModel("echo", null);
        ChatResponse.Choice choice = model.answer(request).choices().getFirst();
        assertThat(choice.content()).containsExactly(new Part.Text(text));
        assertThat(choice.finish()).isEqualTo(why);
        assertThat(model.answer(request).usage().completion()).isEqualTo(PromptEstimate.text(text));
        var events = model.stream(request);
        assertThat(events.stream()
                        .filter(ChatEvent.Text.class::isInstance)
                        .map(each -> ((ChatEvent.Text) each).text())
                        .collect(Collectors.joining()))
                .isEqualTo(text);
        assertThat(events).contains(new ChatEvent.Finish(0, why, null));
    }

    @Test
    void noCharacterIsCutInTwo() {
        ChatResponse.Choice choice = new EchoModel("echo", null)
                .answer(request("😀😀", "\"max_tokens\":3,"))
                .choices()
                .getFirst();
        assertThat(choice.content()).containsExactly(new Part.Text("echo: "));
    }

    @Test
    void aMadeUpAnswerIsSaidAsItStands() {
        ChatResponse.Choice choice = new EchoModel("echo", "a made-up answer of some length")
                .answer(request("x", "\"max_tokens\":1,"))
                .choices()
                .getFirst();
        assertThat(choice.finish()).isEqualTo(FinishReason.STOP);
        assertThat(choice.content()).containsExactly(new Part.Text("a made-up answer of some length"));
    }
}
