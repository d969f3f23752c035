package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file changes while the program runs. */
class ReloadIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Tollgate tollgate;
    private Http http;

    private static String models(String... names) {
        StringBuilder yaml = new StringBuilder("model_list:\n");
        for (String name : names) {
            yaml.append("  - model_name: ").append(name).append("\n    litellm_params: {model: echo/echo}\n");
        }
        return yaml.toString();
    }

    @BeforeEach
    void start() throws Exception {
        tollgate = new Tollgate.Setup(folder).config(models("first")).start();
        http = new Http(tollgate.url());
    }

    @AfterEach
    void stop() {
        tollgate.close();
    }

    private void replace(String yaml) throws Exception {
        Path fresh = folder.resolve("config.yaml.new");
        Files.writeString(fresh, yaml);
        Files.move(fresh, folder.resolve("config.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    private boolean said(String text) {
        return tollgate.lines().stream().anyMatch(line -> line.contains(text));
    }

    @Test
    void aGoodChangeIsInForceAndSaysWhatChanged() throws Exception {
        replace(models("first", "second"));

        await().atMost(PATIENCE)
                .until(() ->
                        http.post("/v1/chat/completions", Http.chat("second")).statusCode() == 200);
        await().atMost(PATIENCE).until(() -> said("second"));
        assertThat(http.post("/v1/chat/completions", Http.chat("first")).statusCode())
                .isEqualTo(200);
    }

    @Test
    void aBadChangeIsRefusedWithItsPlaceAndTheOldOneStays() throws Exception {
        replace(models("first") + "router_settings: {num_retries: often}\n");

        await().atMost(PATIENCE).until(() -> said("config.yaml:4:"));
        assertThat(http.post("/v1/chat/completions", Http.chat("first")).statusCode())
                .isEqualTo(200);

        replace(models("third"));
        await().atMost(PATIENCE)
                .until(() ->
                        http.post("/v1/chat/completions", Http.chat("third")).statusCode() == 200);
        assertThat(http.post("/v1/chat/completions", Http.chat("first")).statusCode())
                .isIn(400, 404);
    }

    @Test
    void aSignalReadsItAtOnce() throws Exception {
        replace(models("fourth"));
        new ProcessBuilder("kill", "-HUP", String.valueOf(tollgate.process().pid()))
                .start()
                .waitFor();

        await().atMost(PATIENCE)
                .until(() ->
                        http.post("/v1/chat/completions", Http.chat("fourth")).statusCode() == 200);
    }

    @Test
    void noRequestFailsWhileItChanges() throws Exception {
        for (int round = 0; round < 5; round++) {
            replace(models("first", "extra" + round));
            String wanted = "extra" + round;
            await().atMost(PATIENCE).until(() -> {
                assertThat(http.post("/v1/chat/completions", Http.chat("first")).statusCode())
                        .isEqualTo(200);
                return http.post("/v1/chat/completions", Http.chat(wanted)).statusCode() == 200;
            });
        }
    }
}
