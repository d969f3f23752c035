package dev.tollgate.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.accounting.book.Definitions.Definition;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store does with the book's entries. */
abstract class DefinitionsContract {
    static final long NOW = 1_767_225_600_000L;

    private Definitions definitions;

    abstract Definitions open();

    @BeforeEach
    void openDefinitions() {
        definitions = open();
    }

    @AfterEach
    void closeDefinitions() {
        definitions.close();
    }

    private static JsonObject document(String alias) {
        return new JsonObject().put("key_alias", alias);
    }

    private List<String> after(long version) {
        List<String> found = new ArrayList<>();
        definitions.changes(version, each -> found.add(shown(each)));
        return found;
    }

    private static String shown(Definition each) {
        return each.version() + " " + each.kind().storedName() + " " + each.id() + " " + each.document();
    }

    private static Change change(Kind kind, String id, long basedOn, JsonObject document) {
        return new Change(kind, id, basedOn, document);
    }

    @Test
    void whatIsWrittenIsThereInItsOrderAndAsItWas() throws Book.Stale {
        String odd = "{\"metadata\":{\"zero\":\"\\u0000\",\"text\":\"ünï 🦊 'quoted' \\\\ $1 ?\"},\"max_budget\":0.1}";
        assertThat(after(0)).isEmpty();
        assertThat(definitions.write(
                        List.of(
                                Change.create(Kind.TEAM, "t", document("a")),
                                Change.create(Kind.MEMBER, "t\nü ", document("b")),
                                Change.create(Kind.MEMBER, "t\nü", document("c"))),
                        NOW))
                .isEqualTo(3);
        assertThat(definitions.write(List.of(Change.create(Kind.KEY, "x".repeat(512), new JsonObject(odd))), NOW))
                .isEqualTo(4);
        definitions.close();
        definitions = open();
        List<String> all = after(0);
        assertThat(all)
                .startsWith(
                        "1 team t {\"key_alias\":\"a\"}",
                        "2 member t\nü  {\"key_alias\":\"b\"}",
                        "3 member t\nü {\"key_alias\":\"c\"}")
                .hasSize(4);
        String stored = all.getLast();
        assertThat(new JsonObject(stored.substring(stored.indexOf('{')))).isEqualTo(new JsonObject(odd));
        assertThat(after(3)).hasSize(1);
    }

    /** Whether other nodes may use the store. */
    boolean shared() {
        return true;
    }

    @Test
    void whoSharesAStoreFindsOneIdentityAndNobodyElseDoes() throws Book.Stale {
        String identity = definitions.identity();
        assertThat(identity).isNotEmpty().isEqualTo(definitions.identity());
        try (Definitions other = open()) {
            assertThat(other.identity().equals(identity)).isEqualTo(shared());
        }
        assertThat(definitions.write(List.of(Change.create(Kind.TEAM, "t", document("a"))), NOW))
                .as("it is no change")
                .isOne();
    }

    @Test
    void deletionsAreToldOfForSomeDaysAndIdsMayComeBack() throws Book.Stale {
        long first = definitions.write(List.of(Change.create(Kind.KEY, "a", document("1"))), NOW);
        long gone = definitions.write(List.of(change(Kind.KEY, "a", first, null)), NOW);
        assertThat(after(first)).containsExactly("2 key a null");
        long again = definitions.write(List.of(Change.create(Kind.KEY, "a", document("2"))), NOW);
        assertThat(after(gone)).containsExactly("3 key a {\"key_alias\":\"2\"}");
        assertThatThrownBy(() -> definitions.write(List.of(change(Kind.KEY, "a", first, document("old"))), NOW))
                .as("the one of that version is another")
                .isInstanceOf(Book.Stale.class);
        long later = NOW + Definitions.FORGOTTEN_MILLIS + 1;
        definitions.write(List.of(change(Kind.KEY, "a", again, null)), NOW);
        long b = definitions.write(List.of(Change.create(Kind.KEY, "b", document("3"))), later);
        definitions.write(List.of(change(Kind.KEY, "b", b, null)), later);
        assertThat(after(0)).containsExactly("6 key b null");
    }

    @Test
    void oneChangeThatIsStaleTakesAllBack() throws Book.Stale {
        definitions.write(
                List.of(Change.create(Kind.USER, "u", document("1")), Change.create(Kind.USER, "v", document("1"))),
                NOW);
        definitions.write(List.of(change(Kind.USER, "u", 1, document("2"))), NOW);
        List<String> before = after(0);
        for (Change stale : List.of(
                change(Kind.USER, "u", 1, document("3")),
                change(Kind.USER, "u", 1, null),
                change(Kind.USER, "nobody", 1, document("3")),
                Change.create(Kind.USER, "u", document("3")))) {
            assertThatThrownBy(() -> definitions.write(
                            List.of(
                                    Change.create(Kind.TAG, "t", document("1")),
                                    change(Kind.USER, "v", 2, document("2")),
                                    stale),
                            NOW))
                    .isInstanceOf(Book.Stale.class)
                    .hasMessageContaining("user");
            assertThat(after(0)).isEqualTo(before);
        }
        assertThat(definitions.write(List.of(change(Kind.USER, "u", 3, document("4"))), NOW))
                .as("numbers of what was taken back are given again")
                .isEqualTo(4);
    }

    /** Several writers count one number up; a reader beside them sees every change once and in order. */
    @Test
    void writersWhoRaceLoseNothingAndReadersMissNothing() throws Exception {
        int writers = 3;
        int each = 15;
        definitions.write(List.of(Change.create(Kind.BUDGET, "b", new JsonObject().put("n", 0))), NOW);
        List<Callable<Integer>> work = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            int writer = i;
            work.add(() -> count(writer, each));
        }
        List<Long> versions = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            List<Future<Integer>> running = work.stream().map(threads::submit).toList();
            long seen = 0;
            boolean last = false;
            while (!last) {
                last = running.stream().allMatch(Future::isDone);
                seen = definitions.changes(seen, change -> {
                    versions.add(change.version());
                    if (change.kind() == Kind.TAG) {
                        ids.add(change.id());
                    }
                });
            }
            for (Future<Integer> done : running) {
                assertThat(done.get(60, TimeUnit.SECONDS)).isEqualTo(each);
            }
        }
        assertThat(versions).isSorted().doesNotHaveDuplicates();
        assertThat(ids).hasSize(writers * each).doesNotHaveDuplicates();
        assertThat(after(0)).anyMatch(row -> row.endsWith("{\"n\":" + writers * each + "}"));
    }

    private int count(int writer, int times) {
        try (Definitions mine = open()) {
            int done = 0;
            while (done < times) {
                Definition[] now = new Definition[1];
                mine.changes(0, change -> now[0] = change.kind() == Kind.BUDGET ? change : now[0]);
                JsonObject next = new JsonObject(now[0].document());
                next.put("n", next.getInteger("n") + 1);
                try {
                    mine.write(
                            List.of(
                                    change(Kind.BUDGET, "b", now[0].version(), next),
                                    Change.create(Kind.TAG, writer + "-" + done, new JsonObject())),
                            NOW);
                    done++;
                } catch (Book.Stale _) {
                    // Another was faster.
                }
            }
            return done;
        }
    }

    @Test
    void manyRowsComeByPages() throws Book.Stale {
        List<Change> many = new ArrayList<>();
        for (int i = 0; i < 2 * DefinitionsSql.PAGE + 1; i++) {
            many.add(Change.create(Kind.KEY, "key" + i, document("a" + i)));
        }
        // Written in parts, for a transaction of so many rows one by one outlasts no limit of a server.
        for (int from = 0; from < many.size(); from += 1_000) {
            definitions.write(many.subList(from, Math.min(many.size(), from + 1_000)), NOW);
        }
        assertThat(after(0)).hasSize(many.size()).doesNotHaveDuplicates();
    }
}
