package dev.tollgate.cluster;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells other lanes what this node's lanes measured, and other nodes what they count, measure and leave alone: four times a second
 * while it changes, a cooldown at once. What a node said counts as long as it is a member. Everything here runs on one event loop.
 */
public final class LoadExchange {
    /** What whoever is new asks the others for. */
    static final String EVERYTHING = "load.everything";

    private static final Logger LOG = LoggerFactory.getLogger(LoadExchange.class);
    private static final long EVERY_MILLIS = 250;
    private static final int ANOTHER_NODES = -1;
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** Now and then all is told again, should a letter have been lost. */
    private static final int ALL_AGAIN = 40;

    private final Vertx vertx;
    private final Context context;
    private final Peers peers;
    private final NodeLoads loads;
    private final IntSupplier most;
    private final List<OnLane> lanes = new ArrayList<>();
    private final Map<String, Counts> told = new HashMap<>();

    /** What only those were told of who asked for everything, perhaps. */
    private final Set<String> answered = new HashSet<>();

    private final Map<String, Map<String, Counts>> others = new HashMap<>();
    private final Set<String> strangers = new HashSet<>();
    private Set<String> known = Set.of();
    private int rounds;

    /** The board of one lane, and where it may be used. */
    private record OnLane(Context context, LocalLoadBoard board) {}

    /** {@code most}: how many measurements are kept of each kind and deployment. */
    public LoadExchange(Vertx vertx, Peers peers, NodeLoads loads, IntSupplier most) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.peers = peers;
        this.loads = loads;
        this.most = most;
    }

    /** Tells and hears of this lane from now on. */
    public void add(Context lane, LocalLoadBoard board) {
        context.runOnContext(_ -> lanes.add(new OnLane(lane, board)));
    }

    /** Begins. */
    public void start() {
        peers.receive(LoadReport.TOPIC, letter -> {
            LoadReport report = LoadReport.of(letter);
            String node = letter.members().getString("node", "");
            context.runOnContext(_ -> heard(node, report));
            return Future.succeededFuture(Letter.done());
        });
        peers.receive(EVERYTHING, _ -> everything());
        peers.onChange(() -> context.runOnContext(_ -> members()));
        context.runOnContext(_ -> {
            vertx.eventBus().<JsonObject>localConsumer(LocalLoadBoard.COOLED, message -> cooled(message.body()));
            members();
            round();
        });
    }

    private void round() {
        collected()
                .onComplete(
                        measured -> {
                            meet();
                            if (!known.isEmpty()) {
                                tell(changed(++rounds % ALL_AGAIN == 0), measured, Map.of());
                            }
                            vertx.setTimer(EVERY_MILLIS, _ -> round());
                        },
                        cause -> {
                            LOG.error("What lanes measured is not told this time", cause);
                            vertx.setTimer(EVERY_MILLIS, _ -> round());
                        });
    }

    /** Asks each lane on its own loop; what one measured is told to the others of this node on the way. */
    private Future<Map<String, Load.Measured>> collected() {
        List<Future<Map<String, Load.Measured>>> asked = new ArrayList<>();
        for (OnLane lane : lanes) {
            Promise<Map<String, Load.Measured>> collecting = Promise.promise();
            lane.context().runOnContext(_ -> {
                try {
                    collecting.complete(lane.board().collect());
                } catch (RuntimeException e) {
                    collecting.fail(e);
                }
            });
            asked.add(collecting.future());
        }
        Promise<Map<String, Load.Measured>> all = Promise.promise();
        Future.all(asked).onComplete(_ -> context.runOnContext(_ -> all.complete(together(asked))), all::fail);
        return all.future();
    }

    private Map<String, Load.Measured> together(List<Future<Map<String, Load.Measured>>> collected) {
        Map<String, Load.Measured> sum = new HashMap<>();
        for (int i = 0; i < collected.size(); i++) {
            Map<String, Load.Measured> one = collected.get(i).result();
            if (!one.isEmpty()) {
                OnLane from = lanes.get(i);
                lanes.stream().filter(lane -> !lane.equals(from)).forEach(lane -> merge(lane, one));
                one.forEach((id, measured) -> sum.merge(id, measured, LoadReport::both));
            }
        }
        return sum;
    }

    private void merge(OnLane lane, Map<String, Load.Measured> measured) {
        int kept = most.getAsInt();
        lane.context().runOnContext(_ -> lane.board().merge(measured, kept));
    }

    /** Counts that are others than those that were told, or {@code all} that were, of what is still used. */
    private Map<String, Counts> changed(boolean all) {
        long now = System.currentTimeMillis();
        Map<String, Counts> changed = new HashMap<>();
        if (all) {
            forget(changed);
        }
        for (String id : loads.deployments()) {
            Counts counts = loads.counts(id, now);
            Counts before = told.get(id);
            boolean idle = counts.isEmpty();
            Counts present = idle ? Counts.NOTHING : counts;
            if (all ? before != null || !idle : !present.equals(before == null ? Counts.NOTHING : before)) {
                changed.put(id, present);
                told.put(id, present);
            }
        }
        return changed;
    }

    /** What no lane uses any more is told a last time, should it have been more than nothing. */
    private void forget(Map<String, Counts> changed) {
        told.entrySet().removeIf(each -> {
            boolean unused = !loads.used(each.getKey());
            if (unused && !each.getValue().isEmpty()) {
                changed.put(each.getKey(), Counts.NOTHING);
            }
            return unused;
        });
        answered.removeIf(id -> {
            boolean unused = !loads.used(id);
            if (unused) {
                changed.put(id, Counts.NOTHING);
            }
            return unused;
        });
        others.values()
                .forEach(counted ->
                        counted.entrySet().removeIf(each -> each.getValue().isEmpty() && !loads.used(each.getKey())));
    }

    private void tell(Map<String, Counts> counts, Map<String, Load.Measured> measured, Map<String, Long> cooled) {
        LoadReport report = new LoadReport(counts, measured, cooled);
        if (!report.isEmpty()) {
            Letter letter = letter(report);
            known.forEach(node -> peers.tell(node, letter));
        }
    }

    private Letter letter(LoadReport report) {
        Letter letter = report.letter();
        letter.members().put("node", peers.self());
        return letter;
    }

    private void cooled(JsonObject cooled) {
        if (cooled.getInteger("lane") != ANOTHER_NODES) {
            tell(Map.of(), Map.of(), Map.of(cooled.getString("deployment"), cooled.getLong("until")));
        }
    }

    private void heard(String node, LoadReport report) {
        if (!known.contains(node)) {
            return;
        }
        if (!report.counts().isEmpty()) {
            Map<String, Counts> counted = others.computeIfAbsent(node, _ -> new HashMap<>());
            report.counts().forEach((id, counts) -> {
                // Of what is used neither here nor there, nothing is kept.
                if (counts.isEmpty() && !loads.used(id)) {
                    counted.remove(id);
                } else {
                    counted.put(id, counts);
                }
                sum(id);
            });
        }
        if (!report.measured().isEmpty()) {
            lanes.forEach(lane -> merge(lane, report.measured()));
        }
        report.cooledUntil()
                .forEach((id, until) -> vertx.eventBus()
                        .publish(
                                LocalLoadBoard.COOLED,
                                LocalLoadBoard.cooled(ANOTHER_NODES, id, until),
                                LocalLoadBoard.LOCAL));
    }

    private void sum(String deploymentId) {
        Counts sum = Counts.NOTHING;
        for (Map<String, Counts> of : others.values()) {
            sum = sum.plus(of.getOrDefault(deploymentId, Counts.NOTHING));
        }
        loads.others(deploymentId, sum);
    }

    /** Who has gone is forgotten; who is new is asked for everything. */
    private void members() {
        Set<String> now = peers.all().stream()
                .map(Peer::id)
                .filter(id -> !id.equals(peers.self()))
                .collect(Collectors.toSet());
        Set<String> gone = new HashSet<>(others.keySet());
        gone.removeAll(now);
        for (String node : gone) {
            Map<String, Counts> counted = others.remove(node);
            if (counted != null) {
                counted.keySet().forEach(this::sum);
            }
        }
        now.stream().filter(node -> !known.contains(node)).forEach(strangers::add);
        strangers.retainAll(now);
        known = Set.copyOf(now);
    }

    /** Asks those who are new for everything, each round again until they answer: who has only just joined may not listen yet. */
    private void meet() {
        for (String node : List.copyOf(strangers)) {
            strangers.remove(node);
            peers.ask(node, new Letter(EVERYTHING, new JsonObject()), PATIENCE)
                    .onComplete(
                            letter -> context.runOnContext(_ -> heard(node, LoadReport.of(letter))),
                            _ -> context.runOnContext(_ -> again(node)));
        }
    }

    private void again(String node) {
        if (known.contains(node)) {
            strangers.add(node);
        }
    }

    /** All counts, as they are now. */
    private Map<String, Counts> present() {
        long now = System.currentTimeMillis();
        List<String> used = loads.deployments();
        answered.addAll(used);
        return used.stream().collect(Collectors.toMap(id -> id, id -> loads.counts(id, now)));
    }

    private Future<Letter> everything() {
        Promise<Letter> answer = Promise.promise();
        context.runOnContext(_ -> {
            if (lanes.isEmpty()) {
                answer.complete(letter(new LoadReport(present(), Map.of(), Map.of())));
                return;
            }
            // Any lane knows of every cooldown.
            OnLane first = lanes.getFirst();
            first.context().runOnContext(_ -> {
                Map<String, Long> cooled = first.board().cooled(System.currentTimeMillis());
                context.runOnContext(_ -> answer.complete(letter(new LoadReport(present(), Map.of(), cooled))));
            });
        });
        return answer.future();
    }
}
