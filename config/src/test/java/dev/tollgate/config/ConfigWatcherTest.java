package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigWatcherTest {
    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<LoadResult> seen = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        vertx.close();
    }

    private static String models(String... names) {
        StringBuilder yaml = new StringBuilder("model_list:\n");
        for (String name : names) {
            yaml.append("  - {model_name: ").append(name).append(", litellm_params: {model: echo/x}}\n");
        }
        return yaml.toString();
    }

    private Path file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        replace(file, text);
        return file;
    }

    /** In one step: the looks of these tests are so close together that a file could be taken for settled while it is empty. */
    private static void replace(Path file, String text) throws IOException {
        Path fresh = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Loads the file and watches it. */
    private ConfigWatcher watch(Path file) {
        ConfigLoader loader = new ConfigLoader(Environment.of(Map.of()));
        ConfigWatcher watcher =
                new ConfigWatcher(vertx, loader, file, loader.load(file).sources(), seen::add);
        watcher.start(Duration.ofMillis(20));
        return watcher;
    }

    private LoadResult next() throws InterruptedException {
        LoadResult result = seen.poll(60, TimeUnit.SECONDS);
        assertThat(result).as("a reading").isNotNull();
        return result;
    }

    private List<String> names() throws InterruptedException {
        LoadResult result = next();
        assertThat(result).as("%s", result).isInstanceOf(LoadResult.Loaded.class);
        return ((LoadResult.Loaded) result).snapshot().models().names();
    }

    private String refusal() throws InterruptedException {
        LoadResult result = next();
        assertThat(result).as("%s", result).isInstanceOf(LoadResult.Rejected.class);
        return ((LoadResult.Rejected) result).problems().toString();
    }

    @Test
    void tellsOfAGoodChangeThenOfABadOneOnceAndOfItsRepair() throws Exception {
        Path file = file("config.yaml", models("a"));
        watch(file);
        replace(file, models("a", "b"));
        assertThat(names()).containsExactly("a", "b");
        replace(file, "model_list: [");
        assertThat(refusal()).contains("not valid YAML");
        assertThat(seen.poll(300, TimeUnit.MILLISECONDS)).as("said once only").isNull();
        replace(file, models("a", "b"));
        assertThat(names()).containsExactly("a", "b");
    }

    @Test
    void noticesAFileThatWasReplacedByRenameOrWrittenInPlace() throws Exception {
        Path file = file("config.yaml", models("a"));
        watch(file);
        Files.move(file("config.yaml.new", models("b")), file, StandardCopyOption.ATOMIC_MOVE);
        assertThat(names()).containsExactly("b");
        Files.writeString(file, models("c"));
        for (List<String> names = names(); !names.contains("c"); names = names()) {
            assertThat(names).as("nothing but what the file held").isEmpty();
        }
    }

    @Test
    void noticesKubernetesSwapOfTheFolderBehindASymbolicLink() throws Exception {
        file("..1/config.yaml", models("a"));
        file("..2/config.yaml", models("b"));
        Path data = Files.createSymbolicLink(folder.resolve("..data"), Path.of("..1"));
        Path file = Files.createSymbolicLink(folder.resolve("config.yaml"), Path.of("..data/config.yaml"));
        watch(file);
        Path swap = Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..2"));
        Files.move(swap, data, StandardCopyOption.ATOMIC_MOVE);
        assertThat(names()).containsExactly("b");
    }

    @Test
    void noticesADeletedFileAndItsReturnWithTheOldContent() throws Exception {
        Path file = file("config.yaml", models("a"));
        watch(file);
        Files.delete(file);
        assertThat(refusal()).contains("Config file not found");
        replace(file, models("a"));
        assertThat(names()).containsExactly("a");
    }

    @Test
    void noticesIncludedFilesAsTheyChangeAndThoseThatWereIncludedByARefusedChange() throws Exception {
        Path file = file("config.yaml", "include: [more.yaml]\n" + models("a"));
        Path more = file("more.yaml", models("b"));
        watch(file);
        replace(more, models("c"));
        assertThat(names()).containsExactly("a", "c");
        Path third = file("third.yaml", "model_list: 5\n");
        replace(file, "include: [third.yaml]\n" + models("a"));
        assertThat(refusal()).contains("a model must be a mapping");
        replace(third, models("d"));
        assertThat(names()).containsExactly("a", "d");
        replace(file, "include: [later.yaml]\n" + models("a"));
        assertThat(refusal()).contains("included file not found: later.yaml");
        file("later.yaml", models("e"));
        assertThat(names()).containsExactly("a", "e");
    }

    @Test
    void noticesNewAndRemovedFilesOfTheModelsFolder() throws Exception {
        Path file = file("config.yml", models("a"));
        watch(file);
        file("models/.b.yml.swp.yml", "not: [valid");
        Path b = file("models/b.yml", models("b"));
        assertThat(names()).containsExactly("a", "b");
        file("models/c.yaml", models("c"));
        assertThat(names()).containsExactly("a", "b", "c");
        Files.delete(b);
        assertThat(names()).containsExactly("a", "c");
    }

    @Test
    void noticesAChangeMadeBetweenTheFirstReadingAndTheFirstLook() throws Exception {
        Path file = file("config.yaml", models("a"));
        ConfigLoader loader = new ConfigLoader(Environment.of(Map.of()));
        Sources sources = loader.load(file).sources();
        replace(file, models("b"));
        new ConfigWatcher(vertx, loader, file, sources, seen::add).start(Duration.ofMillis(20));
        assertThat(names()).containsExactly("b");
    }

    @Test
    void readsAtOnceWhenAskedAndNoMoreOnceClosed() throws Exception {
        Path file = file("config.yaml", models("a"));
        ConfigWatcher watcher = watch(file);
        watcher.reloadNow();
        assertThat(names()).containsExactly("a");
        watcher.close();
        replace(file, models("b"));
        assertThat(seen.poll(300, TimeUnit.MILLISECONDS)).isNull();
    }
}
