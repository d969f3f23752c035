package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A book without a store, that another node can be faster with. */
final class MemoryBook implements Book {
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private List<String> silent = List.of();
    private int others;
    private boolean away;
    private boolean unknown;

    private long stamp;

    @Override
    public long stamp() {
        return stamp++;
    }

    /** So many of the next writes come too late. */
    void othersWrite(int times) {
        others = times;
    }

    void storeIsAway() {
        away = true;
    }

    void nothingIsKnownYet() {
        unknown = true;
    }

    @Override
    public void known(Duration longest) throws Unavailable {
        if (unknown) {
            throw new Unavailable("The store has not answered");
        }
    }

    private static String place(Kind kind, String id) {
        return kind + "\0" + id;
    }

    @Override
    public Optional<Entry> entry(Kind kind, String id) {
        return Optional.ofNullable(entries.get(place(kind, id)))
                .map(entry ->
                        new Entry(kind, id, entry.version(), entry.document().copy()));
    }

    @Override
    public List<Entry> entries(Kind kind) {
        return entries.values().stream()
                .filter(entry -> entry.kind() == kind)
                .map(entry -> new Entry(
                        kind, entry.id(), entry.version(), entry.document().copy()))
                .toList();
    }

    @Override
    public synchronized List<String> write(List<Change> changes) throws Stale, Unavailable {
        if (away) {
            throw new Unavailable("The store is away", new IllegalStateException());
        }
        for (Change change : changes) {
            Entry present = entries.get(place(change.kind(), change.id()));
            if (others > 0 || (present == null ? 0 : present.version()) != change.basedOn()) {
                others--;
                throw new Stale(change);
            }
        }
        for (Change change : changes) {
            String place = place(change.kind(), change.id());
            if (change.document() == null) {
                entries.remove(place);
            } else {
                // What is stored comes back as JSON has it.
                JsonObject stored = new JsonObject(change.document().encode());
                entries.put(place, new Entry(change.kind(), change.id(), change.basedOn() + 1, stored));
            }
        }
        return silent;
    }

    /** From now on these nodes do not answer. */
    void silent(String... nodes) {
        silent = List.of(nodes);
    }

    void put(Kind kind, String id, JsonObject document) {
        entries.put(place(kind, id), new Entry(kind, id, 1, document));
    }

    String all() {
        return entries.toString();
    }

    @Override
    public Account.@Nullable Key key(String hash) {
        return null;
    }

    @Override
    public Account.@Nullable User user(String id) {
        return null;
    }

    @Override
    public Account.@Nullable Team team(String id) {
        return null;
    }

    @Override
    public Account.@Nullable Member member(String team, String user) {
        return null;
    }

    @Override
    public Account.@Nullable OrganizationMember organizationMember(String organization, String user) {
        return null;
    }

    @Override
    public Account.@Nullable Organization organization(String id) {
        return null;
    }

    @Override
    public Account.@Nullable Customer customer(String id) {
        return null;
    }

    @Override
    public Account.@Nullable Tag tag(String name) {
        return null;
    }

    @Override
    public List<String> managedTeams(String user) {
        return List.of();
    }

    @Override
    public boolean limitsEveryone() {
        return false;
    }
}
