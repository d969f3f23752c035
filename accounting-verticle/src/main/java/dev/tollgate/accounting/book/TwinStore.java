package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.Definitions.Definition;
import dev.tollgate.accounting.book.StampedDefinitions.Stamped;
import dev.tollgate.accounting.book.StampedDefinitions.Taken;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A node's own store of which the others have twins, with the marks of its entries. On the thread that asks the store. */
final class TwinStore {
    private static final int PAGE_ENTRIES = 500;
    private static final int PAGE_CHARACTERS = 256 * 1024;
    private static final long FORGET_MILLIS = TimeUnit.HOURS.toMillis(1);

    private final Supplier<? extends StampedDefinitions> opening;
    private final InstantSource clock;
    private Marks marks = new Marks();
    private @Nullable StampedDefinitions store;
    private long forgotMillis;

    TwinStore(Supplier<? extends StampedDefinitions> opening, InstantSource clock) {
        this.opening = opening;
        this.clock = clock;
    }

    /** Opens it. */
    StampedDefinitions open() {
        StampedDefinitions opened = opening.get();
        try {
            Marks fresh = new Marks();
            opened.stamped(fresh::put);
            marks = fresh;
            store = opened;
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private StampedDefinitions opened() {
        StampedDefinitions now = store;
        if (now == null) {
            throw new IllegalStateException("This node's store is not open yet");
        }
        return now;
    }

    boolean isOpen() {
        return store != null;
    }

    long total() {
        opened();
        return marks.total();
    }

    Buffer digests() {
        opened();
        return marks.digests();
    }

    /** What was written here, as the others are told of it: its version is later than all that this node has heard of. */
    List<Stamped> stamped(List<Definition> written) {
        long now = clock.millis();
        return written.stream()
                .map(each -> new Stamped(each.kind(), each.id(), each.version(), each.document(), now))
                .toList();
    }

    void wrote(List<Definition> written) {
        stamped(written).forEach(marks::put);
    }

    /** What of it was new, by the versions of this store. */
    List<Definition> merge(List<Stamped> found) {
        Taken taken = opened().merge(found, clock.millis());
        taken.stamped().forEach(marks::put);
        return taken.definitions();
    }

    /** Some of what whoever has these digests may lack. */
    Page lacking(Buffer digests, Marks.@Nullable Mark after) {
        StampedDefinitions from = opened();
        List<Marks.Mark> lacking = marks.lacking(digests, after, PAGE_ENTRIES + 1);
        List<Holder> asked =
                lacking.stream().limit(PAGE_ENTRIES).map(Marks.Mark::holder).toList();
        int[] size = new int[1];
        List<Stamped> entries = from.stamped(asked, each -> {
            String document = each.document();
            size[0] += document == null ? 0 : document.length();
            return size[0] >= PAGE_CHARACTERS;
        });
        if (size[0] < PAGE_CHARACTERS && asked.size() == lacking.size()) {
            return new Page(entries, null);
        }
        return size[0] < PAGE_CHARACTERS
                ? new Page(entries, lacking.get(asked.size() - 1))
                : new Page(
                        entries,
                        Marks.Mark.place(
                                entries.getLast().holder(), entries.getLast().stamp()));
    }

    /** {@code next}: behind it there may be more, or null. */
    record Page(List<Stamped> entries, Marks.@Nullable Mark next) {}

    /** Deletions of long ago, from time to time. */
    void forget() {
        long now = clock.millis();
        if (now - forgotMillis >= FORGET_MILLIS) {
            forgotMillis = now;
            marks.forget(now - StampedDefinitions.REMEMBERED_MILLIS);
        }
    }

    /** Whether some of these would have less limits than they should, since an entry is not here that limits them. */
    boolean incomplete(Collection<Stamped> entries) {
        List<Holder> coming = entries.stream().map(Stamped::holder).toList();
        return entries.stream()
                .flatMap(each -> limiting(each).stream())
                .anyMatch(each -> !marks.has(each) && !coming.contains(each));
    }

    private static List<Holder> limiting(Stamped entry) {
        String document = entry.document();
        List<Holder> limiting = new ArrayList<>();
        if (document != null) {
            try {
                Fields fields = new Fields(new JsonObject(document));
                Contents.budgets(fields).forEach(id -> limiting.add(new Holder(Kind.BUDGET, id)));
                add(limiting, Kind.TEAM, fields.id("team_id"));
                add(limiting, Kind.USER, fields.id("user_id"));
                add(limiting, Kind.ORGANIZATION, fields.id("organization_id"));
                add(limiting, Kind.ORGANIZATION, fields.id("org_id"));
            } catch (Fields.Unreadable | DecodeException _) {
                // It is treated as blocked.
            }
        }
        return limiting;
    }

    private static void add(List<Holder> holders, Kind kind, @Nullable String id) {
        if (id != null) {
            holders.add(new Holder(kind, id));
        }
    }
}
