package dev.tollgate.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own can show: its environment, its working directory, how it ends. */
class ProcessTest {
    @TempDir
    Path folder;

    private record Ended(int code, String out) {}

    private Ended run(Map<String, String> environment, String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.tollgate.launcher.Main"));
        command.addAll(List.of(args));
        Path log = folder.resolve("out.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("ends by itself")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(log, StandardCharsets.UTF_8));
    }

    @Test
    void aPortInUseEndsItWithOneAndSaysWhichAndWhatToDo() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            Ended ended = run(Map.of(), "--model", "echo/echo", "--port", String.valueOf(port), "--num_workers", "1");
            assertThat(ended.code()).as(ended.out()).isEqualTo(1);
            assertThat(ended.out())
                    .contains("Cannot listen on 127.0.0.1:" + port, "choose another with --port")
                    .doesNotContain("\tat ", " lanes ");
        }
    }

    @Test
    void explainPrintsItsAnswerAndNothingElse() throws Exception {
        Files.writeString(
                folder.resolve("config.yaml"), "model_list: [{model_name: m, litellm_params: {model: echo/x}}]\n");
        Ended explained = run(Map.of(), "explain", "m");
        assertThat(explained.code()).as(explained.out()).isZero();
        assertThat(new JsonObject(explained.out()).getJsonArray("groups")).hasSize(1);
    }

    @Test
    void readsDotEnvInTheWorkingDirectoryBelowTheRealEnvironment() throws Exception {
        Files.writeString(
                folder.resolve(".env"), "NAME_OF_IT='from file'\nREAL=file\nCONFIG_FILE_PATH=main.yaml\nodd line\n");
        Files.writeString(folder.resolve("config.yaml"), """
                model_list:
                  - {model_name: os.environ/NAME_OF_IT, litellm_params: {model: echo/x}}
                  - {model_name: os.environ/REAL, litellm_params: {model: echo/y}}
                """);
        Ended checked = run(Map.of("REAL", "real"), "check");
        assertThat(checked.code()).as(checked.out()).isZero();
        assertThat(checked.out().lines())
                .anyMatch(line -> line.startsWith("from file "))
                .anyMatch(line -> line.startsWith("real "))
                .anyMatch(line -> line.startsWith("warning   .env:4:1: "));
        Files.writeString(folder.resolve("main.yaml"), "router_settings: {num_retries: some}\n");
        Ended served = run(Map.of("REAL", "real"));
        assertThat(served.code()).as(served.out()).isEqualTo(2);
        assertThat(served.out()).contains("main.yaml:1:32: `router_settings.num_retries` must be a number, not text");
    }

    @Test
    void readsConfigYamlInTheWorkingDirectoryWhenNoneIsNamedAndSaysSo() throws Exception {
        Files.writeString(folder.resolve("config.yaml"), "router_settings: {num_retries: some}\n");
        Ended ended = run(Map.of());
        assertThat(ended.code()).as(ended.out()).isEqualTo(2);
        assertThat(ended.out().lines().findFirst()).contains("Reading ./config.yaml, since no --config is given");
        assertThat(ended.out()).contains("config.yaml:1:32: ");
        assertThat(run(Map.of(), "--model", "nobody/x").out()).doesNotContain("config.yaml");
        assertThat(run(Map.of("CONFIG_FILE_PATH", "other.yaml")).out())
                .contains("Config file not found: other.yaml")
                .doesNotContain("Reading");
    }

    @Test
    void aVariableThatIsNoNumberEndsItWithTwo() throws Exception {
        Ended ended = run(Map.of("PORT", "http"), "--model", "echo/echo");
        assertThat(ended.code()).as(ended.out()).isEqualTo(2);
        assertThat(ended.out()).contains("PORT must be a number, not http");
    }
}
