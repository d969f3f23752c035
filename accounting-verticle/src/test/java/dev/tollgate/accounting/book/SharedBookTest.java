package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.ledger.DatabaseServer;
import dev.tollgate.accounting.ledger.ServerDefinitions;
import dev.tollgate.accounting.ledger.Stores;
import dev.tollgate.cluster.NoPeers;
import dev.tollgate.config.StoreUrl;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nodes whose book is in one database server, which goes and comes. */
class SharedBookTest {
    @RegisterExtension
    static final Stores POSTGRES = new Stores(StoreUrl.Kind.POSTGRESQL);

    @RegisterExtension
    static final Stores MYSQL = new Stores(StoreUrl.Kind.MYSQL);

    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path data;

    private StoredBook first;
    private StoredBook second;

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    private StoredBook open(String url, Path file, String store) {
        StoredBook book = new StoredBook(
                () -> ServerDefinitions.of(StoreUrl.parse(url)),
                new BookCopy(file, store),
                InstantSource.system(),
                new NoPeers("", ""));
        book.start(() -> {});
        return book;
    }

    private static JsonObject alias(String alias) {
        return new JsonObject().put("user_alias", alias);
    }

    private static Stores stores(StoreUrl.Kind kind) {
        return kind == StoreUrl.Kind.POSTGRESQL ? POSTGRES : MYSQL;
    }

    @ParameterizedTest
    @EnumSource(StoreUrl.Kind.class)
    void nodesSeeEachOthersChangesAndStartWithoutTheStore(StoreUrl.Kind kind) throws Exception {
        Path file = data.resolve("definitions.json");
        String url = stores(kind).fresh();
        first = open(url, file, "here");
        second = open(url, data.resolve("other.json"), "here");
        first.write(List.of(Change.create(Kind.USER, "u", alias("Anna")), Change.create(Kind.TEAM, "t", alias("x"))));
        await().atMost(SOON).until(() -> second.user("u") != null);
        second.write(List.of(
                Change.update(second.entry(Kind.USER, "u").orElseThrow(), alias("Berta")),
                Change.delete(second.entry(Kind.TEAM, "t").orElseThrow())));
        await().atMost(SOON).until(() -> first.team("t") == null);
        assertThat(first.user("u").alias()).isEqualTo("Berta");
        DatabaseServer server = stores(kind).server();
        server.stop();
        try {
            withoutTheStore(url, file);
        } finally {
            server.start();
        }
        await().atMost(SOON).until(() -> wrote(second, "Carla"));
        assertThat(second.user("u").alias()).isEqualTo("Carla");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(first.user("u").alias()).isEqualTo("Carla"));
    }

    private void withoutTheStore(String url, Path file) throws IOException, Book.Unavailable {
        assertThat(first.user("u").alias()).as("reading goes on").isEqualTo("Berta");
        assertThat(wrote(first, "nobody")).isFalse();
        assertThatThrownBy(() -> first.write(List.of(Change.create(Kind.TAG, "blue", new JsonObject()))))
                .isInstanceOf(Book.Unavailable.class)
                .hasMessageContaining("127.0.0.1");
        assertThat(first.tag("blue")).isNull();
        first.close();
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        StoredBook another = open(url, file, "elsewhere");
        first = open(url, file, "here");
        await().atMost(SOON).until(first::readable);
        assertThat(first.user("u").alias()).as("of the copy").isEqualTo("Berta");
        assertThat(another.readable()).as("the copy is another store's").isFalse();
        assertThat(another.user("u")).isNull();
        assertThatThrownBy(() -> another.known(Duration.ZERO)).isInstanceOf(Book.Unavailable.class);
        first.known(Duration.ZERO);
        another.close();
    }

    private static boolean wrote(StoredBook book, String alias) {
        try {
            book.write(List.of(Change.update(book.entry(Kind.USER, "u").orElseThrow(), alias(alias))));
            return true;
        } catch (Book.Stale | Book.Unavailable _) {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource(names = "POSTGRESQL")
    void aCopyThatIsNotWholeIsNotUsed(StoreUrl.Kind kind) throws Exception {
        Path file = data.resolve("definitions.json");
        String url = stores(kind).fresh();
        first = open(url, file, "here");
        first.write(List.of(Change.create(Kind.USER, "u", alias("Anna")), Change.create(Kind.TEAM, "t", alias("x"))));
        first.close();
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(3);
        for (List<String> broken : List.of(
                List.<String>of(),
                lines.subList(0, 2),
                List.of(lines.get(0), lines.get(1), lines.get(2).substring(0, 10)),
                List.of("[]", lines.get(1), lines.get(2)))) {
            Files.write(file, broken);
            assertThatThrownBy(() -> new BookCopy(file, "here").load()).isInstanceOf(IOException.class);
        }
        Files.write(file, lines);
        assertThat(new BookCopy(file, "here").load().entries()).hasSize(2);
        assertThat(new BookCopy(file, "here").load().identity()).isNotEmpty();
        Files.write(file, List.of("[\"here\",2]", lines.get(1), lines.get(2)));
        assertThat(new BookCopy(file, "here").load().identity())
                .as("of an earlier release")
                .isEmpty();
        second = open(url, file, "here");
    }
}
