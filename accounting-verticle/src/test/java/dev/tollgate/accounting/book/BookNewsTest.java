package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.ledger.ServerDefinitions;
import dev.tollgate.accounting.ledger.Stores;
import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.Peers;
import dev.tollgate.config.StoreUrl;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Two members of a cluster on one store. */
class BookNewsTest {
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
        assertThat(second.user("u").alias()).isEqualTo("Anna");
        assertThat(first.user("v").alias()).isEqualTo("Berta");
    }

    @Test
    void newsThatComeWithAGapOrTooLateDoNoHarm() throws Exception {
        first.write(List.of(Change.create(Kind.USER, "u", alias("Anna"))));
        Entry old = first.entry(Kind.USER, "u").orElseThrow();
        first.write(List.of(Change.delete(old)));
        var again = BookNews.letter(List.of(new Definitions.Definition(
                Kind.USER, "u", old.version(), alias("Anna").encode())));
        one.tell("two", again);
        var ahead = BookNews.letter(List.of(new Definitions.Definition(
                Kind.USER, "w", old.version() + 50, alias("Wera").encode())));
        assertThat(one.ask("two", ahead, Duration.ofSeconds(5)).await().topic()).isEmpty();
        assertThat(second.user("u")).as("deleted since").isNull();
        assertThat(second.user("w").alias()).isEqualTo("Wera");
        first.write(List.of(Change.create(Kind.USER, "x", alias("Xaver"))));
        assertThat(second.user("x").alias()).isEqualTo("Xaver");
    }
}
