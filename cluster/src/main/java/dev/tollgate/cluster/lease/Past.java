package dev.tollgate.cluster.lease;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who was together before, as one node knows it, and as all that are here now know together. A node that was about to divide with
 * others does not know whether they did; so as long as nothing later is known, that counts as if they had.
 */
final class Past {
    /** Whom this node divided with last. */
    private Memory last = Memory.NONE;

    /** Whom it was about to divide with since then. */
    private final List<Memory> open = new ArrayList<>();

    private final Set<Memory> lastOfAll = new LinkedHashSet<>();
    private final Set<Memory> openOfAll = new LinkedHashSet<>();
    private long newest;

    /** For others. */
    void put(JsonObject letter) {
        JsonArray rows = new JsonArray();
        open.forEach(each -> rows.add(each.row()));
        letter.put("together", last.row()).put("open", rows);
    }

    /** The nodes are others now, and tell what they know. */
    void begin() {
        lastOfAll.clear();
        openOfAll.clear();
        newest = 0;
    }

    /** What one of those that are here knows. */
    void told(JsonObject letter) {
        Memory memory = Memory.of(letter.getJsonArray("together"));
        newest = Math.max(newest, memory.epoch());
        if (!memory.nodes().isEmpty()) {
            lastOfAll.add(memory);
        }
        for (Object each : letter.getJsonArray("open")) {
            Memory about = Memory.of((JsonArray) each);
            newest = Math.max(newest, about.epoch());
            openOfAll.add(about);
        }
    }

    /** Who was together last, as far as any of these knows, and who may have been since; who was left behind remembers older times. */
    List<Memory> decisive() {
        long epoch = lastOfAll.stream().mapToLong(Memory::epoch).max().orElse(0);
        List<Memory> decisive = new ArrayList<>();
        lastOfAll.stream().filter(each -> each.epoch() == epoch).forEach(decisive::add);
        openOfAll.stream().filter(each -> each.epoch() > epoch).forEach(decisive::add);
        return decisive;
    }

    /**
     * These are about to divide; the same to all of them. Nothing older is forgotten before they do, not even that the same nodes were
     * about to: some of them may have divided then, and ask the arbiter by that time. So what others have told of theirs is remembered.
     */
    Memory about(List<String> nodes) {
        Memory about = new Memory(newest + 1, nodes);
        lastOfAll.stream()
                .filter(each -> each.epoch() > last.epoch() && !open.contains(each))
                .forEach(open::add);
        open.add(about);
        return about;
    }

    /** Whether something that is known to all comes after this. */
    boolean isPast(Memory about) {
        return newest > about.epoch();
    }

    /** The arbiter says that of those who were together last these go on. */
    void won(Memory winner) {
        reached(winner.epoch());
        if (!open.contains(winner)) {
            open.add(winner);
        }
    }

    /** What others are about to do comes after this. */
    void reached(long epoch) {
        newest = Math.max(newest, epoch);
    }

    /** All of them were about to, so that none can go back behind this. */
    void divided(Memory together) {
        last = together;
        open.removeIf(each -> each.epoch() <= together.epoch());
    }

    /** Whether it is not known yet whether they divided, and would matter. */
    boolean isOpen(Memory about) {
        return open.contains(about);
    }

    /** It has left in good order. */
    void left(String node) {
        last = last.without(node);
        open.replaceAll(each -> each.without(node));
    }
}
