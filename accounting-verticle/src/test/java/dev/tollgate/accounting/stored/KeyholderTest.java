package dev.tollgate.accounting.stored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.ModelShelf;
import dev.tollgate.cluster.Role;
import dev.tollgate.config.Composed;
import dev.tollgate.config.Discovery;
import dev.tollgate.config.Environment;
import dev.tollgate.config.FileCredential;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.StoredModels;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A front that has models sealed, and a node that talks to providers, which seals, opens and uses them. */
class KeyholderTest implements ModelShelf.Composer {
    private static final String SECRET = "sk-very-secret-0001";

    private final LoadResult.Loaded file =
            new Discovery(Environment.of(Map.of("LITELLM_SALT_KEY", "salt"))).loaded(List.of());
    private final Mesh mesh = new Mesh();
    private final Mesh.Member front = mesh.join("front", EnumSet.complementOf(EnumSet.of(Role.PROVIDER)));
    private final Mesh.Member provider = mesh.join("provider", Set.of(Role.PROVIDER));
    private final ModelShelf shelf = new ModelShelf();
    private final Keyholder keyholder = new Keyholder(provider, shelf, 1, () -> this.now);
    private final Keyholders keyholders = new Keyholders(front);
    private volatile Runnable bringing = () -> {};
    private volatile long now;
    private volatile StoredModels brought = StoredModels.NONE;

    KeyholderTest() {
        shelf.composer(this);
        provider.receive(Sheet.KEYHOLDER, keyholder::asked);
        keyholder.configured(file.snapshot());
    }

    @AfterEach
    void close() {
        keyholder.close();
    }

    @Override
    public Composed tried(StoredModels stored) {
        return file.basis().with(stored);
    }

    @Override
    public Future<Composed> bring(StoredModels stored) {
        brought = stored;
        bringing.run();
        return Future.succeededFuture(tried(stored));
    }

    @Override
    public List<FileCredential> credentials() {
        return List.of();
    }

    private static JsonObject model(String name) {
        return new JsonObject()
                .put("model_name", "m")
                .put(
                        "litellm_params",
                        new JsonObject()
                                .put("model", name)
                                .put("api_key", SECRET)
                                .put("rpm", 7)
                                .put("api_version", "2026-01-01")
                                .put("extra_headers", new JsonObject().put("x", "short"))
                                .put("stop", new JsonArray().add(SECRET).add(1)));
    }

    private Entry sealed(String id, JsonObject document) throws Vault.Closed {
        return new Entry(Kind.MODEL, id, 1, keyholders.sealed(Kind.MODEL, id, document, List.of()));
    }

    /** What the provider node would call with. */
    private JsonObject used(Entry entry) throws Exception {
        borrowed(entry);
        return new JsonObject(brought.models().getFirst().json().reveal()).getJsonObject("litellm_params");
    }

    private void borrowed(Entry entry) throws Exception {
        borrowed(front, entry);
    }

    private void borrowed(Mesh.Member of, Entry entry) throws Exception {
        of.receive(
                Sheet.ENTRIES,
                _ -> Future.succeededFuture(new Letter(
                        "",
                        new JsonObject()
                                .put(Sheet.STAMP, entry.toString())
                                .put(Sheet.LIST, Sheet.of(List.of(entry))))));
        keyholder.borrow(of.self(), entry.toString()).await(60, TimeUnit.SECONDS);
    }

    @Test
    void anOlderEntryOfANodeThatLagsDoesNotTakeTheNewOnesPlace() throws Exception {
        Mesh.Member lagging = mesh.join("lagging", Set.of(Role.GATEWAY));
        Entry old = sealed("m-1", model("openai/old"));
        Entry fresh = new Entry(
                Kind.MODEL, "m-1", 2, sealed("m-1", model("openai/fresh")).document());
        borrowed(front, fresh);
        borrowed(lagging, old);
        assertThat(usedModel()).isEqualTo("openai/fresh");
        borrowed(lagging, new Entry(Kind.MODEL, "m-1", 0, old.document()));
        assertThat(usedModel()).as("a release that does not say the version").isEqualTo("openai/old");
        borrowed(lagging, new Entry(Kind.MODEL, "m-1", 3, old.document()));
        borrowed(
                front,
                new Entry(Kind.MODEL, "m-1", 2, sealed("m-1", model("openai/x")).document()));
        assertThat(usedModel()).isEqualTo("openai/old");
    }

    @Test
    void attemptsThatWantTheSameModelsShareOneFetchingAndItsFailureForASecond() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Promise<Letter> answer = Promise.promise();
        front.receive(Sheet.ENTRIES, _ -> {
            asked.incrementAndGet();
            return answer.future();
        });
        List<Future<Void>> wanting = IntStream.range(0, 3)
                .mapToObj(_ -> keyholder.borrow("front", "stamp"))
                .toList();
        answer.fail("not now");
        wanting.forEach(each ->
                assertThatThrownBy(() -> each.await(60, TimeUnit.SECONDS)).hasMessageContaining("not now"));
        assertThat(asked).hasValue(1);
        now += Duration.ofMillis(999).toNanos();
        assertThat(keyholder.borrow("front", "stamp").failed()).isTrue();
        assertThat(asked).hasValue(1);
        now += Duration.ofMillis(1).toNanos();
        assertThatThrownBy(() -> keyholder.borrow("front", "stamp").await(60, TimeUnit.SECONDS))
                .hasMessageContaining("not now");
        assertThat(asked).hasValue(2);
    }

    private void salted(String salt) {
        keyholder.configured(new Discovery(Environment.of(Map.of("LITELLM_SALT_KEY", salt)))
                .loaded(List.of())
                .snapshot());
    }

    @Test
    void whatWasOpenedWithKeysThatWereReplacedMeanwhileIsFetchedAgain() throws Exception {
        Entry made = sealed("m-1", model("openai/x"));
        salted("other");
        bringing = () -> {
            bringing = () -> {};
            salted("salt");
        };
        borrowed(made);
        assertThat(brought.models()).isEmpty();
        borrowed(made);
        assertThat(brought.models()).hasSize(1);
    }

    private String usedModel() {
        return new JsonObject(brought.models().getFirst().json().reveal())
                .getJsonObject("litellm_params")
                .getString("model");
    }

    @Test
    void whatAFrontSeesOfAModelCanBeChangedWithoutItsSecrets() throws Exception {
        Entry made = sealed("m-1", model("openai/x"));
        assertThat(made.document().encode()).doesNotContain(SECRET);
        assertThat(used(made)).isEqualTo(model("openai/x").getJsonObject("litellm_params"));

        for (Keyholders seeing : List.of(keyholders, new Keyholders(front))) {
            JsonObject seen = seeing.opened(made);
            JsonObject params = seen.getJsonObject("litellm_params");
            assertThat(seen.encode()).doesNotContain(SECRET, "short");
            assertThat(params.getString("model")).isEqualTo("openai/x");
            assertThat(params.getString("api_version")).isEqualTo("2026-01-01");
            assertThat(params.getInteger("rpm")).isEqualTo(7);
            assertThat(params.getString("api_key")).startsWith("sk~").endsWith("~01");

            params.put("rpm", 8).put("api_key", "sk-another-secret-2");
            JsonObject after = used(sealed("m-1", seen));
            assertThat(after)
                    .isEqualTo(model("openai/x")
                            .getJsonObject("litellm_params")
                            .put("rpm", 8)
                            .put("api_key", "sk-another-secret-2"));
        }
    }

    @Test
    void aSecretOfOneModelCannotBePutIntoAnother() throws Exception {
        JsonObject seen = keyholders.opened(sealed("m-1", model("openai/x")));
        seen.getJsonObject("litellm_params").put("api_base", "http://127.0.0.1:1/v1");
        assertThatThrownBy(() -> sealed("m-2", seen))
                .isInstanceOf(Vault.Closed.class)
                .hasMessageContaining("another entry's");
    }

    private void refused(JsonObject params) {
        assertThatThrownBy(() ->
                        sealed("m-1", new JsonObject().put("model_name", "m").put("litellm_params", params)))
                .as(params.encode())
                .isInstanceOf(Vault.Closed.class)
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void aSecretIsOpenedInItsOwnFieldOnly() throws Exception {
        Entry made = sealed("m-1", model("openai/x"));
        JsonObject seen = keyholders.opened(made).getJsonObject("litellm_params");
        String whole = "xx~sealed~" + Opening.text(made) + "~xx";
        for (String veiled : List.of(seen.getString("api_key"), whole)) {
            for (String shown :
                    List.of("organization", "model", "api_version", "mock_response", "input_cost_per_token")) {
                refused(seen.copy().put(shown, veiled));
            }
            refused(seen.copy().put("tags", new JsonArray().add(veiled)));
            refused(seen.copy().put("api_secret", veiled));
            refused(seen.copy().put("extra_headers", new JsonObject().put("api_key", veiled)));
            refused(seen.copy().put("extra_headers", veiled));
        }
        refused(seen.copy().put("api_key", whole));
        assertThat(sealed("m-1", new JsonObject().put("model_name", "m").put("litellm_params", seen))
                        .document()
                        .encode())
                .as("where it was it may stay")
                .doesNotContain(SECRET);
    }

    @Test
    void oneFieldIsNotOpenedAsAWholeEntry() throws Exception {
        JsonObject account = new JsonObject().put("project", SECRET).put("organization", SECRET);
        JsonObject document = model("openai/x");
        document.getJsonObject("litellm_params").put("vertex_credentials", account.encode());
        String veiled = keyholders
                .opened(sealed("m-1", document))
                .getJsonObject("litellm_params")
                .getString("vertex_credentials");
        JsonObject part = new JsonObject()
                .put(Opening.SEALED, veiled.substring("xx~sealed~".length(), veiled.length() - "~xx".length()));
        Entry forged = new Entry(Kind.MODEL, "m-1", 1, new JsonObject().put("litellm_params", part));
        assertThatThrownBy(() -> keyholders.opened(forged))
                .isInstanceOf(Vault.Closed.class)
                .hasMessageContaining("another entry's or field's");
    }

    @Test
    void aNodeThatHasOnlyJustComeIsAskedAfterThoseThatListen() throws Exception {
        mesh.newcomer("provider");
        Entry made = sealed("m-1", model("openai/x"));
        assertThat(new Keyholders(front).opened(made).getString("model_name")).isEqualTo("m");

        Mesh.Member younger = mesh.join("younger", Set.of(Role.PROVIDER));
        younger.receive(Sheet.KEYHOLDER, _ -> Future.failedFuture("asked first"));
        int before = mesh.delivered();
        assertThat(new Keyholders(front).opened(made).getString("model_name")).isEqualTo("m");
        assertThat(mesh.delivered() - before).as("both were asked").isEqualTo(2);
    }

    @Test
    void whatCannotBeUsedIsNotSealedAndWithoutAProviderNodeNothingIs() throws Exception {
        assertThatThrownBy(() -> sealed("m-1", model("opnai/x"))).hasMessageContaining("unknown provider `opnai`");
        Entry made = sealed("m-1", model("openai/x"));
        mesh.leave("provider");
        assertThat(keyholders.opened(made).getJsonObject("litellm_params").getInteger("rpm"))
                .as("it was seen before")
                .isEqualTo(7);
        assertThatThrownBy(() -> new Keyholders(front).opened(made)).hasMessageContaining("no node that plays");
        assertThatThrownBy(() -> sealed("m-2", model("openai/x"))).hasMessageContaining("no node that plays");
    }

    @Test
    void aNodeWithAnotherKeySaysWhyItCannotOpenThem() throws Exception {
        Entry made = sealed("m-1", model("openai/x"));
        salted("other");
        assertThatThrownBy(() -> new Keyholders(front).opened(made)).hasMessageContaining("sealed with another key");
        borrowed(made);
        assertThat(brought.models()).isEmpty();
        assertThat(shelf.leftOut()).isEqualTo(1);
    }
}
