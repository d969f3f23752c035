package dev.tollgate.accounting.stored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.AccountingRoom;
import dev.tollgate.accounting.book.BookCopy;
import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.StoredBook;
import dev.tollgate.accounting.ledger.ServerDefinitions;
import dev.tollgate.accounting.ledger.SqliteDefinitions;
import dev.tollgate.accounting.ledger.Stores;
import dev.tollgate.cluster.InStore;
import dev.tollgate.cluster.ModelShelf;
import dev.tollgate.cluster.NoPeers;
import dev.tollgate.config.Composed;
import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.Discovery;
import dev.tollgate.config.Environment;
import dev.tollgate.config.FileCredential;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.StoreUrl;
import dev.tollgate.config.StoredModels;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nodes that keep models in one store, of each kind. */
class VaultTest {
    @RegisterExtension
    static final Stores POSTGRES = new Stores(StoreUrl.Kind.POSTGRESQL);

    @RegisterExtension
    static final Stores MYSQL = new Stores(StoreUrl.Kind.MYSQL);

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String SECRET = "sk-very-secret-0001";

    @TempDir
    Path data;

    private final List<Node> nodes = new ArrayList<>();

    private enum Store {
        SQLITE,
        POSTGRESQL,
        MYSQL
    }

    /** A book, its vault, and what came onto the shelf. */
    private static final class Node implements ModelShelf.Composer {
        private final LoadResult.Loaded found;
        private final ModelShelf shelf = new ModelShelf();
        private final StoredBook book;
        private final Vault vault;
        private volatile StoredModels brought = StoredModels.NONE;
        private volatile boolean stuck;

        Node(StoredBook book, String salt, int rounds) {
            this.book = book;
            this.found = new Discovery(Environment.of(Map.of("LITELLM_SALT_KEY", salt))).loaded(List.of());
            this.vault = new Vault(book, shelf, new NoPeers("alone", "test"), rounds);
            shelf.composer(this);
            vault.configured(found.snapshot());
            book.start(() -> {
                if (book.readable()) {
                    vault.changed(book.stamp(Kind.MODEL) + 31 * book.stamp(Kind.CREDENTIAL));
                }
            });
        }

        @Override
        public Composed tried(StoredModels stored) {
            return found.basis().with(stored);
        }

        @Override
        public Future<Composed> bring(StoredModels stored) {
            brought = stored;
            if (stuck) {
                return Future.failedFuture("a lane does not go over to it");
            }
            return Future.succeededFuture(tried(stored));
        }

        @Override
        public List<FileCredential> credentials() {
            return List.of();
        }

        private void make(String id, String name) throws Exception {
            JsonObject document = new JsonObject()
                    .put("model_name", name)
                    .put(
                            "litellm_params",
                            new JsonObject()
                                    .put("model", "openai/x")
                                    .put("api_key", SECRET)
                                    .put("long", "y".repeat(20_000)))
                    .put("model_info", new JsonObject().put("id", id));
            book.write(List.of(Change.create(Kind.MODEL, id, vault.sealed(Kind.MODEL, id, document))));
        }

        private List<String> models() {
            return brought.models().stream().map(StoredModels.Entry::id).toList();
        }
    }

    private Node node(Store store, @Nullable String url, String salt, Path copy) {
        return node(store, url, salt, copy, 1);
    }

    private Node node(Store store, @Nullable String url, String salt, Path copy, int rounds) {
        InstantSource clock = InstantSource.system();
        StoredBook book = store == Store.SQLITE
                ? new StoredBook(() -> SqliteDefinitions.open(data.resolve("tollgate.db")), clock)
                : new StoredBook(
                        () -> ServerDefinitions.of(StoreUrl.parse(String.valueOf(url))),
                        new BookCopy(copy, "here"),
                        clock,
                        new NoPeers("", ""));
        Node node = new Node(book, salt, rounds);
        nodes.add(node);
        return node;
    }

    @AfterEach
    void close() {
        nodes.forEach(node -> {
            node.book.close();
            node.vault.close();
        });
    }

    @ParameterizedTest
    @EnumSource(Store.class)
    void whatOneNodeMakesIsInForceOnAllThatHaveTheKeyAndInClearNowhere(Store store) throws Exception {
        String url = store == Store.SQLITE ? null : (store == Store.POSTGRESQL ? POSTGRES : MYSQL).fresh();
        Path copy = data.resolve("definitions.json");
        Node first = node(store, url, "salt", copy);
        first.make("m-1", "a");
        await().atMost(SOON).until(() -> first.models().equals(List.of("m-1")));
        assertThat(new JsonObject(first.brought.models().getFirst().json().reveal())
                        .getJsonObject("litellm_params")
                        .getString("api_key"))
                .isEqualTo(SECRET);
        assertThat(first.shelf.leftOut()).isZero();
        assertThat(first.brought.toString()).doesNotContain(SECRET);

        Node second = node(store, url, "salt", data.resolve("second.json"));
        Node stranger = node(store, url, "another salt", data.resolve("third.json"));
        await().atMost(SOON).until(() -> second.models().equals(List.of("m-1")));
        await().atMost(SOON).until(() -> stranger.shelf.leftOut() == 1);
        assertThat(stranger.models()).isEmpty();
        if (store != Store.SQLITE) {
            second.make("m-2", "b");
            await().atMost(SOON).until(() -> first.models().equals(List.of("m-1", "m-2")));
            await().atMost(SOON)
                    .until(() -> Files.exists(copy) && Files.readString(copy).contains("\"m-2\""));
            assertThat(Files.readString(copy)).contains("sealed").doesNotContain(SECRET);
            Node away = node(store, "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1", "salt", copy);
            await().atMost(SOON).until(() -> away.models().equals(List.of("m-1", "m-2")));
        }
        first.book.write(
                List.of(Change.delete(first.book.entry(Kind.MODEL, "m-1").orElseThrow())));
        await().atMost(SOON).until(() -> !first.models().contains("m-1"));
        nodes.forEach(node -> node.book.close());
        assertThat(inClear()).isEmpty();
    }

    private List<Path> inClear() throws IOException {
        List<Path> found = new ArrayList<>();
        try (var files = Files.walk(data)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(SECRET)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    @Test
    void switchedOffNothingOfTheStoreIsInForceAndAnotherKeyOpensItAtOnce() throws Exception {
        Node node = node(Store.SQLITE, null, "salt", data);
        node.make("m-1", "a");
        await().atMost(SOON).until(() -> node.models().size() == 1);
        Path file = Files.writeString(data.resolve("config.yaml"), "general_settings: {store_model_in_db: false}");
        node.vault.configured(snapshot(file, "salt"));
        await().atMost(SOON).until(() -> node.models().isEmpty());
        Files.writeString(file, "general_settings: {store_model_in_db: true}");
        node.vault.configured(snapshot(file, "another"));
        await().atMost(SOON).until(() -> node.shelf.leftOut() == 1);
        node.vault.configured(snapshot(file, "salt"));
        await().atMost(SOON).until(() -> node.models().size() == 1 && node.shelf.leftOut() == 0);
    }

    @Test
    void whatDidNotComeIntoForceIsNotConfirmed() throws Exception {
        Node node = node(Store.SQLITE, null, "salt", data);
        node.make("m-1", "a");
        await().atMost(SOON)
                .until(() ->
                        node.vault.settled().await() == null && node.models().size() == 1);
        node.stuck = true;
        node.make("m-2", "b");
        assertThatThrownBy(() -> node.vault.settled().await()).hasMessageContaining("not in force");
        node.stuck = false;
        node.make("m-3", "c");
        assertThat(node.vault.settled().await()).isNull();
        assertThat(node.models()).containsExactly("m-1", "m-2", "m-3");
    }

    /** As `tollgate explain` and `spend reprice` do, beside a gateway or without one. */
    @ParameterizedTest
    @EnumSource(Store.class)
    void aStoreIsLookedAtWithoutBeingChanged(Store store) throws Exception {
        String url = store == Store.SQLITE ? null : (store == Store.POSTGRESQL ? POSTGRES : MYSQL).fresh();
        Path file = Files.writeString(
                data.resolve("config.yaml"), url == null ? "{}" : "general_settings: {database_url: \"" + url + "\"}");
        AccountingRoom room = new AccountingRoom();
        assertThat(room.stored(snapshot(file, "salt"), data)).isEqualTo(InStore.NOTHING);
        assertThat(data.resolve("tollgate.db")).as("looking makes none").doesNotExist();

        Node node = node(store, url, "salt", data.resolve("definitions.json"), Seal.ROUNDS);
        await().atMost(SOON).until(node.book::readable);
        node.make("m-1", "a");
        InStore found = room.stored(snapshot(file, "salt"), data);
        assertThat(found.troubles()).isEmpty();
        assertThat(found.stored().models())
                .singleElement()
                .satisfies(each -> assertThat(each.json().reveal()).contains(SECRET));
        InStore closed = room.stored(snapshot(file, "another"), data);
        assertThat(closed.stored().isEmpty()).isTrue();
        assertThat(closed.troubles()).singleElement().asString().contains("the model `a` (m-1)", "another key");
        node.book.write(List.of(Change.delete(node.book.entry(Kind.MODEL, "m-1").orElseThrow())));
        assertThat(room.stored(snapshot(file, "salt"), data)).isEqualTo(InStore.NOTHING);
    }

    private static Snapshot snapshot(Path file, String salt) {
        Environment environment = Environment.of(Map.of("LITELLM_SALT_KEY", salt));
        return ((LoadResult.Loaded) new ConfigLoader(environment).load(file)).snapshot();
    }
}
