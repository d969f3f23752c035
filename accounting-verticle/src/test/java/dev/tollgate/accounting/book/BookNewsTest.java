package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.ledger.ServerDefinitions;
import dev.tollgate.accounting.ledger.SqliteDefinitions;
import dev.tollgate.accounting.ledger.Stores;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.Peers;
import dev.tollgate.config.StoreUrl;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Two members of a cluster on one store. */
class BookNewsTest {
    /** Before a store that hangs is given up (`socket_timeout`, 30 s). */
    private static final Duration BEFORE_THE_STORE = Duration.ofSeconds(20);

    @RegisterExtension
    static final Stores POSTGRES = new Stores(StoreUrl.Kind.POSTGRESQL);

    @TempDir
    Path data;

    private final Mesh mesh = new Mesh();
    private final Mesh.Member one = mesh.join("one");
    private final Mesh.Member two = mesh.join("two");
    private StoredBook first;
    private StoredBook second;

    @BeforeEach
    void open() throws Exception {
        String url = POSTGRES.fresh();
        first = open(url, "first.json", one);
        second = open(url, "second.json", two);
        await().atMost(Duration.ofSeconds(60)).until(() -> first.readable() && second.readable());
    }

    private StoredBook open(String url, String file, Peers member) {
        StoredBook book = new StoredBook(
                () -> ServerDefinitions.of(StoreUrl.parse(url)),
                new BookCopy(data.resolve(file), "here"),
                InstantSource.system(),
                member);
        book.start(() -> {});
        return book;
    }

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    private static JsonObject alias(String alias) {
        return new JsonObject().put("user_alias", alias);
    }

    /** Of a node of an earlier release, which does not name its store. */
    private static Letter letter(Kind kind, String id, long version, @Nullable JsonObject document) {
        String text = document == null ? null : document.encode();
        return new BookNews(List.of(new Definitions.Definition(kind, id, version, text)), "").letter();
    }

    @Test
    void aChangeHoldsEverywhereWhenItsWriterIsAnswered() throws Exception {
        assertThat(first.write(List.of(
                        Change.create(Kind.USER, "u", alias("Anna")), Change.create(Kind.TAG, "t", new JsonObject()))))
                .isEmpty();
        assertThat(second.user("u").alias()).isEqualTo("Anna");
        assertThat(second.write(List.of(
                        Change.update(second.entry(Kind.USER, "u").orElseThrow(), alias("Berta")),
                        Change.delete(second.entry(Kind.TAG, "t").orElseThrow()))))
                .isEmpty();
        assertThat(first.user("u").alias()).isEqualTo("Berta");
        assertThat(first.tag("t")).isNull();
    }

    @Test
    void whoHeardNothingIsNamedAndCatchesUpWithTheNextNews() throws Exception {
        mesh.cutOff("two");
        assertThat(first.write(List.of(Change.create(Kind.USER, "u", alias("Anna")))))
                .containsExactly("two");
        assertThat(second.user("u")).isNull();
        // Its own change tells it that there is one before, so it reads the store.
        second.write(List.of(Change.create(Kind.USER, "v", alias("Berta"))));
        await().atMost(Duration.ofSeconds(60)).until(() -> second.user("u") != null);
        assertThat(second.user("u").alias()).isEqualTo("Anna");
        assertThat(first.user("v").alias()).isEqualTo("Berta");
    }

    @Test
    void newsThatComeWithAGapOrTooLateDoNoHarm() throws Exception {
        first.write(List.of(Change.create(Kind.USER, "u", alias("Anna"))));
        Entry old = first.entry(Kind.USER, "u").orElseThrow();
        first.write(List.of(Change.delete(old)));
        var again = letter(Kind.USER, "u", old.version(), alias("Anna"));
        one.tell("two", again);
        var ahead = letter(Kind.USER, "w", old.version() + 50, alias("Wera"));
        assertThat(one.ask("two", ahead, Duration.ofSeconds(5)).await().topic()).isEmpty();
        assertThat(second.user("u")).as("deleted since").isNull();
        assertThat(second.user("w").alias()).isEqualTo("Wera");
        first.write(List.of(Change.create(Kind.USER, "x", alias("Xaver"))));
        assertThat(second.user("x").alias()).isEqualTo("Xaver");
    }

    @Test
    void aRevocationHoldsAtOnceOnANodeWhoseStoreHangs() throws Exception {
        first.write(List.of(Change.create(Kind.USER, "u", alias("Anna"))));
        long version = second.entry(Kind.USER, "u").orElseThrow().version();
        Thread waiting = Thread.ofPlatform().unstarted(() -> {
            try {
                second.write(List.of(Change.create(Kind.USER, "v", alias("Berta"))));
            } catch (Book.Stale | Book.Unavailable _) {
                // When the server is back, or not.
            }
        });
        POSTGRES.server().freeze();
        try {
            waiting.start();
            await().atMost(Duration.ofSeconds(60)).until(() -> waiting.getState() == Thread.State.WAITING);
            Letter answer = one.ask("two", letter(Kind.USER, "u", version + 9, null), BEFORE_THE_STORE)
                    .await();
            assertThat(answer.members()).isEmpty();
            assertThat(second.user("u")).isNull();
            one.ask("two", letter(Kind.USER, "u", version + 5, alias("Anna")), BEFORE_THE_STORE)
                    .await();
            assertThat(second.user("u"))
                    .as("an older letter brings it not back")
                    .isNull();
            second.fix(Map.of("k", new JsonObject()));
            await().atMost(BEFORE_THE_STORE).until(() -> second.key("k") != null);
        } finally {
            POSTGRES.server().thaw();
        }
        waiting.join(Duration.ofSeconds(60));
    }

    @Test
    void newsOfAnotherStoreAreNotTakenAndWhoWroteThemIsTold() throws Exception {
        first.write(List.of(Change.create(Kind.USER, "u", alias("Anna"))));
        Mesh.Member three = mesh.join("three");
        StoredBook stranger = open(POSTGRES.fresh(), "third.json", three);
        StoredBook embedded = new StoredBook(
                () -> SqliteDefinitions.open(data.resolve("tollgate.db")), InstantSource.system(), mesh.join("four"));
        embedded.start(() -> {});
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> stranger.readable() && embedded.readable());
            assertThat(stranger.write(List.of(Change.create(Kind.USER, "w", alias("Wera")))))
                    .containsExactly("four", "one", "two");
            assertThat(first.write(List.of(Change.create(Kind.USER, "v", alias("Berta")))))
                    .containsExactly("four", "three");
            assertThat(embedded.write(List.of(Change.create(Kind.USER, "x", alias("Xaver")))))
                    .containsExactly("one", "three", "two");
            assertThat(second.user("v")).isNotNull();
            assertThat(first.user("w")).isNull();
            assertThat(stranger.user("v")).isNull();
            assertThat(stranger.user("x")).isNull();
            assertThat(embedded.user("v")).isNull();
        } finally {
            stranger.close();
            embedded.close();
        }
    }

    @Test
    void aChangeThatDidNotComeIntoForceIsNotConfirmed() throws Exception {
        second.confirmWhen(_ -> Future.failedFuture("a lane did not go over to it"));
        assertThat(first.write(List.of(Change.create(Kind.USER, "u", alias("Anna")))))
                .containsExactly("two");
        assertThat(second.user("u")).isNotNull();
    }
}
