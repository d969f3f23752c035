package dev.tollgate.accounting.book;

import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.ledger.SqliteDefinitions;
import dev.tollgate.cluster.Mesh;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Nodes of a cluster with a store each, in one process. A node that is started anew has another id and the folder of before. */
final class Twins implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(120);

    final Mesh mesh = new Mesh();
    private final Path folder;
    private final InstantSource clock;
    private final Map<String, StoredBook> running = new LinkedHashMap<>();
    private final Map<String, Integer> starts = new LinkedHashMap<>();

    Twins(Path folder, InstantSource clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /** The node of that folder; its id in the mesh is the name and how often it was started. */
    StoredBook start(String name) {
        int start = starts.merge(name, 1, Integer::sum);
        Path file = folder.resolve(name).resolve("tollgate.db");
        Mesh.Member member = mesh.join(name + start);
        StoredBook book = new StoredBook(() -> SqliteDefinitions.openTogether(file), clock, member);
        running.put(name, book);
        book.start(() -> {});
        await().atMost(SOON).until(book::readable);
        return book;
    }

    String id(String name) {
        return name + starts.get(name);
    }

    void stop(String name) {
        mesh.leave(id(name));
        running.remove(name).close();
    }

    StoredBook book(String name) {
        return running.get(name);
    }

    List<StoredBook> books() {
        return List.copyOf(running.values());
    }

    /** Makes or changes an entry. */
    static List<String> put(StoredBook book, Kind kind, String id, JsonObject document) throws Exception {
        return book.write(List.of(book.entry(kind, id)
                .map(entry -> Change.update(entry, document))
                .orElseGet(() -> Change.create(kind, id, document))));
    }

    static List<String> delete(StoredBook book, Kind kind, String id) throws Exception {
        return book.write(List.of(Change.delete(book.entry(kind, id).orElseThrow())));
    }

    /** All there is, by name. */
    static Map<String, String> all(StoredBook book) {
        Map<String, String> all = new TreeMap<>();
        for (Kind kind : Kind.values()) {
            book.entries(kind)
                    .forEach(each -> all.put(
                            kind.storedName() + " " + each.id(), each.document().encode()));
        }
        return all;
    }

    @Override
    public void close() {
        running.values().forEach(StoredBook::close);
    }
}
