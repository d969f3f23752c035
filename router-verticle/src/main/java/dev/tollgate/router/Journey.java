package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Tried;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call on its way through groups: the one asked for, then those it falls back to; what happens within one is {@link Tries}.
 * Works on the configuration in force when it began. The last failure is the one reported.
 */
final class Journey {
    private static final Logger LOG = LoggerFactory.getLogger(Journey.class);

    /** Most characters of a log line about a call's attempts. */
    private static final int LONGEST_STORY = 16_000;

    final Router router;
    final Snapshot config;
    final RouterSettings settings;
    private Call call;
    final Envelope.Overrides asked;
    final Story story = new Story();
    /** Names by which groups were entered. */
    private final Set<String> entered = new HashSet<>(2);

    /** Under which name the present group was entered, if it is not the first. */
    private @Nullable String fallback;

    private boolean abandoned;
    private @Nullable Promise<Void> pausing;
    private @Nullable Tries tries;

    /** Null as long as no budget had to be asked about. */
    private @Nullable Budgets budgets;

    private @Nullable Runnable givingUp;
    private int parts;
    private @Nullable String hedge;

    Journey(Router router, Snapshot config, Call call) {
        this.router = router;
        this.config = config;
        this.settings = config.router();
        this.call = call;
        this.asked = call.envelope().overrides();
    }

    Future<Answer> begin() {
        try {
            return enter(call.envelope().model()).transform(this::over);
        } catch (RuntimeException e) {
            return Future.succeededFuture(told(defect(e)));
        }
    }

    /** However the way ends, it ends here: what the router keeps of a call that goes on must go with it. */
    private Future<Answer> over(@Nullable Answer answer, @Nullable Throwable cause) {
        return Future.succeededFuture(told(answer == null ? defect(cause) : answer));
    }

    private Answer defect(@Nullable Throwable cause) {
        LOG.error("Call {} failed inside the router", call.id(), cause);
        return new Answer.Refused(
                Failure.of(FailureKind.INTERNAL, "Internal error; the log has the details under call id " + call.id()),
                null);
    }

    private Answer told(Answer answer) {
        router.done(call.id(), this);
        if (story.attempts().size() > 1) {
            LOG.info(
                    "Call {} took {} attempts: {}",
                    call.id(),
                    story.attempts().size(),
                    Tried.joined(story.attempts(), Tried::full, LONGEST_STORY));
        }
        Answer told = answer.withRoute(story.told());
        if (!(told instanceof Answer.Streaming stream) || !continuable()) {
            return told;
        }
        call = call.withoutBody();
        router.streaming(call.id(), this);
        return new Answer.Streaming(stream.headers(), stream.stream(), stream.route(), true);
    }

    /** Whether another deployment could carry the stream on that is given out now. */
    private boolean continuable() {
        return settings.trying().midStreamFallbacks()
                && tries != null
                && (tries.another()
                        || fallbackLeft(FailureKind.CONNECTION, call.envelope().model(), story.group())
                        || fallbackLeft(FailureKind.CONNECTION, story.group(), story.group()));
    }

    /** Whether a group is left to fall back to after such a failure, by the list of any group that the call has come through. */
    boolean fallbackLeft(FailureKind kind) {
        for (String name : entered) {
            ModelTable.Group one = router.resolve(config.models(), name);
            if (one != null && fallbackLeft(kind, name, one.group())) {
                return true;
            }
        }
        return false;
    }

    private boolean fallbackLeft(FailureKind kind, String name, String group) {
        if (story.fallbacks >= Fallbacks.most(asked, settings)) {
            return false;
        }
        for (String target : Fallbacks.after(kind, name, group, asked, settings)) {
            if (mayEnter(target)) {
                return true;
            }
        }
        return false;
    }

    /** Those that have been asked about, or null. */
    @Nullable Budgets budgets() {
        return budgets;
    }

    /**
     * The model that the call has fallen back to, where its caller or end user may have limits of their own for it; else null. A key's
     * limits for one model must not be got round by asking for another that falls back to it.
     */
    @Nullable String limitedBy() {
        boolean limited = !call.caller().unlimited() || call.envelope().user() != null;
        return limited && call.surface() != Surface.COUNT_TOKENS ? fallback : null;
    }

    /** To ask about one. */
    Budgets asking() {
        if (budgets == null) {
            budgets = new Budgets(router.bus, settings);
        }
        return budgets;
    }

    private boolean mayEnter(String target) {
        if (entered.contains(target) || !allowed(call, target)) {
            return false;
        }
        ModelTable.Group group = router.resolve(config.models(), target);
        return group != null && !entered(group.group());
    }

    /** By whatever name: a group may have several. */
    private boolean entered(String group) {
        for (String name : entered) {
            ModelTable.Group one = router.resolve(config.models(), name);
            if (one != null && one.group().equals(group)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The stream that was given out broke: another deployment goes on, within the bounds of retries and fallbacks that hold for the
     * call as a whole.
     */
    Future<Answer> carryOn(Call longer, Failure failure, Usage usage) {
        Tries group = tries;
        if (group == null) {
            return refused(failure);
        }
        call = longer;
        parts++;
        router.underway(call.id(), this);
        String within = story.group();
        String first = call.envelope().model();
        long prompt = Usage.estimated(longer.body().length()).prompt();
        story.broke(failure.kind(), usage.orPrompt(prompt));
        try {
            return group.carryOn(failure)
                    .compose(answer -> orElse(answer, within))
                    .compose(answer -> within.equals(first) ? Future.succeededFuture(answer) : orElse(answer, first))
                    .transform(this::over);
        } catch (RuntimeException e) {
            return Future.succeededFuture(told(defect(e)));
        }
    }

    private Future<Answer> orElse(Answer answer, String name) {
        return answer instanceof Answer.Refused refused ? fallBack(name, refused) : Future.succeededFuture(answer);
    }

    /** Names the attempts of this part apart from those of an earlier one, whose stream may not be quite gone. */
    String leg() {
        return parts == 0 ? call.id() : call.id() + "~" + parts;
    }

    Call call() {
        return call;
    }

    private Future<Answer> enter(String name) {
        entered.add(name);
        if (!allowed(call, name)) {
            return refused(forbidden(call, name));
        }
        ModelTable.Group found = router.resolve(config.models(), name);
        if (found == null) {
            return refused(unknown(config, name));
        }
        story.entered(found.group());
        if (!router.admission().needed()) {
            return inside(name, found.deployments());
        }
        return router.admission()
                .of(call, found, router.candidates()::anyUsable)
                .compose(admitted -> admitted.failure() == null
                        ? inside(name, admitted.members())
                        : fallBack(name, new Answer.Refused(admitted.failure(), null)));
    }

    private Future<Answer> inside(String name, List<Deployment> members) {
        if (abandoned) {
            return refused(Failure.of(FailureKind.CLIENT_GONE, "The client closed the connection"));
        }
        Tries group = new Tries(this, members);
        tries = group;
        return (entered.size() == 1 ? Rehearsals.first(this, group) : group.begin())
                .compose(answer -> orElse(answer, name));
    }

    /** Whether the caller may use a model of this name. */
    static boolean allowed(Call call, String name) {
        return call.caller().models().allows(name);
    }

    static Failure forbidden(Call call, String name) {
        return call.caller().models().refusal(name);
    }

    /** No model has that name, or it is not known yet whether one has. */
    static Failure unknown(Snapshot config, String name) {
        return config.partial() ? loading(name) : unknown(name);
    }

    private static Failure unknown(String name) {
        return Failure.of(
                        FailureKind.BAD_REQUEST,
                        "Invalid model name passed in model=" + name
                                + ". Call `/v1/models` to view available models for your key.")
                .withParam("model");
    }

    private static Failure loading(String name) {
        return Failure.of(
                        FailureKind.OVERLOADED,
                        "The models of the admin API are still being loaded, and `" + name
                                + "` may be one of them; try again in a moment")
                .withParam("model");
    }

    private Future<Answer> fallBack(String name, Answer.Refused refused) {
        FailureKind kind = refused.failure().kind();
        return next(name, Fallbacks.after(kind, name, story.group(), asked, settings), 0, refused);
    }

    /** Enters the listed groups one after the other until one answers; each may fall back further by itself. */
    private Future<Answer> next(String name, List<String> targets, int from, Answer.Refused refused) {
        for (int i = from; i < targets.size() && !abandoned && story.fallbacks < Fallbacks.most(asked, settings); i++) {
            String target = targets.get(i);
            if (mayEnter(target)) {
                story.fallbacks++;
                fallback = target;
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

    /** Waits before another attempt; shorter when the client leaves meanwhile. */
    Future<Void> pause(Duration wait) {
        Promise<Void> over = Promise.promise();
        pausing = over;
        router.pause.apply(wait).onComplete(_ -> over.tryComplete());
        return over.future();
    }

    /** Waits in the line; shorter when the client leaves meanwhile. Null when the line is too long. */
    @Nullable Future<Void> queue(Object among, BooleanSupplier free, Duration longest) {
        Promise<Void> turn = router.line.join(among, free, router.until(longest));
        if (turn == null) {
            return null;
        }
        pausing = turn;
        return turn.future();
    }

    /**
     * The client has gone: no further attempt, and no wait for one. The gateway has called the attempt off, too, but an attempt that had
     * not reached its provider then was not found; this comes behind it.
     */
    void abandon() {
        abandoned = true;
        router.callOff.accept(leg());
        if (hedge != null) {
            router.callOff.accept(hedge);
        }
        if (pausing != null) {
            pausing.tryComplete();
        }
        if (givingUp != null) {
            givingUp.run();
        }
    }

    /** What else has to be done when the client leaves now. */
    void whenAbandoned(@Nullable Runnable step) {
        givingUp = step;
    }

    /** A second attempt of this name is under way, which a gone client does not need either. */
    void hedging(String leg) {
        hedge = leg;
    }

    boolean abandoned() {
        return abandoned;
    }

    static Future<Answer> refused(Failure failure) {
        return Future.succeededFuture(new Answer.Refused(failure, null));
    }
}
