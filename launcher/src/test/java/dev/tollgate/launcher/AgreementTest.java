package dev.tollgate.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tollgate.cluster.Mesh;
import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.Environment;
import dev.tollgate.config.LoadResult;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgreementTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final Mesh mesh = new Mesh();
    private Vertx vertx;

    @BeforeEach
    void open() {
        vertx = Vertx.vertx();
    }

    @AfterEach
    void close() {
        vertx.close().await();
    }

    /** A node with a file of its own; {@code KEY} is set in its environment or not. */
    private final class OneNode {
        final Path file;
        final ConfigLoader loader;
        final Agreement agreement;
        final List<LoadResult> results = new CopyOnWriteArrayList<>();

        OneNode(String name, String models, Map<String, String> environment, Duration patience) {
            file = folder.resolve(name + ".yaml");
            loader = new ConfigLoader(Environment.of(environment));
            LoadResult begun = write(models);
            agreement = new Agreement(vertx, mesh.join(name), begun.sources().identity(), patience, results::add);
            agreement.start();
        }

        LoadResult write(String model) {
            try {
                Files.writeString(
                        file,
                        "model_list:\n  - {model_name: a, litellm_params: {model: openai/" + model
                                + ", api_key: os.environ/" + (model.equals("keyed") ? "KEY" : "HOME_KEY") + "}}\n");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return loader.load(file);
        }

        void change(String model) {
            agreement.read(write(model));
        }

        List<String> tookOver() {
            return results.stream()
                    .filter(LoadResult.Loaded.class::isInstance)
                    .map(each -> ((LoadResult.Loaded) each)
                            .snapshot()
                            .models()
                            .deployments()
                            .getFirst()
                            .upstreamModel())
                    .toList();
        }
    }

    /** Letters have gone to and fro more than once. */
    private void toldOften() {
        int before = mesh.delivered();
        await().atMost(SOON).until(() -> mesh.delivered() > before + 4);
    }

    private OneNode node(String name, String models) {
        return new OneNode(name, models, Map.of("HOME_KEY", "k", "KEY", "k"), LONG);
    }

    @Test
    void aNodeThatStandsAloneGoesOverAtOnce() {
        OneNode a = node("a", "one");
        a.change("two");
        await().atMost(SOON).until(() -> a.tookOver().equals(List.of("two")));
    }

    @Test
    void nodesOfOneConfigurationGoOverWhenTheLastHasReadIt() {
        OneNode a = node("a", "one");
        OneNode b = node("b", "one");
        OneNode other = node("c", "of-its-own");
        a.change("two");
        toldOften();
        assertThat(a.tookOver()).isEmpty();
        b.change("two");
        await().atMost(SOON)
                .until(() -> a.tookOver().equals(List.of("two")) && b.tookOver().equals(List.of("two")));
        other.change("whatever");
        await().atMost(SOON).until(() -> other.tookOver().equals(List.of("whatever")));
        assertThat(a.tookOver()).containsExactly("two");
    }

    @Test
    void oneThatCannotTakeItKeepsAllFromItUntilItIsGone() {
        OneNode a = node("a", "one");
        OneNode b = new OneNode("b", "one", Map.of("HOME_KEY", "k"), LONG);
        b.change("keyed");
        await().atMost(SOON).until(() -> b.results.size() == 1);
        assertThat(b.results.getFirst()).isInstanceOf(LoadResult.Rejected.class);
        a.change("keyed");
        toldOften();
        assertThat(a.tookOver()).isEmpty();
        mesh.leave("b");
        await().atMost(SOON).until(() -> a.tookOver().equals(List.of("keyed")));
    }

    @Test
    void patienceEnds() {
        OneNode a = new OneNode("a", "one", Map.of("HOME_KEY", "k"), Duration.ofMillis(10));
        OneNode b = new OneNode("b", "one", Map.of("HOME_KEY", "k"), LONG);
        a.change("two");
        await().atMost(SOON).until(() -> a.tookOver().equals(List.of("two")));
        assertThat(b.tookOver()).isEmpty();
        b.change("two");
        await().atMost(SOON).until(() -> b.tookOver().equals(List.of("two")));
    }
}
