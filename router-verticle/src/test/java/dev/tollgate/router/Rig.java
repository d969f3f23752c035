package dev.tollgate.router;

import dev.tollgate.config.BudgetSettings;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.MakingSettings;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.StreamOutcome;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A router with scripted providers, a clock that a test sets, and seeded randomness. All deployments are in "group". */
final class Rig {
    private static final PromptTokens TOKENS = new PromptTokens();

    final Providers providers = new Providers();
    final PlainBoard board;
    final Router router;
    final List<String> calledOff = new ArrayList<>();
    /** What else happens when an attempt is called off. */
    Consumer<String> callingOff = _ -> {};

    final List<Duration> waits = new ArrayList<>();
    Future<Void> pause = Future.succeededFuture();
    long now = 1_000_000;
    /** How often a prompt was counted. */
    int counted;
    /** Why no prompt can be counted. */
    @Nullable RuntimeException uncountable;

    /** Other names of groups, for the next {@link #configure}. */
    Map<String, String> aliases = Map.of();

    Rig(RouterSettings settings, Deployment... deployments) {
        this(new PlainBoard(), RandomGeneratorFactory.of("L64X128MixRandom").create(7), settings, deployments);
    }

    Rig(PlainBoard board, RandomGenerator random, RouterSettings settings, Deployment... deployments) {
        this.board = board;
        router = new Router(
                providers,
                board,
                random,
                () -> now,
                new Backoff(random),
                wait -> {
                    waits.add(wait);
                    return pause;
                },
                leg -> {
                    calledOff.add(leg);
                    callingOff.accept(leg);
                },
                body -> {
                    counted++;
                    if (uncountable != null) {
                        return Future.failedFuture(uncountable);
                    }
                    return Future.succeededFuture(TOKENS.of(body));
                });
        configure(settings, deployments);
    }

    void configure(RouterSettings settings, Deployment... deployments) {
        configure(settings, GeneralSettings.HealthChecks.OFF, deployments);
    }

    void configure(RouterSettings settings, GeneralSettings.HealthChecks health, Deployment... deployments) {
        ModelTable models = new ModelTable(List.of(deployments), aliases, Set.of());
        GeneralSettings general = new GeneralSettings(
                null,
                null,
                1,
                true,
                false,
                false,
                null,
                health,
                Duration.ofSeconds(10),
                BudgetSettings.DEFAULT,
                MakingSettings.NONE,
                Duration.ofSeconds(20),
                null);
        router.configure(new Snapshot(1, "test", models, settings, general, List.of()));
    }

    Future<Answer> ask(boolean stream, List<String> tags, Envelope.Overrides overrides) {
        return router.route(Fixtures.call("group", stream, overrides, List.of(), tags));
    }

    Answer route(String... tags) {
        return ask(false, List.of(tags), Envelope.Overrides.NONE).result();
    }

    /** The deployments of "group" that an explanation gives a chance. */
    Set<String> likely(@Nullable String tag) {
        List<String> tags = tag == null ? List.of() : List.of(tag);
        var result = router.explain(Fixtures.call("group", false, Envelope.Overrides.NONE, List.of(), tags))
                .result();
        return result.json().toJsonObject().getJsonArray("groups").getJsonObject(0).getJsonArray("deployments").stream()
                .map(JsonObject.class::cast)
                .filter(each -> each.getDouble("chance", 0.0) > 0)
                .map(each -> each.getString("id"))
                .collect(Collectors.toSet());
    }

    Answer stream() {
        return ask(true, List.of(), Envelope.Overrides.NONE).result();
    }

    void over(String deployment, Usage usage, double firstMillis, double totalMillis, @Nullable Failure failure) {
        router.streamOver(
                new StreamOutcome("call", "group", deployment, usage, firstMillis, totalMillis, false, false, failure));
    }

    static Failure failure(FailureKind kind) {
        return Failure.upstream(kind, kind.status(), "test", "scripted " + kind);
    }

    static Failure refusal(Answer answer) {
        return ((Answer.Refused) answer).failure();
    }
}
