package dev.tollgate.router;

import dev.tollgate.cluster.Bus;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Attempt;
import dev.tollgate.protocol.Begun;
import dev.tollgate.protocol.BudgetQuestion;
import dev.tollgate.protocol.Capping;
import dev.tollgate.protocol.DeploymentNews;
import dev.tollgate.protocol.FactsAnswer;
import dev.tollgate.protocol.FactsQuestion;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Settled;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.StreamRef;
import dev.tollgate.protocol.Unhold;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageConsumer;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Answers attempts as a script says; without one, well. */
final class Providers implements Bus {
    final Map<String, Deque<Failure>> failures = new HashMap<>();
    final List<String> asked = new ArrayList<>();
    /** What accounting was told of attempts, each with how many had been made before. */
    final List<Map.Entry<Integer, Begun>> begun = new ArrayList<>();

    final List<Attempt> attempts = new ArrayList<>();
    /** What accounting knows. */
    Map<FactsQuestion.Model, FactsAnswer.Facts> facts = Map.of();

    /** Deployments that accounting finds over a budget. */
    final Map<String, Held.Over> over = new HashMap<>();

    /** Deployments whose budget is enough for so much. */
    final Map<String, Admission.Cap> caps = new HashMap<>();

    final List<DeploymentNews> news = new ArrayList<>();
    final List<Hold> holds = new ArrayList<>();
    final List<Unhold> unheld = new ArrayList<>();

    /** While set, accounting waits for it. */
    @Nullable Promise<Held> holding;

    /** While set, the gateway's shorter body waits for it. */
    @Nullable Promise<Void> capping;

    /** While set, answers wait for it. */
    @Nullable Promise<Void> gate;
    /** While set, answers come from {@link #answer(String, Answer)}. */
    boolean held;

    final List<Settlement> settled = new ArrayList<>();
    final List<Map.Entry<String, Object>> sent = new ArrayList<>();
    final Map<String, Handler<Object>> receivers = new HashMap<>();
    private final Map<String, Promise<Answer>> open = new HashMap<>();

    void answer(String deployment, Answer answer) {
        open.remove(deployment).complete(answer);
    }

    void fails(String deployment, Failure... in) {
        failures.computeIfAbsent(deployment, _ -> new ArrayDeque<>()).addAll(Arrays.asList(in));
    }

    @Override
    @SuppressWarnings("unchecked")
    public <Q, A> Future<A> ask(String address, Q question) {
        if (question instanceof Settlement settlement) {
            settled.add(settlement);
            return Future.succeededFuture((A) new Settled(0, true));
        }
        if (question instanceof Hold hold) {
            holds.add(hold);
            return holding != null
                    ? holding.future().map(held -> (A) held)
                    : Future.succeededFuture(
                            (A) new Held(over.get(hold.deploymentId()), caps.get(hold.deploymentId())));
        }
        if (question instanceof Capping capping) {
            // As the gateway would: fewer tokens in another body.
            String body = "{\"max_tokens\":" + capping.cap().maxTokens() + "}";
            A less = (A) capping.call().with(capping.call().envelope(), Buffer.buffer(body));
            return this.capping == null
                    ? Future.succeededFuture(less)
                    : this.capping.future().map(less);
        }
        if (question instanceof DeploymentNews one) {
            news.add(one);
            return Future.succeededFuture((A) Boolean.TRUE);
        }
        if (question instanceof Unhold unhold) {
            unheld.add(unhold);
            return Future.succeededFuture((A) Held.YES);
        }
        if (question instanceof Begun one) {
            begun.add(Map.entry(attempts.size(), one));
            return Future.succeededFuture();
        }
        if (question instanceof BudgetQuestion) {
            return Future.succeededFuture((A) new BudgetQuestion.Answer(over));
        }
        if (question instanceof FactsQuestion) {
            return Future.succeededFuture((A) new FactsAnswer(facts));
        }
        Attempt attempt = (Attempt) question;
        asked.add(attempt.deploymentId());
        attempts.add(attempt);
        if (held) {
            Promise<Answer> later = Promise.promise();
            open.put(attempt.deploymentId(), later);
            return later.future().map(answer -> (A) answer);
        }
        Failure next = failures.getOrDefault(attempt.deploymentId(), new ArrayDeque<>())
                .poll();
        Answer answer = next != null ? new Answer.Refused(next, null) : good(attempt);
        return gate == null ? Future.succeededFuture((A) answer) : gate.future().map((A) answer);
    }

    private static Answer good(Attempt attempt) {
        return attempt.call().envelope().stream()
                ? new Answer.Streaming(Map.of(), new StreamRef("s"), null)
                : new Answer.Whole(200, Map.of(), Buffer.buffer("{}"), Usage.of(10, 5), null, null);
    }

    @Override
    public <Q, A> void answer(String address, Function<Q, Future<A>> handler) {
        throw new AssertionError("the router answers elsewhere");
    }

    @Override
    public void send(String address, Object message) {
        sent.add(Map.entry(address, message));
    }

    @Override
    @SuppressWarnings("unchecked")
    public <M> MessageConsumer<M> receive(String address, Handler<M> handler) {
        receivers.put(address, message -> handler.handle((M) message));
        return (MessageConsumer<M>) Proxy.newProxyInstance(
                Providers.class.getClassLoader(), new Class<?>[] {MessageConsumer.class}, (_, _, _) -> {
                    receivers.remove(address);
                    return Future.succeededFuture();
                });
    }
}
