package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.FactsAnswer;
import dev.tollgate.protocol.FactsQuestion;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Surface;
import io.vertx.core.buffer.Buffer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code enable_pre_call_checks}. */
class AdmissionTest {
    private static final RouterSettings.Choosing ON =
            new RouterSettings.Choosing(true, false, Set.of(), Map.of(), false, Map.of(), null, false);

    private static Deployment fit(String group, String id, @Nullable Long tokens, @Nullable String region) {
        return Fixtures.in(
                group,
                id,
                new Deployment.Routing(
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        List.of(),
                        new Deployment.Fit(null, tokens, region, List.of())));
    }

    private static Call saying(String text, @Nullable String region) {
        Envelope envelope = new Envelope(
                "group",
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
                Envelope.Overrides.NONE,
                new Envelope.Marks(null, region, null));
        String body = "{\"model\":\"group\",\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}";
        return new Call("call", Surface.CHAT, Caller.ANYONE, envelope, Map.of(), Buffer.buffer(body), 0);
    }

    private static Answer asked(Rig rig, Call call) {
        return rig.router.route(call).result();
    }

    private static final String LONG = "word ".repeat(500);

    @Test
    void aPromptGoesOnlyWhereItFitsAndIsCountedOnlyWhenItsBytesDoNotSettleIt() {
        Rig rig = new Rig(
                Fixtures.choosing("simple-shuffle", ON),
                fit("group", "small", 200L, null),
                fit("group", "big", 4000L, null));
        for (int i = 0; i < 40; i++) {
            asked(rig, saying("short", null));
        }
        assertThat(rig.providers.asked).contains("small", "big");
        assertThat(rig.counted).isZero();
        rig.providers.asked.clear();
        for (int i = 0; i < 40; i++) {
            asked(rig, saying(LONG, null));
        }
        assertThat(rig.providers.asked).containsOnly("big");
        assertThat(rig.counted).isEqualTo(40);
        rig.providers.asked.clear();
        for (int i = 0; i < 40; i++) {
            asked(rig, saying("x".repeat(400), null));
        }
        assertThat(rig.providers.asked).as("many bytes but few tokens").contains("small", "big");
    }

    @Test
    void aPromptThatFitsNowhereIs400AndMayUseTheContextWindowFallbacks() {
        Deployment small = fit("group", "small", 100L, null);
        RouterSettings plain = Fixtures.choosing("simple-shuffle", ON);
        Rig rig = new Rig(plain, small, fit("group", "other", 90L, null));
        Failure failure = Rig.refusal(asked(rig, saying(LONG, null)));
        assertThat(failure.kind()).isEqualTo(FailureKind.CONTEXT_WINDOW);
        assertThat(failure.status()).isEqualTo(400);
        assertThat(failure.message()).contains("100 tokens", "50");
        assertThat(rig.providers.asked).isEmpty();

        rig.configure(
                Fixtures.contextFallbacks(plain, Map.of("group", List.of("long"))),
                small,
                fit("long", "roomy", 9000L, null));
        assertThat(asked(rig, saying(LONG, null)).route().modelGroup()).isEqualTo("long");
        assertThat(rig.providers.asked).containsExactly("roomy");
    }

    @Test
    void aRegionMustBeThatOfTheDeployment() {
        Rig rig = new Rig(
                Fixtures.choosing("simple-shuffle", ON),
                fit("group", "us", null, "us"),
                fit("group", "eu", null, "eu"),
                fit("group", "unknown", null, null));
        for (int i = 0; i < 40; i++) {
            asked(rig, saying("hi", "eu"));
        }
        assertThat(rig.providers.asked).containsOnly("eu");
        assertThat(Rig.refusal(asked(rig, saying("hi", "mars"))).status()).isEqualTo(429);
        assertThat(asked(rig, saying("hi", "eu")).route().onlyOne()).isTrue();
        assertThat(asked(rig, saying("hi", null)).route().onlyOne()).isFalse();
    }

    @Test
    void limitsAndPricesThatTheConfigurationDoesNotNameComeFromThePriceList() {
        FactsQuestion.Model a = new FactsQuestion.Model("a", "model-a");
        FactsQuestion.Model b = new FactsQuestion.Model("b", "model-b");
        Map<FactsQuestion.Model, FactsAnswer.Facts> facts = Map.of(
                a, new FactsAnswer.Facts(100, new BigDecimal("0.1"), new BigDecimal("0.1"), Set.of()),
                b, new FactsAnswer.Facts(9000, new BigDecimal("0.2"), new BigDecimal("0.2"), Set.of()));
        Rig rig = new Rig(Fixtures.choosing("cost-based-routing", ON));
        rig.providers.facts = facts;
        rig.configure(
                Fixtures.choosing("cost-based-routing", ON),
                fit("group", "a", null, null),
                fit("group", "b", null, null));
        assertThat(asked(rig, saying("hi", null)).route().deploymentId())
                .as("the cheaper one")
                .isEqualTo("a");
        assertThat(asked(rig, saying(LONG, null)).route().deploymentId())
                .as("the longer one")
                .isEqualTo("b");
        rig.configure(
                Fixtures.choosing("cost-based-routing", ON),
                fit("group", "a", 9999L, null),
                fit("group", "b", null, null));
        assertThat(asked(rig, saying(LONG, null)).route().deploymentId())
                .as("own limit first")
                .isEqualTo("a");
    }

    private static Call bringing(List<String> present, String body) {
        Envelope envelope = new Envelope(
                "group",
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
                present,
                Envelope.Overrides.NONE);
        return new Call("call", Surface.CHAT, Caller.ANYONE, envelope, Map.of(), Buffer.buffer(body), 0);
    }

    private static final String SEES = "{\"messages\":[{\"content\":[{\"type\":\"image_url\"}]}]}";
    private static final String KEEPS = "{\"response_format\":{\"type\":\"json_schema\"}}";

    @Test
    void aCallGoesWhereItsToolsSchemaAndPicturesAreTaken() {
        RouterSettings settings = Fixtures.choosing("simple-shuffle", ON);
        Rig rig = new Rig(settings);
        rig.providers.facts = Map.of(
                new FactsQuestion.Model("plain", "model-plain"),
                new FactsAnswer.Facts(0, null, null, Set.of("supports_system_messages")),
                new FactsQuestion.Model("able", "model-able"),
                new FactsAnswer.Facts(
                        0,
                        null,
                        null,
                        Set.of("supports_function_calling", "supports_vision", "supports_response_schema")));
        rig.configure(settings, fit("group", "plain", null, null), fit("group", "able", null, null));
        for (Call call : List.of(
                bringing(List.of("messages", "tools"), "{}"),
                bringing(List.of("messages"), SEES),
                bringing(List.of("messages", "response_format"), KEEPS))) {
            rig.providers.asked.clear();
            for (int i = 0; i < 40; i++) {
                asked(rig, call);
            }
            assertThat(rig.providers.asked).as("%s", call.body()).containsOnly("able");
        }
        rig.providers.asked.clear();
        for (int i = 0; i < 40; i++) {
            asked(rig, bringing(List.of("messages", "response_format"), "{\"response_format\":{\"type\":\"text\"}}"));
        }
        assertThat(rig.providers.asked).contains("plain", "able");
        rig.configure(settings, fit("group", "plain", null, null));
        assertThat(asked(rig, bringing(List.of("tools"), "{}")).route().deploymentId())
                .as("the list may be old: the only one is asked")
                .isEqualTo("plain");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"messages\":[{\"role\":\"user\",\"content\":\"hello world\"}]} | 6",
                "{\"model\":\"hello world\",\"messages\":[]} | 0",
                "{\"prompt\":\"hello world\"} | 2",
                "{\"input\":[\"hello world\",\"hello world\"]} | 4",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"image_url\":{\"url\":\"data:AAAABBBBCCCC\"}}]}]} | 4",
                "[] | 0"
            })
    void tokensAreThoseOfTheTextsOfThePrompt(String body, int tokens) {
        assertThat(new PromptTokens().of(body.getBytes(StandardCharsets.UTF_8))).isEqualTo(tokens);
    }

    @ParameterizedTest
    @EnumSource(
            value = Surface.class,
            names = {"EMBEDDINGS", "COUNT_TOKENS"})
    void whatHasNoPromptOfOnePieceIsNotMeasured(Surface surface) {
        Rig rig = new Rig(Fixtures.choosing("simple-shuffle", ON), fit("group", "small", 200L, null));
        Call chat = saying(LONG, null);
        asked(rig, new Call("call", surface, Caller.ANYONE, chat.envelope(), Map.of(), chat.body(), 0));
        assertThat(rig.providers.asked).containsExactly("small");
        assertThat(rig.counted).isZero();
    }

    /** Nothing must be kept for a call that came to an end nobody had thought of. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDefectIsAnAnswerAndNothingIsKeptForTheCall(boolean fallback) {
        RouterSettings settings = Fixtures.choosing("simple-shuffle", ON);
        if (fallback) {
            settings = Fixtures.with(settings, ON, Map.of("group", List.of("other")));
        }
        Rig rig = new Rig(
                settings, fit("group", "small", fallback ? null : 200L, null), fit("other", "other", 200L, null));
        rig.providers.fails("small", Rig.failure(FailureKind.UPSTREAM_ERROR));
        rig.uncountable = new IllegalStateException("no encoding");

        Answer answer = asked(rig, saying(LONG, null));

        assertThat(Rig.refusal(answer).kind()).isEqualTo(FailureKind.INTERNAL);
        assertThat(answer.route()).isNotNull();
        assertThat(rig.providers.asked).hasSize(fallback ? 1 : 0);
        assertThat(rig.router.kept()).isZero();
    }
}
