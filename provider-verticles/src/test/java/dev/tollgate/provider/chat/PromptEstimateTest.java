package dev.tollgate.provider.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PromptEstimateTest {

    @Test
    void textCountsByItsAlphabet() {
        assertThat(PromptEstimate.text("")).isZero();
        assertThat(PromptEstimate.text("a")).isOne();
        assertThat(PromptEstimate.text("eight ch")).isEqualTo(2);
        assertThat(PromptEstimate.text("Привет, мир")).isEqualTo(5);
        assertThat(PromptEstimate.text("世界你好")).isEqualTo(4);
    }

    @Test
    void everyPartOfAPromptCounts() {
        assertThat(tokens()).isEqualTo(6);
        assertThat(tokens(new Part.Text("eight ch"))).isEqualTo(8);
        assertThat(tokens(new Part.Image(null, "image/png", "AAAA", null, null)))
                .isEqualTo(256);
        assertThat(tokens(new Part.ToolCall("id", "tool", "{\"a\":12}", null))).isEqualTo(9);
        assertThat(tokens(new Part.ToolResult("id", List.of(new Part.Text("eight ch")), false, null)))
                .isEqualTo(8);
        assertThat(tokens(new Part.Document("d", null, "application/pdf", "A".repeat(100_000), null, null)))
                .as("a page of a PDF")
                .isEqualTo(2506);
        assertThat(tokens(new Part.Audio("mp3", "A".repeat(12_000))))
                .as("a second of speech")
                .isEqualTo(36);
    }

    private static int tokens(Part... parts) {
        ChatRequest.Sampling sampling = new ChatRequest.Sampling(null, null, null, null, null, null, null, List.of());
        return PromptEstimate.tokens(new ChatRequest(
                List.of(new Message(Message.Role.USER, List.of(parts), null)),
                List.of(),
                null,
                null,
                sampling,
                null,
                null,
                null,
                false,
                null,
                Map.of()));
    }
}
