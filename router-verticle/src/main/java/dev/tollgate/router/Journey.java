package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call on its way: attempts within a group, then the groups it falls back to. Works on the configuration in force when it
 * began. The last failure is the one reported.
 */
final class Journey {
    private static final Logger LOG = LoggerFactory.getLogger(Journey.class);

    private final Router router;
    private final Snapshot config;
    private final RouterSettings settings;
    private final Call call;
    private final Envelope.Overrides asked;
    private final List<String> story = new ArrayList<>(2);
    private final Set<String> entered = new HashSet<>(2);
    private int attempts;
    private int retries;
    private boolean abandoned;
    private @Nullable Promise<Void> pausing;
    private int fallbacks;
    private int usualRetries;
    private int maxRetries;
    private String group = "";
    private @Nullable Deployment last;
    private Duration timeout = Duration.ZERO;
    private double providerMillis;

    Journey(Router router, Snapshot config, Call call) {
        this.router = router;
        this.config = config;
        this.settings = config.router();
        this.call = call;
        this.asked = call.envelope().overrides();
    }

    Future<Answer> begin() {
        return enter(call.envelope().model()).map(this::told);
    }

    private Future<Answer> enter(String name) {
        entered.add(name);
        if (!allowed(name)) {
            return refused(Failure.of(
                            FailureKind.PERMISSION,
                            "This key may not use the model `" + name + "`. Models it may use: "
                                    + String.join(", ", call.caller().models()))
                    .withParam("model")
                    .withCode("key_model_access_denied"));
        }
        ModelTable.Group found = router.resolve(config.models(), name);
        if (found == null) {
            return refused(Failure.of(
                            FailureKind.BAD_REQUEST,
                            "Invalid model name passed in model=" + name
                                    + ". Call `/v1/models` to view available models for your key.")
                    .withParam("model"));
        }
        group = found.group();
        retries = 0;
        List<Deployment> members = found.deployments();
        if (settings.tags().enabled()) {
            List<String> tags = call.envelope().tags();
            members = new Tags(tags, settings.tags().matchAny()).choose(members, router.candidates()::usable);
            if (members.isEmpty()) {
                return refused(Tags.nowhere(group, tags));
            }
        }
        return attempt(members, 0, new HashSet<>(2))
                .compose(answer -> answer instanceof Answer.Refused refused
                        ? fallBack(name, refused)
                        : Future.succeededFuture(answer));
    }

    private boolean allowed(String name) {
        List<String> models = call.caller().models();
        return models.isEmpty() || models.contains(name) || models.contains("*");
    }

    private Future<Answer> attempt(List<Deployment> members, int retry, Set<String> failed) {
        List<Deployment> candidates = router.candidates().of(members, failed);
        if (candidates.isEmpty()) {
            return refused(router.candidates().none(members, group));
        }
        Deployment chosen = router.strategy().choose(candidates, call.envelope().stream());
        if (retry == 0) {
            usualRetries = retries(chosen);
            maxRetries = usualRetries;
        }
        return run(chosen).compose(answer -> switch (answer) {
            case Answer.Refused refused -> again(members, retry, failed, chosen, refused);
            case Answer.Whole whole -> {
                router.outcomes.succeeded(chosen, whole.usage(), providerMillis, settings);
                yield Future.succeededFuture(answer);
            }
            // The gateway tells how it ends: Router.streamOver.
            case Answer.Streaming _ -> Future.succeededFuture(answer);
        });
    }

    private Future<Answer> run(Deployment chosen) {
        last = chosen;
        attempts++;
        timeout = Timeouts.of(chosen, call.envelope().stream(), asked, settings);
        long began = System.nanoTime();
        router.outcomes.began(chosen);
        return router.bus
                .<Attempt, Answer>ask(
                        Addresses.provider(chosen.provider().name()),
                        new Attempt(
                                call,
                                chosen.id(),
                                chosen.upstreamModel(),
                                call.envelope().model(),
                                timeout))
                .otherwise(cause -> new Answer.Refused(unanswered(chosen, cause), null))
                .map(answer -> {
                    providerMillis = (System.nanoTime() - began) / 1e6;
                    story.add(group + "/" + shortId(chosen) + "=" + outcome(answer));
                    return answer;
                });
    }

    private static Failure unanswered(Deployment chosen, Throwable cause) {
        return cause instanceof ReplyException reply && reply.failureType() == ReplyFailure.NO_HANDLERS
                ? Failure.of(
                        FailureKind.OVERLOADED,
                        "The provider role for " + chosen.provider().name() + " is not played by any node right now")
                : Failure.of(FailureKind.INTERNAL, "Internal error; the log has the details");
    }

    /** The client has gone: no further attempt, and no wait for one. */
    void abandon() {
        abandoned = true;
        if (pausing != null) {
            pausing.tryComplete();
        }
    }

    private Future<Void> pause(Duration wait) {
        router.retrying(call.id(), this);
        Promise<Void> over = Promise.promise();
        pausing = over;
        router.pause.apply(wait).onComplete(_ -> over.tryComplete());
        return over.future();
    }

    private Future<Answer> again(
            List<Deployment> members, int retry, Set<String> failed, Deployment chosen, Answer.Refused refused) {
        Failure failure = refused.failure();
        boolean onlyOne = members.size() == 1;
        router.outcomes.failed(chosen, failure, onlyOne, asked.ownTimeout(), config);
        LOG.info(
                "Call {} attempt {} on {} ({}) failed: {} {}",
                call.id(),
                attempts,
                group,
                chosen.qualifiedModel(),
                failure.kind(),
                failure.message());
        failed.add(chosen.id());
        boolean byPolicy = policy(failure.kind());
        if (!(byPolicy || worthwhile(failure.kind(), onlyOne)) || retry >= maxRetries) {
            return nextOrder(members, failed, chosen, refused);
        }
        boolean another = router.candidates().another(members, failed);
        if (!another && !byPolicy && failure.kind() == FailureKind.RATE_LIMIT && hasFallback(failure.kind())) {
            return Future.succeededFuture(refused);
        }
        Duration wait = router.backoff.before(retry, failure, another, settings.retryAfter());
        retries++;
        return pause(wait).compose(_ -> abandoned ? refused(gone()) : attempt(members, retry + 1, failed));
    }

    private static boolean worthwhile(FailureKind kind, boolean onlyOne) {
        return kind.retryable()
                && !(onlyOne && (kind == FailureKind.UPSTREAM_AUTHENTICATION || kind == FailureKind.PAYMENT_REQUIRED));
    }

    /** Whether a policy decides about such failures; its figure wins over any other but a client's zero (LiteLLM). */
    private boolean policy(FailureKind kind) {
        Integer allowed = Policies.retries(kind, group, settings);
        if (allowed == null || (asked.numRetries() != null && asked.numRetries() == 0)) {
            maxRetries = usualRetries;
            return false;
        }
        maxRetries = allowed;
        return true;
    }

    /** Deployments of a higher {@code order} stand in for those of a lower one, whatever the retries (LiteLLM: in-group fallbacks). */
    private Future<Answer> nextOrder(
            List<Deployment> members, Set<String> failed, Deployment chosen, Answer.Refused refused) {
        if (chosen.routing().order() == null
                || !Fallbacks.falls(refused.failure().kind())) {
            return Future.succeededFuture(refused);
        }
        List<Deployment> higher = Candidates.above(members, chosen.routing().order());
        return higher.isEmpty() || router.candidates().of(higher, failed).isEmpty()
                ? Future.succeededFuture(refused)
                : attempt(higher, 0, failed);
    }

    private static Failure gone() {
        return Failure.of(FailureKind.CLIENT_GONE, "The client closed the connection");
    }

    private boolean hasFallback(FailureKind kind) {
        return !Fallbacks.after(kind, call.envelope().model(), group, asked, settings)
                .isEmpty();
    }

    private Future<Answer> fallBack(String name, Answer.Refused refused) {
        return next(name, Fallbacks.after(refused.failure().kind(), name, group, asked, settings), 0, refused);
    }

    /** Enters the listed groups one after the other until one answers; each may fall back further by itself. */
    private Future<Answer> next(String name, List<String> targets, int from, Answer.Refused refused) {
        for (int i = from; i < targets.size() && !abandoned && fallbacks < settings.maxFallbacks(); i++) {
            String target = targets.get(i);
            if (!entered.contains(target) && allowed(target) && router.resolve(config.models(), target) != null) {
                fallbacks++;
                LOG.info("Call {} falls back from {} to {}", call.id(), name, target);
                int rest = i + 1;
                return enter(target)
                        .compose(answer -> answer instanceof Answer.Refused failed
                                ? next(name, targets, rest, failed)
                                : Future.succeededFuture(answer));
            }
        }
        return Future.succeededFuture(refused);
    }

    private int retries(Deployment chosen) {
        if (asked.numRetries() != null) {
            return asked.numRetries();
        }
        return chosen.routing().numRetries() != null ? chosen.routing().numRetries() : settings.numRetries();
    }

    private static Future<Answer> refused(Failure failure) {
        return Future.succeededFuture(new Answer.Refused(failure, null));
    }

    private Answer told(Answer answer) {
        router.done(call.id());
        Deployment deployment = last;
        return answer.withRoute(new Answer.Route(
                group,
                deployment == null ? "" : deployment.id(),
                deployment == null ? "" : deployment.provider().name(),
                deployment == null ? "" : deployment.upstreamModel(),
                deployment == null ? "" : deployment.apiBase(),
                retries,
                maxRetries,
                fallbacks,
                timeout.toMillis(),
                providerMillis,
                story));
    }

    private static String outcome(Answer answer) {
        return switch (answer) {
            case Answer.Whole whole -> whole.status() == 200 ? "200" : Integer.toString(whole.status());
            case Answer.Streaming _ -> "200";
            case Answer.Refused refused ->
                refused.failure().status() + ":" + refused.failure().kind();
        };
    }

    private static String shortId(Deployment deployment) {
        return deployment.id().length() <= 8 ? deployment.id() : deployment.id().substring(0, 8);
    }
}
