package dev.tollgate.cluster.lease;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the nodes that are here go on. All have told each other of the past; where enough of it is here, each writes down that it is
 * about to divide with the others, then tells them; when all have, the arbiter is asked where it must be, and they divide. So nobody
 * divides with nodes that do not know of it, and its answer holds even if there are fewer of them when it comes.
 */
final class Agreement {
    private static final Logger LOG = LoggerFactory.getLogger(Agreement.class);

    private final Leases.Cut cut;
    private final Judge judge;
    private final Room room;
    private final Past past = new Past();
    private final Map<String, Long> agreed = new HashMap<>();
    private final Set<String> here = new HashSet<>();
    private Phase phase = Phase.HEARING;
    private Memory about = Memory.NONE;
    private List<Memory> decisive = List.of();
    private View view = View.NONE;
    private boolean most;
    private boolean unanswered;
    /** The arbiter says that this part goes on, at this time, as another node of it has heard. */
    private long known;

    private volatile @Nullable String trouble;

    /** How far the nodes are. */
    enum Phase {
        /** Each tells every other what it has. */
        HEARING,
        /** This part may go on; not all have heard yet that all know that they are about to. */
        AGREEING,
        /** The arbiter must say whether it does. */
        CLAIMING,
        DIVIDING,
        /** It does not. */
        CUT_OFF
    }

    /** Where they agree. */
    interface Room {
        /** Tells a node until it is there, or the nodes are others. */
        void tell(String node, JsonObject letter);

        /** They divide. */
        void divide();

        /** They do not. */
        void distrust();

        /** More is known of the past than was told. */
        void again();
    }

    Agreement(Leases.Cut cut, Judge judge, Room room) {
        this.cut = cut;
        this.judge = judge;
        this.room = room;
    }

    Phase phase() {
        return phase;
    }

    /** Whether asking again soon cannot help. */
    boolean refuses() {
        return phase == Phase.CUT_OFF || (phase == Phase.CLAIMING && unanswered);
    }

    /** Why they do not divide, or null. From any thread. */
    @Nullable String trouble() {
        return trouble;
    }

    /** Whether most of those that were together divide now, or the one half that may. */
    boolean most() {
        return most;
    }

    /** With this letter a node tells what it knows of the past. */
    void put(JsonObject letter) {
        past.put(letter.put("was", cut.before()));
    }

    /** The nodes are others now. */
    void begin(View next) {
        view = next;
        phase = Phase.HEARING;
        past.begin();
        agreed.clear();
        here.clear();
        here.addAll(next.nodes());
        known = 0;
        unanswered = false;
    }

    /** What a node tells first. One that was started anew is dead for sure under its old name. */
    void told(JsonObject letter) {
        past.told(letter);
        letter.getJsonArray("was").forEach(was -> here.add(String.valueOf(was)));
    }

    void left(String node) {
        past.left(node);
    }

    /** All have told what they have, and all know the same; answers who may have divided until now. */
    List<Memory> heard() {
        decisive = past.decisive();
        return decisive;
    }

    void decide() {
        most = judge.possible(decisive, here::contains);
        if (most || cut.open()) {
            agree();
        } else {
            cutOff();
        }
    }

    /** Whoever is among these knows from now on that they may be dividing. */
    private void agree() {
        phase = Phase.AGREEING;
        about = past.about(view.nodes());
        tell(false);
    }

    private void tell(boolean decided) {
        for (String node : view.nodes()) {
            room.tell(node, new JsonObject().put("epoch", about.epoch()).put("decided", decided));
        }
    }

    /** Another of these nodes, or this one, knows that they are about to. */
    void agrees(String node, JsonObject letter) {
        long epoch = letter.getLong("epoch");
        agreed.merge(node, epoch, Math::max);
        if (letter.getBoolean("decided")) {
            known = Math.max(known, epoch);
        }
        boolean open = phase == Phase.AGREEING || phase == Phase.CLAIMING;
        if (open && epoch > about.epoch()) {
            past.reached(epoch - 1);
            agree();
        } else if (phase == Phase.AGREEING
                && view.nodes().stream()
                        .allMatch(each -> Long.valueOf(about.epoch()).equals(agreed.get(each)))) {
            claim();
        } else if (phase == Phase.CLAIMING && known == about.epoch()) {
            divide();
        }
    }

    private void claim() {
        phase = Phase.CLAIMING;
        if (cut.open() || known == about.epoch()) {
            divide();
            return;
        }
        View asking = view;
        Memory asked = about;
        Set<String> present = Set.copyOf(here);
        Future<Boolean> verdict = judge.goesOn(new Judge.Case(
                decisive, present::contains, () -> past.isOpen(asked), past::won, why -> undecided(asking, why)));
        boolean byArbiter = !verdict.isComplete();
        verdict.onSuccess(goesOn -> answered(asking, asked, goesOn, byArbiter));
    }

    private void answered(View asking, Memory asked, boolean goesOn, boolean byArbiter) {
        if (view.equals(asking) && phase == Phase.CLAIMING) {
            if (!goesOn) {
                cutOff();
            } else if (past.isPast(asked)) {
                // Who went on as the arbiter said may have divided since then, and this comes after that.
                agree();
            } else {
                divide();
                if (byArbiter) {
                    tell(true);
                }
            }
        } else if (goesOn && past.isOpen(asked)) {
            // The nodes are others by now; these could not go back behind this.
            past.divided(asked);
            room.again();
        }
    }

    private void divide() {
        phase = Phase.DIVIDING;
        past.divided(about);
        trouble = null;
        room.divide();
    }

    private void undecided(View asking, String why) {
        if (!view.equals(asking) || phase != Phase.CLAIMING) {
            return;
        }
        trouble =
                "Half of the nodes that were together are gone, dead or cut off. Only the store can say which half goes on,"
                        + " and it does not: " + why;
        if (!unanswered) {
            unanswered = true;
            LOG.error(
                    "{}. It is asked every second. Until it answers, what this node may still use of budgets and limits it"
                            + " uses; then calls that have them are refused",
                    trouble);
        }
    }

    private void cutOff() {
        phase = Phase.CUT_OFF;
        trouble = "This node is cut off from most others of its cluster";
        LOG.error(
                "{}. What it may still use of budgets and limits it uses; then calls that have them are refused until"
                        + " enough of those that were together are back: {}",
                trouble,
                decisive);
        room.distrust();
    }
}
