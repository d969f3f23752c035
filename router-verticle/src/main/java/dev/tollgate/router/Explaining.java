package dev.tollgate.router;

import dev.tollgate.cluster.Load;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.BudgetQuestion;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.QueryResult;
import dev.tollgate.router.strategy.Seats;
import dev.tollgate.router.strategy.Standing;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells how a call would be routed now, without making it: every group in the order in which the call would enter them if all
 * failed, or refused it as they would now, with what the rules say about each deployment. It asks the same rules that route calls ({@link Admission},
 * {@link Candidates}, {@link Affinity}, the strategy) and writes their answers down, so it cannot tell another story than they do.
 */
final class Explaining {
    private final Router router;
    private final Snapshot config;
    private final RouterSettings settings;
    private final Call call;
    private final LongSupplier clock;
    private final Set<String> entered = new LinkedHashSet<>();
    private final JsonArray steps = new JsonArray();
    private int fallbacks;

    Explaining(Router router, Snapshot config, Call call, LongSupplier clock) {
        this.router = router;
        this.config = config;
        this.settings = config.router();
        this.call = call;
        this.clock = clock;
    }

    Future<QueryResult> answer() {
        String name = call.envelope().model();
        if (!Journey.allowed(call, name)) {
            return Future.succeededFuture(QueryResult.refused(Journey.forbidden(call, name)));
        }
        if (router.resolve(config.models(), name) == null) {
            return Future.succeededFuture(QueryResult.refused(Journey.unknown(config, name)));
        }
        return enter(name, "the request")
                .map(_ -> QueryResult.of(new JsonObject()
                        .put("model", name)
                        .put("stream", call.envelope().stream())
                        .put("tags", new JsonArray(call.envelope().tags()))
                        .put("strategy", settings.strategy())
                        .put("max_fallbacks", Fallbacks.most(call.envelope().overrides(), settings))
                        .put("groups", steps)
                        .toBuffer()));
    }

    private Future<?> enter(String name, String reachedBy) {
        ModelTable.Group group = router.resolve(config.models(), name);
        if (group == null) {
            return Future.succeededFuture();
        }
        entered.add(group.group());
        JsonObject step = new JsonObject()
                .put("group", group.group())
                .put("name", name)
                .put("reached_by", reachedBy)
                .put("resolved_by", word(config.models().lookup(name).name()));
        steps.add(step);
        return router.admission()
                .of(call, group, router.candidates()::anyUsable)
                .compose(admitted -> budgets(group)
                        .map(over -> describe(step, group, admitted, over))
                        .compose(_ -> fallBack(name, group.group(), ending(admitted), step)));
    }

    /** How the group is left: as admission refuses the call, else as if every attempt met an error of the upstream's. */
    private static FailureKind ending(Admission.Admitted admitted) {
        return admitted.failure() == null
                ? FailureKind.UPSTREAM_ERROR
                : admitted.failure().kind();
    }

    /** Accounting keeps them; it is asked only where there are any. */
    private Future<Map<String, Held.Over>> budgets(ModelTable.Group group) {
        List<String> asked = group.deployments().stream()
                .filter(each -> Budgets.concern(each, settings))
                .map(Deployment::id)
                .toList();
        return asked.isEmpty()
                ? Future.succeededFuture(Map.of())
                : router.bus
                        .<BudgetQuestion, BudgetQuestion.Answer>ask(Addresses.BUDGETS, new BudgetQuestion(asked))
                        .map(BudgetQuestion.Answer::over)
                        .otherwise(Map.of());
    }

    private Future<?> fallBack(String name, String group, FailureKind ending, JsonObject step) {
        Envelope.Overrides asked = call.envelope().overrides();
        List<String> targets = Fallbacks.after(ending, name, group, asked, settings);
        step.put("fallbacks", new JsonArray(targets));
        put(
                step,
                "context_window_fallbacks",
                Fallbacks.special(FailureKind.CONTEXT_WINDOW, name, group, asked, settings));
        put(
                step,
                "content_policy_fallbacks",
                Fallbacks.special(FailureKind.CONTENT_POLICY, name, group, asked, settings));
        Future<?> chain = Future.succeededFuture();
        for (String target : targets) {
            chain = chain.compose(_ -> follows(target) ? fallen(target, name) : Future.succeededFuture());
        }
        return chain;
    }

    private boolean follows(String target) {
        ModelTable.Group group = router.resolve(config.models(), target);
        return group != null
                && !entered.contains(group.group())
                && fallbacks < Fallbacks.most(call.envelope().overrides(), settings)
                && Journey.allowed(call, target);
    }

    private Future<?> fallen(String target, String from) {
        fallbacks++;
        return enter(target, "a failure of " + from);
    }

    private static void put(JsonObject step, String name, @Nullable List<String> targets) {
        if (targets != null) {
            step.put(name, new JsonArray(targets));
        }
    }

    private JsonObject describe(
            JsonObject step, ModelTable.Group group, Admission.Admitted all, Map<String, Held.Over> over) {
        Admission.Admitted admitted = over.isEmpty() ? all : without(over, group, all);
        Seats candidates = router.candidates().of(admitted.members(), Set.of());
        List<Verdict> now = router.candidates().verdicts(admitted.members(), Set.of());
        boolean stream = call.envelope().stream();
        Standing standing = candidates.isEmpty() ? null : router.strategy().standing(candidates, stream);
        Deployment bound = router.affinity().bound(candidates, call);
        JsonArray deployments = new JsonArray();
        for (int i = 0; i < group.deployments().size(); i++) {
            Deployment member = group.deployments().get(i);
            int place = admitted.members().indexOf(member);
            Verdict verdict = place < 0 ? admitted.verdicts().get(i) : now.get(place);
            if (verdict == Verdict.CANDIDATE && bound != null && !bound.equals(member)) {
                verdict = Verdict.AFFINITY;
            }
            deployments.add(budget(
                    member(member, verdict, candidates.indexOf(member), standing, bound), over.get(member.id())));
        }
        step.put("chosen_by", bound != null ? "affinity" : candidates.size() == 1 ? "only" : settings.strategy())
                .put("score_is", standing == null ? null : standing.measure())
                .put("deployments", deployments);
        Failure failure = candidates.isEmpty() && admitted.failure() == null
                ? router.candidates().none(admitted.members(), group.group())
                : admitted.failure();
        if (candidates.isEmpty()
                && admitted.failure() == null
                && router.candidates().busy(admitted.members()) != null) {
            step.put("waits_for", "one of max_parallel_requests");
        } else if (failure != null) {
            step.put(
                    "refusal",
                    new JsonObject()
                            .put("status", failure.status())
                            .put("kind", word(failure.kind().name()))
                            .put("message", failure.message()));
        }
        return step;
    }

    private Admission.Admitted without(
            Map<String, Held.Over> over, ModelTable.Group group, Admission.Admitted admitted) {
        List<Verdict> verdicts = new ArrayList<>(admitted.verdicts());
        List<Deployment> left = new ArrayList<>(admitted.members());
        Budgets known = new Budgets(router.bus, config.router());
        for (Deployment member : admitted.members()) {
            Held.Over why = over.get(member.id());
            if (why != null) {
                known.over(member, why);
                left.remove(member);
                verdicts.set(group.deployments().indexOf(member), Verdict.OVER_BUDGET);
            }
        }
        Failure failure = left.isEmpty() && admitted.failure() == null
                ? known.crossed(admitted.members(), clock.getAsLong())
                : admitted.failure();
        return new Admission.Admitted(left, verdicts, failure);
    }

    private static JsonObject budget(JsonObject told, Held.@Nullable Over over) {
        if (over != null) {
            told.put("budget", over.message());
            if (over.untilMillis() > 0) {
                told.put(
                        "over_budget_until",
                        Instant.ofEpochMilli(over.untilMillis()).toString());
            }
        }
        return told;
    }

    private JsonObject member(
            Deployment member,
            Verdict verdict,
            int candidate,
            @Nullable Standing standing,
            @Nullable Deployment bound) {
        JsonObject told = new JsonObject()
                .put("id", member.id())
                .put("model", member.qualifiedModel())
                .put("verdict", word(verdict.name()))
                .put("reason", verdict.reason());
        if (verdict == Verdict.COOLING) {
            long left = router.candidates().left(member).toMillis();
            told.put(
                            "cooling_until",
                            Instant.ofEpochMilli(clock.getAsLong() + left).toString())
                    .put("cooling_seconds", left / 1000.0);
        }
        if (candidate >= 0 && standing != null) {
            double chance = bound == null ? standing.chances().get(candidate) : bound.equals(member) ? 1 : 0;
            told.put("score", standing.scores().get(candidate)).put("chance", chance);
        }
        return figures(told, member);
    }

    private JsonObject figures(JsonObject told, Deployment member) {
        Load load = router.load(member);
        long now = clock.getAsLong();
        boolean stream = call.envelope().stream();
        return told.put("order", member.routing().order())
                .put("tags", new JsonArray(member.routing().tags()))
                .put("rpm", member.routing().rpm())
                .put("tpm", member.routing().tpm())
                .put("in_flight", load.inFlight())
                .put("requests_this_minute", load.begunThisMinute(now))
                .put("tokens_this_minute", load.tokensThisMinute(now))
                .put(
                        "timeout_seconds",
                        Timeouts.of(member, stream, call.envelope().overrides(), settings)
                                        .toMillis()
                                / 1000.0)
                .put("num_retries", Policies.retries(member, call.envelope().overrides(), settings));
    }

    private static String word(String constant) {
        return constant.toLowerCase(Locale.ROOT);
    }
}
