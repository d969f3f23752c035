package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Begun;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Surface;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class RouterTest {
    private final Providers providers = new Providers();
    private final PlainBoard board = new PlainBoard();
    private final List<Duration> waits = new ArrayList<>();
    private long now = 1_000_000;
    private Function<Duration, Future<Void>> pause = _ -> Future.succeededFuture();

    private Router router(RouterSettings settings, Deployment... deployments) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        Router router = new Router(
                providers,
                board,
                random,
                () -> now,
                new Backoff(random),
                wait -> {
                    waits.add(wait);
                    return pause.apply(wait);
                },
                _ -> {},
                _ -> Future.succeededFuture(0));
        router.configure(new Snapshot(
                1,
                "test",
                new ModelTable(List.of(deployments), Map.of("alias", "a"), Set.of()),
                settings,
                GeneralSettings.DEFAULT,
                List.of()));
        return router;
    }

    private static RouterSettings settings(int retries, Map<String, List<String>> fallbacks) {
        return Fixtures.settings("simple-shuffle", retries, fallbacks);
    }

    private static Deployment of(String group, String id) {
        return Fixtures.in(group, id, Deployment.Routing.NONE);
    }

    private static Call call(String model, Envelope.Overrides overrides, List<String> allowed) {
        return Fixtures.call(model, false, overrides, allowed, List.of());
    }

    private Answer route(Router router, String model) {
        return router.route(call(model, Envelope.Overrides.NONE, List.of())).result();
    }

    private static Failure failure(FailureKind kind) {
        return Failure.upstream(kind, kind.status(), "test", "scripted " + kind);
    }

    @Test
    void answersFromTheOnlyDeploymentAndTellsHow() {
        Answer answer = route(router(settings(2, Map.of()), of("a", "a1")), "alias");
        assertThat(answer).isInstanceOf(Answer.Whole.class);
        assertThat(answer.route().modelGroup()).isEqualTo("a");
        assertThat(answer.route().story()).isEqualTo("a/a1=200");
        assertThat(answer.route().retries()).isZero();
    }

    @Test
    void retriesOnAnotherDeploymentAtOnce() {
        providers.fails("a1", failure(FailureKind.UPSTREAM_ERROR));
        providers.fails("a2", failure(FailureKind.UPSTREAM_ERROR));
        Answer answer = route(router(settings(2, Map.of()), of("a", "a1"), of("a", "a2"), of("a", "a3")), "a");
        assertThat(answer).isInstanceOf(Answer.Whole.class);
        assertThat(providers.asked).doesNotHaveDuplicates();
        assertThat(waits).containsOnly(Duration.ZERO);
    }

    private static Deployment ordered(String id, int order) {
        return Fixtures.in("a", id, new Deployment.Routing(null, null, null, order, null, null, null, null, List.of()));
    }

    @Test
    void accountingIsToldOfEachAttemptBeforeItIsMade() {
        providers.fails("a1", failure(FailureKind.UPSTREAM_ERROR));
        providers.fails("a2", failure(FailureKind.UPSTREAM_ERROR));
        route(router(settings(1, Map.of()), of("a", "a1"), of("a", "a2")), "a");
        assertThat(providers.begun)
                .extracting(Map.Entry::getKey, each -> each.getValue().deploymentId())
                .containsExactly(tuple(0, providers.asked.get(0)), tuple(1, providers.asked.get(1)));
        Begun first = providers.begun.getFirst().getValue();
        assertThat(first.group()).isEqualTo("a");
        assertThat(first.upstreamModel()).isEqualTo("model-" + first.deploymentId());
        assertThat(first.apiBase()).isEqualTo("http://" + first.deploymentId());
        assertThat(first.call().id()).isEqualTo("call");
    }

    @Test
    void countingTokensCostsNothingSoAccountingIsNotTold() {
        Call chat = call("a", Envelope.Overrides.NONE, List.of());
        router(settings(0, Map.of()), of("a", "a1"))
                .route(new Call(
                        "call", Surface.COUNT_TOKENS, chat.caller(), chat.envelope(), Map.of(), chat.body(), 0));
        assertThat(providers.asked).containsExactly("a1");
        assertThat(providers.begun).isEmpty();
    }

    @Test
    void aHigherOrderStandsInEvenWithoutRetries() {
        providers.fails("a1", failure(FailureKind.UPSTREAM_ERROR));
        Answer answer = route(router(settings(0, Map.of()), ordered("a1", 1), ordered("a2", 2)), "a");
        assertThat(answer).isInstanceOf(Answer.Whole.class);
        assertThat(providers.asked).containsExactly("a1", "a2");
    }

    @Test
    void aClientsOwnShortTimeoutSaysNothingAboutTheDeployment() {
        Router router = router(settings(0, Map.of()), of("a", "a1"), of("a", "a2"));
        Envelope.Overrides hasty = new Envelope.Overrides(null, Duration.ofMillis(100), null, null, false);
        for (int i = 0; i < 40; i++) {
            providers.fails("a1", failure(FailureKind.TIMEOUT));
            providers.fails("a2", failure(FailureKind.TIMEOUT));
            assertThat(router.route(call("a", hasty, List.of())).result()).isInstanceOf(Answer.Refused.class);
        }
        assertThat(board.cooled).isEmpty();
    }

    @Test
    void anUnknownModelBehindAWildcardDoesNotCoolTheWildcard() {
        Router router = router(settings(0, Map.of()), of("w/*", "w1"), of("w/*", "w2"));
        providers.fails("w1", failure(FailureKind.NOT_FOUND));
        providers.fails("w2", failure(FailureKind.NOT_FOUND));
        route(router, "w/nonsense");
        route(router, "w/nonsense");
        assertThat(board.cooled).isEmpty();
    }

    @Test
    void aClientThatHasGoneGetsNoSecondAttempt() {
        Promise<Void> waiting = Promise.promise();
        pause = _ -> waiting.future();
        providers.fails("a1", failure(FailureKind.UPSTREAM_ERROR));
        Router router = router(settings(3, Map.of("a", List.of("b"))), of("a", "a1"), of("b", "b1"));
        Future<Answer> answer = router.route(call("a", Envelope.Overrides.NONE, List.of()));
        assertThat(answer.isComplete()).isFalse();

        router.abandon("call");

        assertThat(((Answer.Refused) answer.result()).failure().kind()).isEqualTo(FailureKind.CLIENT_GONE);
        assertThat(providers.asked).containsExactly("a1");
    }

    @Test
    void waitsAsTheProviderAsksWhenItIsTheOnlyOne() {
        providers.fails("a1", failure(FailureKind.RATE_LIMIT).withRetryAfter(Duration.ofSeconds(2)));
        Answer answer = route(router(settings(1, Map.of()), of("a", "a1")), "a");
        assertThat(answer).isInstanceOf(Answer.Whole.class);
        assertThat(waits).containsExactly(Duration.ofSeconds(2));
        assertThat(board.cooled).isEmpty();
    }

    @Test
    void givesUpAfterTheAllowedRetriesWithTheLastFailure() {
        providers.fails("a1", failure(FailureKind.UPSTREAM_ERROR), failure(FailureKind.BAD_GATEWAY));
        Answer answer = route(router(settings(1, Map.of()), of("a", "a1")), "a");
        assertThat(((Answer.Refused) answer).failure().kind()).isEqualTo(FailureKind.BAD_GATEWAY);
        assertThat(answer.route().retries()).isEqualTo(1);
    }

    @Test
    void doesNotRetryWhatCanNeverWork() {
        providers.fails("a1", failure(FailureKind.BAD_REQUEST));
        route(router(settings(3, Map.of()), of("a", "a1"), of("a", "a2")), "a");
        assertThat(providers.asked).hasSize(1);
    }

    @Test
    void fallsBackThroughTheListInOrder() {
        providers.fails("a1", failure(FailureKind.CONNECTION));
        providers.fails("b1", failure(FailureKind.CONNECTION));
        Answer answer = route(
                router(settings(0, Map.of("a", List.of("b", "c"))), of("a", "a1"), of("b", "b1"), of("c", "c1")), "a");
        assertThat(answer).isInstanceOf(Answer.Whole.class);
        assertThat(answer.route().modelGroup()).isEqualTo("c");
        assertThat(answer.route().fallbacks()).isEqualTo(2);
        assertThat(answer.route().story()).isEqualTo("a/a1=500:CONNECTION > b/b1=500:CONNECTION > c/c1=200");
    }

    @Test
    void aCycleOfFallbacksEnds() {
        providers.fails("a1", failure(FailureKind.CONNECTION));
        providers.fails("b1", failure(FailureKind.CONNECTION));
        Answer answer = route(
                router(settings(0, Map.of("a", List.of("b"), "b", List.of("a"))), of("a", "a1"), of("b", "b1")), "a");
        assertThat(answer).isInstanceOf(Answer.Refused.class);
        assertThat(providers.asked).containsExactly("a1", "b1");
    }

    @Test
    void aFallbackThatCannotBeEnteredTakesNoRetriesAway() {
        for (List<String> fallbacks : List.of(List.of("alias"), List.of("nobody"), List.of("alias", "b"))) {
            providers.asked.clear();
            providers.failures.clear();
            Failure limit = failure(FailureKind.RATE_LIMIT);
            providers.fails("a1", limit, limit, limit);
            route(router(settings(2, Map.of("a", fallbacks)), of("a", "a1"), of("b", "b1")), "a");
            assertThat(providers.asked)
                    .isEqualTo(fallbacks.contains("b") ? List.of("a1", "b1") : List.of("a1", "a1", "a1"));
        }
    }

    @Test
    void aFallbackDoesNotWidenTheKey() {
        providers.fails("a1", failure(FailureKind.CONNECTION));
        Router router = router(settings(0, Map.of("a", List.of("b"))), of("a", "a1"), of("b", "b1"));
        Answer answer =
                router.route(call("a", Envelope.Overrides.NONE, List.of("a"))).result();
        assertThat(answer).isInstanceOf(Answer.Refused.class);
        assertThat(providers.asked).containsExactly("a1");
    }

    @Test
    void refusesModelsTheKeyMayNotUse() {
        Router router = router(settings(0, Map.of()), of("a", "a1"));
        Answer answer =
                router.route(call("a", Envelope.Overrides.NONE, List.of("b"))).result();
        assertThat(((Answer.Refused) answer).failure().status()).isEqualTo(403);
    }

    @Test
    void theClientsOwnFallbacksWinAndCanBeSwitchedOff() {
        providers.fails("a1", failure(FailureKind.CONNECTION), failure(FailureKind.CONNECTION));
        Router router = router(settings(0, Map.of("a", List.of("b"))), of("a", "a1"), of("b", "b1"), of("c", "c1"));
        Envelope.Overrides own = new Envelope.Overrides(null, null, null, List.of("c"), false);
        assertThat(router.route(call("a", own, List.of())).result().route().modelGroup())
                .isEqualTo("c");
        Envelope.Overrides off = new Envelope.Overrides(null, null, null, null, true);
        assertThat(router.route(call("a", off, List.of())).result()).isInstanceOf(Answer.Refused.class);
    }

    @Test
    void theClientSaysHowManyFallbacksItWants() {
        for (int most = 0; most <= 3; most++) {
            providers.asked.clear();
            for (String id : List.of("a1", "b1", "c1")) {
                providers.fails(id, failure(FailureKind.BAD_REQUEST));
            }
            Envelope.Special special = new Envelope.Special(null, null, null, null, most);
            Envelope.Overrides asked = new Envelope.Overrides(null, null, null, null, false, special);
            Router router =
                    router(settings(0, Map.of("a", List.of("b", "c"))), of("a", "a1"), of("b", "b1"), of("c", "c1"));
            router.route(call("a", asked, List.of()));
            assertThat(providers.asked).isEqualTo(List.of("a1", "b1", "c1").subList(0, Math.min(3, most + 1)));
            providers.failures.clear();
        }
    }

    @Test
    void aRateLimitedDeploymentIsLeftAloneForItsCooldown() {
        providers.fails("a1", failure(FailureKind.RATE_LIMIT));
        Router router = router(settings(1, Map.of()), of("a", "a1"), of("a", "a2"));
        for (int i = 0; i < 50; i++) {
            route(router, "a");
        }
        assertThat(providers.asked.stream().filter("a1"::equals)).hasSize(1);
        now += 5_001;
        for (int i = 0; i < 50; i++) {
            route(router, "a");
        }
        assertThat(providers.asked.stream().filter("a1"::equals)).hasSizeGreaterThan(1);
    }

    @Test
    void whenAllAreCoolingItSaysWhenToComeBack() {
        Router router = router(settings(0, Map.of()), of("a", "a1"), of("a", "a2"));
        board.cool("a1", now + 3_000);
        board.cool("a2", now + 9_000);
        Failure failure = ((Answer.Refused) route(router, "a")).failure();
        assertThat(failure.kind()).isEqualTo(FailureKind.NO_DEPLOYMENTS);
        assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(3));
        assertThat(providers.asked).isEmpty();
    }

    @Test
    void neverPicksACooledDeploymentWhileAnotherIsLeft() {
        for (long seed = 1; seed <= 200; seed++) {
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            board.forget();
            providers.asked.clear();
            providers.failures.clear();
            Deployment[] group = new Deployment[5];
            for (int i = 0; i < group.length; i++) {
                group[i] = of("a", "d" + i);
                if (random.nextBoolean()) {
                    board.cool("d" + i, now + 60_000);
                }
                if (random.nextBoolean()) {
                    providers.fails("d" + i, failure(FailureKind.UPSTREAM_ERROR));
                }
            }
            Set<String> cooled = Set.copyOf(board.cooled.keySet());
            route(router(settings(3, Map.of()), group), "a");
            assertThat(providers.asked).as("seed " + seed).noneMatch(cooled::contains);
            assertThat(providers.asked).as("seed " + seed).hasSizeLessThanOrEqualTo(4);
        }
    }

    @Test
    void anUnknownModelIsTheClientsMistakeUnlessModelsAreStillToCome() {
        Router router = router(settings(0, Map.of()), of("a", "a1"));
        Failure failure = ((Answer.Refused) route(router, "nope")).failure();
        assertThat(failure.status()).isEqualTo(400);
        assertThat(failure.message()).contains("model=nope");
        Snapshot none =
                new Snapshot(2, "test", ModelTable.empty(), settings(0, Map.of()), GeneralSettings.DEFAULT, List.of());
        router.configure(none.partial(true));
        assertThat(((Answer.Refused) route(router, "nope")).failure().status()).isEqualTo(503);
    }
}
