package dev.tollgate.accounting.stored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.StoredBook;
import dev.tollgate.accounting.ledger.SqliteDefinitions;
import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.ModelShelf;
import dev.tollgate.cluster.Role;
import dev.tollgate.config.Composed;
import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.Environment;
import dev.tollgate.config.FileCredential;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.StoredModels;
import dev.tollgate.protocol.Secret;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that has a store and must not open what is sealed in it. */
class VaultApartTest implements ModelShelf.Composer {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration AGAIN = Duration.ofMillis(5);

    @TempDir
    Path folder;

    private final Mesh mesh = new Mesh();
    private final Mesh.Member front = mesh.join("front", EnumSet.complementOf(EnumSet.of(Role.PROVIDER)));
    private final ModelShelf shelf = new ModelShelf();
    private final List<Keyholder> keyholders = new ArrayList<>();
    private final AtomicInteger times = new AtomicInteger();
    private volatile StoredModels brought = StoredModels.NONE;
    private LoadResult.Loaded file;
    private StoredBook book;
    private Vault vault;

    @BeforeEach
    void open() throws Exception {
        file = loaded(Map.of("TOLLGATE_ROLES", "gateway,router,accounting"), "{cluster: {secret: hush}}");
        shelf.composer(this);
        book = new StoredBook(() -> SqliteDefinitions.open(folder.resolve("tollgate.db")), InstantSource.system());
        vault = new Vault(book, shelf, front, 1, AGAIN);
        vault.configured(file.snapshot());
        assertThat(vault.apart()).isTrue();
    }

    @AfterEach
    void close() {
        book.close();
        vault.close();
        keyholders.forEach(Keyholder::close);
    }

    private LoadResult.Loaded loaded(Map<String, String> variables, String yaml) throws IOException {
        Path path = Files.writeString(folder.resolve("config.yaml"), yaml);
        return (LoadResult.Loaded) new ConfigLoader(Environment.of(variables)).load(path);
    }

    private Keyholder provider(String id, String salt) throws IOException {
        Mesh.Member member = mesh.join(id, Set.of(Role.PROVIDER));
        Keyholder keyholder = new Keyholder(member, new ModelShelf(), 1, System::nanoTime);
        keyholders.add(keyholder);
        member.receive(Sheet.KEYHOLDER, keyholder::asked);
        keyed(keyholder, salt);
        return keyholder;
    }

    private void keyed(Keyholder keyholder, String salt) throws IOException {
        keyholder.configured(loaded(Map.of("LITELLM_SALT_KEY", salt), "{}").snapshot());
    }

    /** In the store, before this node looks into it. */
    private void stored(String id, String salt) throws Exception {
        JsonObject document = new JsonObject()
                .put("model_name", id)
                .put("litellm_params", new JsonObject().put("model", "openai/x").put("api_key", "sk-secret"))
                .put("model_info", new JsonObject().put("id", id));
        Seals seals = new Seals(Secret.of(salt), null, 1);
        book.write(List.of(Change.create(Kind.MODEL, id, Vault.sealed(seals, Kind.MODEL, id, document))));
    }

    private void start() {
        book.start(() -> {});
        await().atMost(SOON).until(book::readable);
    }

    private void lookedAt() {
        vault.changed(1);
    }

    @Override
    public Composed tried(StoredModels stored) {
        return file.basis().with(stored);
    }

    @Override
    public Future<Composed> bring(StoredModels stored) {
        times.incrementAndGet();
        brought = stored;
        return Future.succeededFuture(tried(stored));
    }

    @Override
    public List<FileCredential> credentials() {
        return List.of();
    }

    private List<String> models() {
        return brought.models().stream().map(StoredModels.Entry::id).toList();
    }

    @Test
    void aNodeThatDidNotAnswerIsAskedAgainThoughNobodyCameOrWent() throws Exception {
        start();
        stored("m-1", "salt");
        provider("provider", "salt");
        mesh.cutOff("provider");
        lookedAt();
        vault.settled().otherwiseEmpty().await();
        assertThat(models()).isEmpty();
        mesh.reach("provider");
        await().atMost(SOON).until(() -> models().equals(List.of("m-1")));
    }

    @Test
    void whatOneNodeCannotOpenIsOpenedByTheNextOrOnceItsKeyIsThere() throws Exception {
        start();
        stored("m-1", "salt");
        stored("m-2", "other");
        Keyholder oldest = provider("oldest", "wrong");
        provider("younger", "salt");
        lookedAt();
        vault.settled().await();
        assertThat(models()).as("the oldest cannot open it").containsExactly("m-1");
        assertThat(shelf.leftOut()).isEqualTo(1);

        int letters = mesh.delivered();
        int before = times.get();
        await().atMost(SOON).until(() -> mesh.delivered() > letters + 4);
        assertThat(times).as("what stays closed changes nothing").hasValue(before);
        keyed(oldest, "other");
        await().atMost(SOON).until(() -> models().equals(List.of("m-1", "m-2")) && shelf.leftOut() == 0);
        int last = mesh.delivered();
        vault.settled().await();
        vault.settled().await();
        assertThat(mesh.delivered()).as("all is open").isEqualTo(last);
    }
}
