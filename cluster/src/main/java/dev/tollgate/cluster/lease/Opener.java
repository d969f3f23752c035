package dev.tollgate.cluster.lease;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Finds out what was spent of a total before it is divided: nodes tell what they have spent and not stored, then the store is asked.
 * What is stored in between counts twice, so it is done again when a node has stored anything meanwhile; in the end twice is better
 * than not at all.
 */
final class Opener {
    static final String OPEN = "lease.open";
    private static final int TRIES = 4;

    private final Wire wire;
    private final Ends ends;
    private final Timing timing;

    /**
     * How it stands.
     *
     * @param spent by all, up to now
     * @param stored whether the store has answered; else it is a guess
     * @param shares what nodes have, without that
     * @param brought how much each node had brought into the store for others before that was asked
     */
    record Before(long spent, boolean stored, Map<String, Told> shares, Map<String, Integer> brought) {}

    Opener(Wire wire, Ends ends, Timing timing) {
        this.wire = wire;
        this.ends = ends;
        this.timing = timing;
    }

    /**
     * Fails when a node does not answer.
     *
     * @param counted whose spend was counted before, stored or not, so that it is a part of what nodes know. A guess with what these have not
     *     stored beside that would grow by it each time
     */
    Future<Before> open(View view, Meter meter, Predicate<String> counted) {
        return asked(view, meter).compose(answers -> again(view, meter, counted, answers, 1));
    }

    private Future<Before> again(
            View view, Meter meter, Predicate<String> counted, Map<String, JsonObject> before, int tries) {
        Future<Long> asking =
                wire.here(ends.stored(meter).timeout(timing.answer().toMillis(), TimeUnit.MILLISECONDS));
        Future<Long> found = asking.map(stored -> stored + sum(before, "unstored"));
        return (ends.oneStore() ? found.otherwise(_ -> guess(before, counted)) : found)
                .compose(spent -> asked(view, meter)
                        .compose(after -> tries == TRIES || sum(after, "delivered") == sum(before, "delivered")
                                ? Future.succeededFuture(new Before(
                                        spent + sum(after, "settled") - sum(before, "settled"),
                                        asking.succeeded(),
                                        told(after),
                                        brought(before)))
                                : again(view, meter, counted, after, tries + 1)));
    }

    private Future<Map<String, JsonObject>> asked(View view, Meter meter) {
        JsonObject letter =
                new JsonObject().put("view", view.id()).put("node", wire.self()).put("meter", meter.wire());
        Map<String, Future<JsonObject>> asked = new HashMap<>();
        view.nodes().forEach(node -> asked.put(node, wire.ask(node, OPEN, letter, timing.answer())));
        return Future.all(List.copyOf(asked.values())).map(_ -> {
            Map<String, JsonObject> answers = new HashMap<>();
            asked.forEach((node, answer) -> answers.put(node, answer.result()));
            return answers;
        });
    }

    private static Map<String, Told> told(Map<String, JsonObject> answers) {
        Map<String, Told> told = new HashMap<>();
        answers.forEach((node, answer) -> told.put(node, Told.of(answer)));
        return told;
    }

    private static Map<String, Integer> brought(Map<String, JsonObject> answers) {
        Map<String, Integer> brought = new HashMap<>();
        answers.forEach((node, answer) -> brought.put(node, answer.getInteger("brought", 0)));
        return brought;
    }

    private static long sum(Map<String, JsonObject> answers, String member) {
        return answers.values().stream()
                .mapToLong(answer -> answer.getLong(member))
                .sum();
    }

    /** The store is away: at least what any of them knows. */
    private static long guess(Map<String, JsonObject> answers, Predicate<String> counted) {
        long most = answers.values().stream()
                .mapToLong(answer -> answer.getLong("known"))
                .max()
                .orElse(0);
        return most
                + answers.entrySet().stream()
                        .filter(each -> !counted.test(each.getKey()))
                        .mapToLong(each -> each.getValue().getLong("unstored"))
                        .sum();
    }
}
