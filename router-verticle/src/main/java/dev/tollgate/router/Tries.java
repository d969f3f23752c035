package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Begun;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Surface;
import dev.tollgate.router.strategy.Seats;
import io.vertx.core.Future;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The attempts of one call within one group: one after the other, until one answers, nothing is left, or trying is no use. */
final class Tries {
    private static final Logger LOG = LoggerFactory.getLogger(Tries.class);

    private final Journey journey;
    private final Router router;
    private final Story story;
    private final String group;
    private final List<Deployment> members;
    private final Set<String> failed = new HashSet<>(2);
    private int usualRetries;
    private List<Deployment> among;
    private int retry;
    private Deployment served;

    /** Of the attempt on {@link #served}; see {@link Cooldowns#ticket}. */
    private long ticket;

    /** Those that are left are tried once each: no retries any more, and no going back to an order that was tried. */
    private boolean failingOver;

    Tries(Journey journey, List<Deployment> members) {
        this.journey = journey;
        this.router = journey.router;
        this.story = journey.story;
        this.group = journey.story.group();
        this.members = members;
        this.among = members;
        this.served = members.get(0);
        story.admitted(members.size());
    }

    Future<Answer> begin() {
        return attempt(members, 0);
    }

    /** Whether the group has no other that the call may use; of which order they are, and who has failed, is no matter. */
    private boolean onlyOne() {
        return members.size() == 1;
    }

    /** Whether a deployment is left that could be tried next, by its health and by the retries allowed. */
    boolean another() {
        return retry < story.maxRetries && router.candidates().another(left(among), failed);
    }

    /** Those whose budget is not known to be spent. */
    private List<Deployment> left(List<Deployment> some) {
        Budgets budgets = journey.budgets();
        return budgets == null ? some : budgets.left(some);
    }

    /** The last attempt gave out a stream, and it broke. */
    Future<Answer> carryOn(Failure failure) {
        if (!another()) {
            return Journey.refused(failure);
        }
        story.retries++;
        return attempt(among, retry + 1);
    }

    /** The first attempt is taken to have failed so, wherever it would have gone. */
    Future<Answer> beginWith(Failure failure) {
        Seats candidates = router.candidates().of(members, failed);
        if (candidates.isEmpty()) {
            return Journey.refused(router.candidates().none(members, group));
        }
        Deployment first = candidates.get(0);
        usualRetries = retries(first);
        story.maxRetries = usualRetries;
        return retried(members, 0, first, new Answer.Refused(failure, null));
    }

    private Future<Answer> attempt(List<Deployment> among, int retry) {
        if (journey.abandoned()) {
            return Journey.refused(gone());
        }
        this.among = among;
        this.retry = retry;
        // Who waits comes first.
        router.line.look();
        List<Deployment> left = left(among);
        Budgets budgets = journey.budgets();
        if (budgets != null && left.isEmpty()) {
            return Journey.refused(budgets.crossed(among, router.now()));
        }
        Seats candidates = router.candidates().of(left, failed);
        return candidates.isEmpty() ? queue(left, retry) : attempt(among, retry, candidates);
    }

    /** Nobody can be gone to now; when that is only for want of a place, the call waits for one as long as an attempt may take. */
    private Future<Answer> queue(List<Deployment> among, int retry) {
        Deployment busy = router.candidates().busy(among);
        Future<Void> turn = busy == null
                ? null
                : journey.queue(
                        failed.isEmpty() ? among : failed,
                        () -> !router.candidates().of(among, failed).isEmpty(),
                        Timeouts.of(busy, journey.call().envelope().stream(), journey.asked, journey.settings));
        if (turn == null) {
            return Journey.refused(router.candidates().none(among, group));
        }
        return turn.compose(_ -> {
            if (journey.abandoned()) {
                return Journey.refused(gone());
            }
            Seats candidates = router.candidates().of(among, failed);
            return candidates.isEmpty()
                    ? Journey.refused(router.candidates().none(among, group))
                    : attempt(among, retry, candidates);
        });
    }

    private Future<Answer> attempt(List<Deployment> among, int retry, Seats candidates) {
        Deployment chosen = router.choose(candidates, journey.call(), story);
        if (retry == 0) {
            usualRetries = retries(chosen);
            story.maxRetries = usualRetries;
        }
        if (Budgets.concern(chosen, journey) || !story.owed().isEmpty() || journey.limitedBy() != null) {
            return asked(among, retry, chosen, candidates);
        }
        return mayBegin(chosen) ? tried(among, retry, chosen, candidates, null) : attempt(among, retry);
    }

    /** False when another lane has begun to try it after its cooldown since it was chosen here, and somebody else is left. */
    private boolean mayBegin(Deployment chosen) {
        ticket = ticket(chosen);
        return ticket != Cooldowns.REFUSED;
    }

    /** Of an attempt on it that begins now; {@link Cooldowns#REFUSED} when it may not. */
    long ticket(Deployment chosen) {
        long given = router.outcomes.ticket(chosen, onlyOne());
        return given == Cooldowns.REFUSED
                        && router.candidates().of(left(among), failed).contains(chosen)
                ? router.now()
                : given;
    }

    /** Waiting for others' calls, or asking for less, is better than going on only where there is nowhere to go on to. */
    private Future<Answer> asked(List<Deployment> among, int retry, Deployment chosen, Seats candidates) {
        Budgets budgets = journey.asking();
        boolean patient = candidates.size() == 1
                && left(members).size() == 1
                && !journey.fallbackLeft(FailureKind.NO_DEPLOYMENTS);
        return budgets.hold(journey, chosen, patient).compose(held -> {
            if (journey.abandoned()) {
                return Journey.refused(gone());
            }
            if (held.over() != null) {
                return attempt(among, retry);
            }
            if (!stillCandidate(chosen, among) || !mayBegin(chosen)) {
                budgets.giveBack(journey.call(), chosen);
                return attempt(among, retry);
            }
            Admission.Cap cap = held.cap();
            return cap == null
                    ? tried(among, retry, chosen, candidates, null)
                    : budgets.capped(journey.call(), cap)
                            .compose(capped -> journey.abandoned()
                                    ? notMade(budgets, chosen)
                                    : tried(among, retry, chosen, candidates, capped));
        });
    }

    /** The client left when all was ready: what was set aside goes back, and so does the right to try. */
    private Future<Answer> notMade(Budgets budgets, Deployment chosen) {
        budgets.giveBack(journey.call(), chosen);
        router.outcomes.notMade(chosen, ticket);
        return Journey.refused(gone());
    }

    /** The answer may have come after a minute: meanwhile it may have failed others, or be as busy as it may. */
    private boolean stillCandidate(Deployment chosen, List<Deployment> among) {
        return router.candidates().anyUsable(List.of(chosen))
                || router.candidates().of(left(among), failed).contains(chosen);
    }

    /** {@code capped}: the call with fewer tokens to generate, if that is needed. */
    private Future<Answer> tried(
            List<Deployment> among, int retry, Deployment chosen, Seats candidates, Budgets.@Nullable Capped capped) {
        return run(chosen, candidates, capped).compose(answer -> switch (answer) {
            case Answer.Refused refused -> again(among, retry, served, refused);
            case Answer.Whole whole -> {
                router.outcomes.succeeded(served, whole.usage(), story.providerMillis(), journey.settings, ticket);
                yield Future.succeededFuture(answer);
            }
            // The gateway tells how it ends: Router.streamOver.
            case Answer.Streaming _ -> {
                router.outcomes.streams(served, story.providerMillis(), ticket);
                failed.add(served.id());
                yield Future.succeededFuture(answer);
            }
        });
    }

    private Future<Answer> run(Deployment chosen, Seats candidates, Budgets.@Nullable Capped capped) {
        served = chosen;
        // What is left of a budget does not pay for two.
        if (capped == null && candidates.size() > 1 && journey.call().surface() != Surface.COUNT_TOKENS) {
            Duration delay = router.hedges.delay(chosen, journey.call().envelope().stream(), journey.settings);
            if (delay != null) {
                return new Hedge(this, journey, candidates).run(chosen, ticket, delay);
            }
        }
        long began = System.nanoTime();
        return once(chosen, journey.leg(), capped == null ? journey.call() : capped.call())
                .map(answer -> {
                    note(chosen, ticket, answer, (System.nanoTime() - began) / 1e6);
                    return capped == null ? answer : capped.told(answer);
                });
    }

    /** An attempt ended so, and its answer counts. */
    void note(Deployment deployment, long ticket, Answer answer, double millis) {
        served = deployment;
        this.ticket = ticket;
        story.ended(deployment, answer, millis);
    }

    /** An attempt failed while another one is under way. */
    void failed(Deployment deployment, long ticket, Answer.Refused refused) {
        ended(deployment, ticket, refused.failure());
        unanswered(deployment, refused);
        failed.add(deployment.id());
    }

    /** What an attempt without an answer cost is written down with the call; most cost nothing. */
    private void unanswered(Deployment deployment, Answer.Refused refused) {
        if (refused.usage().total() > 0) {
            story.spent(deployment, refused.usage());
            return;
        }
        Budgets budgets = journey.budgets();
        if (budgets != null && Budgets.concern(deployment, journey)) {
            budgets.giveBack(journey.call(), deployment);
        }
    }

    /** An attempt ended, and its answer does not count. */
    void ended(Deployment deployment, long ticket, Failure failure) {
        // What a client has made up says nothing about the deployment, or any client could shut all of them out.
        boolean madeUp = journey.asked.special().mockResponse() != null && deployment.mockResponse() == null;
        Failure counted = madeUp ? Failure.of(FailureKind.CLIENT_GONE, "") : failure;
        router.outcomes.failed(deployment, counted, onlyOne(), journey.asked.ownTimeout(), journey.config, ticket);
    }

    /** One attempt under this name. Never fails. */
    Future<Answer> once(Deployment chosen, String leg, Call call) {
        boolean stream = call.envelope().stream();
        Duration limit = Timeouts.of(chosen, stream, journey.asked, journey.settings);
        story.began(chosen, limit);
        router.outcomes.began(chosen);
        if (call.surface() != Surface.COUNT_TOKENS) {
            // Before the attempt in this lane's queue, so it is written down before anything leaves.
            router.bus.ask(
                    Addresses.BEGUN,
                    new Begun(
                            call,
                            group,
                            chosen.id(),
                            chosen.provider().name(),
                            chosen.upstreamModel(),
                            chosen.apiBase()));
        }
        return router.bus
                .<Attempt, Answer>ask(
                        Addresses.provider(chosen.provider().name()),
                        new Attempt(
                                leg,
                                call,
                                chosen.id(),
                                chosen.upstreamModel(),
                                call.envelope().model(),
                                limit,
                                Timeouts.ofFirstContent(limit, chosen, stream, journey.asked, journey.settings),
                                journey.settings.trying().minStreamRate()))
                .otherwise(cause -> new Answer.Refused(unanswered(chosen, cause), null));
    }

    private static Failure unanswered(Deployment chosen, Throwable cause) {
        return cause instanceof ReplyException reply && reply.failureType() == ReplyFailure.NO_HANDLERS
                ? Failure.of(
                        FailureKind.OVERLOADED,
                        "The provider role for " + chosen.provider().name() + " is not played by any node right now")
                : Failure.of(FailureKind.INTERNAL, "Internal error; the log has the details");
    }

    private Future<Answer> again(List<Deployment> among, int retry, Deployment chosen, Answer.Refused refused) {
        Failure failure = refused.failure();
        ended(chosen, ticket, failure);
        unanswered(chosen, refused);
        LOG.info(
                "Call {} attempt {} on {} ({}) failed: {} {}",
                journey.call().id(),
                story.made(),
                group,
                chosen.qualifiedModel(),
                failure.kind(),
                failure.message());
        failed.add(chosen.id());
        return retried(among, retry, chosen, refused);
    }

    private Future<Answer> retried(List<Deployment> among, int retry, Deployment chosen, Answer.Refused refused) {
        Failure failure = refused.failure();
        // Those that a retry could go to: whoever stands in for others may be the only one of its order.
        boolean alone = among.size() == 1;
        boolean byPolicy = policy(failure.kind());
        if (failingOver || !(byPolicy || worthwhile(failure.kind(), alone)) || retry >= story.maxRetries) {
            return nextOrder(chosen, refused);
        }
        boolean another = router.candidates().another(left(among), failed);
        if (!another && !byPolicy && failure.kind() == FailureKind.RATE_LIMIT && journey.fallbackLeft(failure.kind())) {
            return Future.succeededFuture(refused);
        }
        if (journey.abandoned()) {
            return Journey.refused(gone());
        }
        Duration wait = router.backoff.before(retry, failure, another, journey.settings.retryAfter());
        story.retries++;
        story.waited(wait);
        return journey.pause(wait)
                .compose(_ -> journey.abandoned() ? Journey.refused(gone()) : attempt(among, retry + 1));
    }

    private static boolean worthwhile(FailureKind kind, boolean alone) {
        return kind.retryable()
                && !(alone && (kind == FailureKind.UPSTREAM_AUTHENTICATION || kind == FailureKind.PAYMENT_REQUIRED));
    }

    /** Whether a policy decides about such failures; its figure wins over any other but a client's zero (LiteLLM). */
    private boolean policy(FailureKind kind) {
        Integer allowed = Policies.retries(kind, group, journey.settings);
        Integer asked = journey.asked.numRetries();
        if (allowed == null || (asked != null && asked == 0)) {
            story.maxRetries = usualRetries;
            return false;
        }
        story.maxRetries = allowed;
        return true;
    }

    /** Deployments of a higher {@code order} stand in for those of a lower one, whatever the retries (LiteLLM: in-group fallbacks). */
    private Future<Answer> nextOrder(Deployment chosen, Answer.Refused refused) {
        if (failingOver
                || chosen.routing().order() == null
                || !Fallbacks.falls(refused.failure().kind())) {
            return failOver(refused);
        }
        List<Deployment> higher =
                Candidates.above(left(members), chosen.routing().order());
        return higher.isEmpty() || router.candidates().of(higher, failed).isEmpty()
                ? failOver(refused)
                : attempt(higher, 0);
    }

    /** With {@code enable_weighted_failover} each deployment that is left is tried once before the call leaves the group. */
    private Future<Answer> failOver(Answer.Refused refused) {
        if (!journey.settings.choosing().weightedFailover()
                || !refused.failure().kind().retryable()
                || journey.abandoned()) {
            return Future.succeededFuture(refused);
        }
        List<Deployment> left = Seats.those(left(members), each -> !failed.contains(each.id()));
        if (left.isEmpty() || router.candidates().of(left, failed).isEmpty()) {
            return Future.succeededFuture(refused);
        }
        failingOver = true;
        return attempt(left, Math.max(1, story.maxRetries));
    }

    private static Failure gone() {
        return Failure.of(FailureKind.CLIENT_GONE, "The client closed the connection");
    }

    private int retries(Deployment chosen) {
        return Policies.retries(chosen, journey.asked, journey.settings);
    }
}
