package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.QueryResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What {@code POST /route/explain} says. */
class ExplainingTest {

    private static Deployment in(String group, String id) {
        return Fixtures.in(group, id, Deployment.Routing.NONE);
    }

    private static JsonObject explained(Rig rig, Call call) {
        QueryResult result = rig.router.explain(call).result();
        assertThat(result.failure()).isNull();
        return result.json().toJsonObject();
    }

    private static Call call(String model, List<String> allowed, String... tags) {
        return Fixtures.call(model, false, Envelope.Overrides.NONE, allowed, List.of(tags));
    }

    private static JsonObject member(JsonObject explained, int group, int member) {
        return explained
                .getJsonArray("groups")
                .getJsonObject(group)
                .getJsonArray("deployments")
                .getJsonObject(member);
    }

    private static List<String> groups(JsonObject explained) {
        return explained.getJsonArray("groups").stream()
                .map(each -> ((JsonObject) each).getString("group"))
                .toList();
    }

    @Test
    void tellsScoreAndChanceOfEachCandidateAndCountsNothing() {
        Rig rig = new Rig(
                Fixtures.settings("least-busy", 3, Map.of()), in("group", "a"), in("group", "b"), in("group", "c"));
        rig.board.load("a").began(rig.now);
        JsonObject told = explained(rig, call("group", List.of()));
        assertThat(member(told, 0, 0).getDouble("score")).isEqualTo(1);
        assertThat(member(told, 0, 0).getDouble("chance")).isZero();
        assertThat(member(told, 0, 1).getDouble("chance")).isCloseTo(0.5, within(1e-9));
        assertThat(member(told, 0, 1).getInteger("num_retries")).isEqualTo(3);
        assertThat(member(told, 0, 1).getDouble("timeout_seconds")).isEqualTo(6000);
        assertThat(rig.providers.asked).isEmpty();
        assertThat(rig.board.load("b").begunThisMinute(rig.now)).isZero();
    }

    @Test
    void aGroupIsEnteredOnceByWhateverName() {
        Map<String, List<String>> fallbacks = Map.of("short", List.of("other", "group", "spare"));
        Rig rig = new Rig(Fixtures.settings("simple-shuffle", 0, Map.of()), in("group", "a"), in("spare", "s"));
        rig.aliases = Map.of("short", "group", "other", "group");
        rig.configure(Fixtures.settings("simple-shuffle", 0, fallbacks), in("group", "a"), in("spare", "s"));
        Call call = call("short", List.of());
        assertThat(groups(explained(rig, call))).containsExactly("group", "spare");
        rig.providers.fails("a", Rig.failure(FailureKind.UPSTREAM_ERROR));
        Answer answer = rig.router.route(call).result();
        assertThat(rig.providers.asked).containsExactly("a", "s");
        assertThat(answer.route().fallbacks()).isOne();
    }

    private static Deployment roomy(String group, String id, long tokens) {
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
                        new Deployment.Fit(null, tokens, null, List.of())));
    }

    private static List<?> list(JsonObject explained, int group, String name) {
        return explained
                .getJsonArray("groups")
                .getJsonObject(group)
                .getJsonArray(name)
                .getList();
    }

    @Test
    void aPromptThatIsTooLongForAGroupGoesToTheContextWindowFallbacks() {
        RouterSettings.Choosing checks =
                new RouterSettings.Choosing(true, false, Set.of(), Map.of(), false, Map.of(), null, false);
        RouterSettings settings = Fixtures.contextFallbacks(
                Fixtures.with(
                        Fixtures.settings("simple-shuffle", 0, Map.of()), checks, Map.of("group", List.of("plain"))),
                Map.of("*", List.of("long")));
        Rig rig = new Rig(settings, roomy("group", "a", 10), roomy("plain", "p", 10), roomy("long", "l", 9_000));
        String body =
                "{\"model\":\"group\",\"messages\":[{\"role\":\"user\",\"content\":\"" + "word ".repeat(500) + "\"}]}";
        Call call = call("group", List.of());
        Call wordy = call.with(call.envelope(), Buffer.buffer(body));
        JsonObject told = explained(rig, wordy);
        assertThat(groups(told)).containsExactly("group", "long");
        assertThat(list(told, 0, "fallbacks")).isEqualTo(List.of("long"));
        assertThat(list(told, 0, "context_window_fallbacks")).as("by the star").isEqualTo(List.of("long"));
        assertThat(rig.router.route(wordy).result().route().modelGroup())
                .as("what really happens")
                .isEqualTo("long");
        assertThat(groups(explained(rig, call))).as("one that fits").containsExactly("group", "plain");
    }

    @Test
    void theBodysOwnContextWindowFallbacksAreTold() {
        Rig rig = new Rig(
                Fixtures.contextFallbacks(
                        Fixtures.settings("simple-shuffle", 0, Map.of()), Map.of("group", List.of("configured"))),
                in("group", "a"));
        Envelope.Special special = new Envelope.Special(List.of("own"), null, null, null, null);
        Envelope.Overrides asked = new Envelope.Overrides(null, null, null, null, false, special);
        JsonObject told = explained(rig, Fixtures.call("group", false, asked, List.of(), List.of()));
        assertThat(list(told, 0, "context_window_fallbacks")).isEqualTo(List.of("own"));
    }

    @Test
    void tagsThatLeadNowhereEndTheCall() {
        RouterSettings settings = Fixtures.settings(
                "simple-shuffle",
                0,
                Map.of("group", List.of("spare")),
                new RouterSettings.Tags(true, true, ""),
                Map.of(),
                Map.of());
        Rig rig = new Rig(settings, Fixtures.tagged("a", "us"), in("spare", "s"));
        Call call = call("group", List.of(), "eu");
        assertThat(groups(explained(rig, call))).containsExactly("group");
        assertThat(Rig.refusal(rig.router.route(call).result()).status())
                .as("what really happens")
                .isEqualTo(401);
        assertThat(rig.providers.asked).isEmpty();
    }

    @Test
    void tellsWhyEachOtherIsNotChosen() {
        RouterSettings settings = Fixtures.with(
                Fixtures.settings(
                        "usage-based-routing-v2",
                        0,
                        Map.of(),
                        new RouterSettings.Tags(true, true, ""),
                        Map.of(),
                        Map.of()),
                new RouterSettings.Choosing(false, false, Set.of(), Map.of(), false, Map.of(), 1, false),
                Map.of());
        List<String> eu = List.of("eu");
        Rig rig = new Rig(
                settings,
                Fixtures.in("group", "cooling", routing(null, null, null, eu)),
                Fixtures.in("group", "requests", routing(1L, null, null, eu)),
                Fixtures.in("group", "tokens", routing(null, 10L, null, eu)),
                Fixtures.in("group", "busy", routing(null, null, null, eu)),
                Fixtures.in("group", "second", routing(null, null, 2, eu)),
                Fixtures.in("group", "elsewhere", routing(null, null, null, List.of("us"))),
                Fixtures.in("group", "first", routing(null, null, 1, eu)));
        rig.board.cool("cooling", rig.now + 2500);
        rig.board.load("requests").began(rig.now);
        rig.board.load("requests").ended();
        rig.board.load("tokens").used(rig.now, 10);
        rig.board.load("busy").began(rig.now);
        JsonObject told = explained(rig, call("group", List.of(), "eu"));
        List<String> verdicts = told.getJsonArray("groups").getJsonObject(0).getJsonArray("deployments").stream()
                .map(each -> ((JsonObject) each).getString("verdict"))
                .toList();
        assertThat(verdicts)
                .containsExactly("cooling", "over_rpm", "over_tpm", "busy", "higher_order", "tags", "candidate");
        assertThat(member(told, 0, 0).getDouble("cooling_seconds")).isEqualTo(2.5);
        assertThat(member(told, 0, 6).getDouble("chance")).isEqualTo(1);
    }

    private static Deployment.Routing routing(Long rpm, Long tpm, Integer order, List<String> tags) {
        return new Deployment.Routing(null, rpm, tpm, order, null, null, null, null, tags);
    }

    @Test
    void walksTheFallbacksInTheOrderInWhichTheyWouldBeEntered() {
        Rig rig = new Rig(
                Fixtures.settings(
                        "simple-shuffle",
                        0,
                        Map.of("a", List.of("b", "c", "gone"), "b", List.of("d", "a"), "c", List.of("e"))),
                in("a", "1"),
                in("b", "2"),
                in("c", "3"),
                in("d", "4"),
                in("e", "5"));
        for (String id : List.of("1", "2", "3", "4", "5")) {
            rig.providers.fails(id, Rig.failure(dev.tollgate.protocol.FailureKind.CONNECTION));
        }
        assertThat(groups(explained(rig, call("a", List.of())))).containsExactly("a", "b", "d", "c", "e");
        rig.router.route(call("a", List.of()));
        assertThat(rig.providers.asked).as("what really happens").containsExactly("1", "2", "4", "3", "5");
        assertThat(groups(explained(rig, call("a", List.of("a", "c")))))
                .as("a key's own models")
                .containsExactly("a", "c");
    }

    @Test
    void refusesWhatTheCallItselfWouldBeRefused() {
        Rig rig = new Rig(Fixtures.settings("simple-shuffle", 0, Map.of()), in("a", "1"));
        assertThat(rig.router
                        .explain(call("a", List.of("b")))
                        .result()
                        .failure()
                        .status())
                .isEqualTo(403);
        assertThat(rig.router
                        .explain(call("nope", List.of()))
                        .result()
                        .failure()
                        .status())
                .isEqualTo(400);
        rig.board.cool("1", rig.now + 3000);
        JsonObject refusal = explained(rig, call("a", List.of()))
                .getJsonArray("groups")
                .getJsonObject(0)
                .getJsonObject("refusal");
        assertThat(refusal.getInteger("status")).isEqualTo(429);
        assertThat(refusal.getString("message")).contains("3 seconds");
    }

    @Test
    void theStoryOfACallTellsWhatChoseEachAttemptAndHowLongItWaited() {
        Rig rig = new Rig(Fixtures.settings("simple-shuffle", 2, Map.of()), in("group", "a"));
        rig.providers.fails(
                "a", Rig.failure(dev.tollgate.protocol.FailureKind.RATE_LIMIT).withRetryAfter(Duration.ofSeconds(2)));
        var attempts = rig.route().route().attempts();
        assertThat(attempts).hasSize(2);
        assertThat(attempts.getFirst().waitedMillis()).isZero();
        assertThat(attempts.getFirst().failure()).isEqualTo(dev.tollgate.protocol.FailureKind.RATE_LIMIT);
        assertThat(attempts.getLast().waitedMillis()).isEqualTo(2000);
        assertThat(attempts.getLast().chosenBy()).isEqualTo("only");
        assertThat(attempts.getLast().full()).contains("group/a=200", "test/model-a", "after a wait of 2000 ms");
    }
}
