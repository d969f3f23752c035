package dev.tollgate.cluster.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.cluster.Letter;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Span;
import dev.tollgate.protocol.StreamFrame;
import dev.tollgate.protocol.StreamRef;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class CodecTest {
    private static final StreamRef REF = new StreamRef("leg-1");
    private static final Buffer BODY = Buffer.buffer("{\"model\":\"gpt\",\"stream\":true,\"messages\":[]}");
    private static final Envelope ENVELOPE = new Envelope(
            "gpt",
            new Span(9, 14),
            1,
            true,
            true,
            true,
            new Span(20, 40),
            5,
            2,
            "u",
            List.of("a", "b"),
            List.of(new Span(3, 4), new Span(5, 6)),
            List.of("model", "stream"),
            new Envelope.Overrides(
                    1,
                    Duration.ofSeconds(1),
                    null,
                    List.of("x"),
                    true,
                    new Envelope.Special(null, List.of("y"), Envelope.Rehearsal.RATE_LIMIT, "m", 3)),
            new Envelope.Marks("s", null, "curl"));
    private static final Answer.Whole WHOLE = new Answer.Whole(
            201,
            Map.of("llm_provider-x", "1"),
            Buffer.buffer("{\"a\":1}"),
            new Usage(1, 2, 3, 4, 5, 6, 7, 8, 9, true),
            "gpt-4o-2024",
            null);
    private static final Answer.Refused REFUSED = new Answer.Refused(
            new Failure(FailureKind.RATE_LIMIT, 429, "slow", "openai", "p", "c", "t", Duration.ofSeconds(3)),
            null,
            new Usage(4, 0, 0, 0, 0, 0, 0, 0, 0, false));
    private static final List<StreamFrame> FRAMES = List.of(
            new StreamFrame.Chunk(5, Buffer.buffer("aa")),
            new StreamFrame.Chunk(6, Buffer.buffer("bbb")),
            new StreamFrame.End(7, Buffer.buffer("[DONE]"), new Usage(1, 0, 0, 0, 0, 0, 0, 0, 0, true), "m"));
    private static final List<StreamFrame> BROKEN =
            List.of(new StreamFrame.Broken(5, Failure.of(FailureKind.TIMEOUT, "late"), Usage.NONE));
    private static final List<StreamFrame> CANCELLED =
            List.of(new StreamFrame.Cancelled(0, new Usage(0, 0, 0, 0, 0, 2, 0, 0, 0, false)));

    private static Attempt attempt(Caller caller, long started) {
        Call call = new Call("call-1", Surface.CHAT, caller, ENVELOPE, Map.of("anthropic-beta", "z"), BODY, started);
        return new Attempt(
                "leg-1", call, "dep-1", "gpt-4o", "gpt", Duration.ofSeconds(30), Duration.ofSeconds(20), 0.5);
    }

    private static Letter golden(String name) throws IOException {
        Properties letters = new Properties();
        try (InputStream in = CodecTest.class.getResourceAsStream("letters-1.properties")) {
            letters.load(in);
        }
        return Letter.decode(Buffer.buffer(Base64.getDecoder().decode(letters.getProperty(name))));
    }

    private static JsonObject head(String what) {
        return new JsonObject()
                .put(Topics.WHAT, what)
                .put(Topics.FROM, "node-a")
                .put(Topics.LANE, 1)
                .put(Topics.NUMBER, 17);
    }

    private static Attempt read(Letter letter) {
        return AttemptCodec.read(letter.members(), letter.bytes(), "leg-1");
    }

    private static Attempt timeless(Attempt read) {
        Call call = read.call();
        return new Attempt(
                read.leg(),
                new Call(call.id(), call.surface(), call.caller(), call.envelope(), call.headers(), call.body(), 0),
                read.deploymentId(),
                read.upstreamModel(),
                read.requestedModel(),
                read.timeout(),
                read.firstContent(),
                read.minStreamRate());
    }

    @Test
    void lettersOfTheFirstReleaseAreReadAsTheyWereMeant() throws IOException {
        assertThat(timeless(read(golden("attempt")))).isEqualTo(attempt(Caller.ANYONE, 0));
        assertThat(AnswerCodec.read(golden("whole").members(), golden("whole").bytes(), REF))
                .isEqualTo(WHOLE);
        assertThat(AnswerCodec.read(golden("streaming").members(), Buffer.buffer(), REF))
                .isEqualTo(new Answer.Streaming(Map.of(), REF, null, true));
        assertThat(AnswerCodec.read(golden("refused").members(), Buffer.buffer(), REF))
                .isEqualTo(REFUSED);
        assertThat(FrameCodec.read(golden("frames").members(), golden("frames").bytes()))
                .isEqualTo(FRAMES);
        assertThat(FrameCodec.read(golden("broken").members(), Buffer.buffer())).isEqualTo(BROKEN);
        assertThat(FrameCodec.read(golden("cancelled").members(), Buffer.buffer()))
                .isEqualTo(CANCELLED);
    }

    /** What is new may be added; what nodes of the first release need must stay as it is. */
    @Test
    void whatIsWrittenTodayIsWhatTheFirstReleaseReads() throws IOException {
        Caller caller = Caller.ofKey("a-key-hash", List.of());
        assertThat(AttemptCodec.write(attempt(caller, 99), head("attempt").put("provider", "openai")))
                .isEqualTo(golden("attempt").members());
        assertThat(AnswerCodec.write(WHOLE, head("answer")))
                .isEqualTo(golden("whole").members());
        assertThat(AnswerCodec.write(new Answer.Streaming(Map.of(), REF, null, true), head("answer")))
                .isEqualTo(golden("streaming").members());
        assertThat(AnswerCodec.write(REFUSED, head("answer")))
                .isEqualTo(golden("refused").members());
        assertThat(FrameCodec.write(FRAMES, head("frames")))
                .isEqualTo(golden("frames").members());
        assertThat(FrameCodec.bytes(FRAMES)).isEqualTo(golden("frames").bytes());
        assertThat(FrameCodec.write(BROKEN, head("frames")))
                .isEqualTo(golden("broken").members());
        assertThat(FrameCodec.write(CANCELLED, head("frames")))
                .isEqualTo(golden("cancelled").members());
    }

    @Test
    void membersThatAreNotKnownAreLeftUnread() throws IOException {
        Letter letter = golden("attempt");
        letter.members().put("of_the_future", new JsonObject());
        letter.members().getJsonObject("envelope").put("dreams", 7);
        assertThat(timeless(read(letter))).isEqualTo(attempt(Caller.ANYONE, 0));

        JsonObject refused = golden("refused").members();
        refused.getJsonObject("failure").put("kind", "TIRED").put("status", 503);
        assertThat(AnswerCodec.read(refused, Buffer.buffer(), REF))
                .isInstanceOfSatisfying(Answer.Refused.class, answer -> {
                    assertThat(answer.failure().kind()).isEqualTo(FailureKind.OVERLOADED);
                    assertThat(answer.failure().status()).isEqualTo(503);
                });
    }

    @Test
    void whatCannotBeUnderstoodIsSaid() throws IOException {
        Letter attempt = golden("attempt");
        attempt.members().put("surface", "DREAMS");
        assertThatThrownBy(() -> read(attempt)).hasMessageContaining("does not know the API DREAMS");
        JsonObject answer = golden("whole").members().put("kind", "song");
        assertThatThrownBy(() -> AnswerCodec.read(answer, Buffer.buffer(), REF)).hasMessageContaining("unknown kind");
        JsonObject frames = golden("frames").members();
        assertThatThrownBy(() -> FrameCodec.read(frames, Buffer.buffer("aab"))).isInstanceOf(RuntimeException.class);
    }

    @Test
    void plainAttemptsTakeLittleRoom() {
        Envelope plain = new Envelope(
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
                List.of(),
                Envelope.Overrides.NONE);
        Call call = new Call("c", Surface.EMBEDDINGS, Caller.ANYONE, plain, Map.of(), BODY, 0);
        Attempt attempt = new Attempt(call, "d", "u", "m", Duration.ofSeconds(9));
        JsonObject members = AttemptCodec.write(attempt, new JsonObject());

        assertThat(members.encode().length()).isLessThan(220);
        assertThat(timeless(AttemptCodec.read(members, BODY, "c"))).isEqualTo(attempt);
    }

    @Test
    void tokensOfPicturesTravelWhereThereAreAny() {
        for (Usage usage : List.of(
                Usage.of(300, 1_300).withPictures(258, 1_290).in(ServiceTier.FLEX),
                Usage.of(300, 1_300).withPictures(0, 1_290),
                Usage.of(300, 1_300).withPictures(258, 0))) {
            JsonObject members = new JsonObject();
            AnswerCodec.usage(usage, members);
            assertThat(AnswerCodec.usage(new JsonObject(members.encode()))).isEqualTo(usage);
            assertThat(members.getJsonObject("usage").containsKey("image_prompt"))
                    .isEqualTo(usage.imagePrompt() > 0);
            assertThat(members.getJsonObject("usage").containsKey("image_completion"))
                    .isEqualTo(usage.imageCompletion() > 0);
        }
    }

    @Test
    void theServiceTierTravels() {
        for (ServiceTier tier : ServiceTier.values()) {
            Usage usage = Usage.of(1, 2).in(tier);
            JsonObject members = new JsonObject();
            AnswerCodec.usage(usage, members);
            assertThat(AnswerCodec.usage(new JsonObject(members.encode()))).isEqualTo(usage);
        }
    }
}
