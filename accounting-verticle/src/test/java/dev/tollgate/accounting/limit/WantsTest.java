package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Surface;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What makes a call dearer than its text. */
class WantsTest {
    private static final Quote QUOTE = new Quote(
            true,
            new Quote.Rates(2, 10),
            new Quote.Rates(3, 15),
            1_000,
            7,
            100,
            new Quote.Extras(1_000_000, 64, new Quote.Dear(new Quote.Rates(4, 20), new Quote.Rates(8, 30)), 128_000),
            "max_tokens");

    private static Wants wants(String body, String... members) {
        Envelope envelope = new Envelope(
                "m",
                null,
                1,
                true,
                false,
                false,
                null,
                0,
                null,
                List.of(),
                List.of(),
                List.of(members),
                Envelope.Overrides.NONE);
        return Wants.of(new Call("1", Surface.CHAT, Caller.ANYONE, envelope, Map.of(), Buffer.buffer(body), 0));
    }

    @Test
    void searchesAndSoundAreSeenInTheRequest() {
        assertThat(QUOTE.asked(wants("{}", "messages", "tools"))).isSameAs(QUOTE);
        assertThat(QUOTE.asked(wants("{}", "web_search_options")).fixedNanos()).isEqualTo(1_000_007);
        String tool = "{\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}]}";
        assertThat(wants(tool, "tools").searches()).isTrue();
        Quote sound = QUOTE.asked(wants("{}", "modalities", "audio"));
        assertThat(sound.plain()).isEqualTo(new Quote.Rates(2, 64));
        assertThat(sound.longPrompt()).isEqualTo(new Quote.Rates(3, 64));
    }

    @Test
    void aTierCostsMoreWhereTheAnswerMayComeInADearOne() {
        Quote dear = QUOTE.asked(wants("{\"x\":{\"service_tier\":1},\"service_tier\":\"priority\"}", "service_tier"));
        assertThat(dear.plain()).isEqualTo(new Quote.Rates(4, 20));
        assertThat(dear.longPrompt()).isEqualTo(new Quote.Rates(8, 30));
        for (String cheap : List.of("flex", "default", "scale", "other")) {
            assertThat(QUOTE.asked(wants("{\"service_tier\":\"" + cheap + "\"}", "service_tier")))
                    .as(cheap)
                    .isSameAs(QUOTE);
        }
        assertThat(wants("{\"service_tier\":\"auto\"}", "service_tier").dearTier())
                .isTrue();
        for (String both :
                List.of("\"flex\",\"x\":1,\"service_tier\":\"auto\"", "\"priority\",\"service_tier\":\"flex\"")) {
            assertThat(wants("{\"service_tier\":" + both + "}", "service_tier").dearTier())
                    .as("nobody knows which of them counts")
                    .isTrue();
        }
        assertThat(wants("{\"service_tier\":null}", "service_tier").dearTier()).isFalse();
        assertThat(wants("{\"service_tier\":", "service_tier").dearTier()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"text\":\"Hello\"} | 128000 | 16",
                "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x\"}} | 128000 | 50052",
                "{\"type\":\"document\",\"source\":{\"type\":\"url\",\"url\":\"https://x\"}} | 128000 | 128000",
                "{\"type\":\"document\",\"source\":{\"type\":\"url\",\"url\":\"https://x\"}} | 0 | 25061",
                "{\"type\":\"document\",\"source\":{\"type\":\"base64\",\"data\":\"xxx\"}} | 128000 | 25059",
                "{\"type\":\"file\",\"file\":{\"file_id\":\"f1\"}} | 200000 | 200000",
            })
    void aDocumentGivenByItsAddressMayFillTheModelsContext(String body, long mostInput, long tokens) {
        assertThat(PromptBound.of(Buffer.buffer(body)).tokens(mostInput)).isEqualTo(tokens);
    }
}
