package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person sees when the jar starts, and when it cannot. */
class StartIT {
    private static final String ECHO = """
            model_list:
              - model_name: echo
                litellm_params: {model: echo/echo}
            """;

    @TempDir
    Path folder;

    @Test
    void aMistakeIsShownWithItsPlaceAndEndsWithTwo() throws Exception {
        var ended = new Tollgate.Setup(folder).config("""
                        model_list:
                          - model_name: a
                            litellm_params:
                              model: openai/a
                              rpm: many
                        """).run();

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.output()).contains("config.yaml:5:12").contains("rpm");
        assertThat(ended.output()).doesNotContain("\tat ").doesNotContain("Exception");
    }

    @Test
    void aVariableThatIsNotSetIsShownWithItsPlaceAndEndsWithTwo() throws Exception {
        var ended = new Tollgate.Setup(folder).config("""
                        model_list:
                          - model_name: a
                            litellm_params: {model: openai/a, api_key: os.environ/NOBODY_SET_THIS}
                        """).run();

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.output()).contains("config.yaml:3:48").contains("NOBODY_SET_THIS");
    }

    @Test
    void brokenYamlIsShownWithItsPlaceAndEndsWithTwo() throws Exception {
        var ended = new Tollgate.Setup(folder)
                .config("model_list:\n  - {model_name: a\n")
                .run();

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.output()).containsPattern(Pattern.compile("config\\.yaml:\\d+:\\d+"));
    }

    @Test
    void checkShowsTheTableWithoutSecrets() throws Exception {
        var ended = new Tollgate.Setup(folder)
                .file("config.yaml", """
                        model_list:
                          - model_name: a
                            litellm_params: {model: openai/gpt-4o, api_key: sk-very-secret-1234}
                        """)
                .flags("check", "config.yaml")
                .run();

        assertThat(ended.exitCode()).isZero();
        assertThat(ended.output()).contains("openai/gpt-4o").doesNotContain("sk-very-secret-1234");
    }

    @Test
    void aPortInUseIsSaidInOneLineAndEndsWithOne() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var ended = new Tollgate.Setup(folder)
                    .config(ECHO)
                    .flags("--port", String.valueOf(taken.getLocalPort()))
                    .run();

            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.output())
                    .contains("Cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .contains("--port")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void itBecomesAJvmThatUsesTheCacheOfTheBuild() throws Exception {
        if (Files.size(Tollgate.JAR.resolveSibling("tollgate.aot")) == 0) {
            var prepared = new Tollgate.Setup(folder).flags("prepare").run();
            assertThat(prepared.exitCode()).as(prepared.output()).isZero();
        }
        try (Tollgate running =
                new Tollgate.Setup(folder).config(ECHO).jvm("-Xmx200m").start()) {
            String command = Files.readString(
                    Path.of("/proc", String.valueOf(running.process().pid()), "cmdline"));
            assertThat(command).contains("-XX:AOTCache=", "-Xmx200m").endsWith("--port\0000\0");
        }
        try (Tollgate running = new Tollgate.Setup(folder)
                .config(ECHO)
                .jvm("-XX:+UseStringDeduplication")
                .start()) {
            String command = Files.readString(
                    Path.of("/proc", String.valueOf(running.process().pid()), "cmdline"));
            assertThat(command).as("somebody wants another JVM").doesNotContain("-XX:AOTCache=");
        }
    }

    @Test
    void aSecondStartIsToldOfThePortAndNotOfTheDataFolder() throws Exception {
        try (Tollgate first = new Tollgate.Setup(folder).config(ECHO).start()) {
            var second = new Tollgate.Setup(folder)
                    .config(ECHO)
                    .flags("--port", String.valueOf(first.port()))
                    .run();

            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.output())
                    .contains("Cannot listen on 127.0.0.1:" + first.port(), "perhaps another Tollgate", "--port")
                    .doesNotContain("data folder");

            var elsewhere =
                    new Tollgate.Setup(folder).config(ECHO).flags("--port", "0").run();
            assertThat(elsewhere.exitCode()).isEqualTo(1);
            assertThat(elsewhere.output()).contains("data folder", "TOLLGATE_DATA");
        }
    }

    @Test
    void aTrainingRunLeavesNothingBehind() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        var ended = new Tollgate.Setup(folder)
                .jvm("-Djava.io.tmpdir=" + temporary)
                .flags("train")
                .run();

        assertThat(ended.exitCode()).as(ended.output()).isZero();
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.filter(path -> path.getFileName().toString().startsWith("tollgate-")))
                    .isEmpty();
        }
    }

    @Test
    void anOlderJavaIsToldWhatIsNeeded() throws Exception {
        Optional<Path> older = olderJava();
        assumeTrue(older.isPresent(), "no Java older than 25 on this machine");

        var ended =
                new Tollgate.Setup(folder).config(ECHO).run(older.orElseThrow().toString());

        assertThat(ended.exitCode()).isNotZero();
        assertThat(ended.output().lines().filter(line -> line.contains("Java 25")))
                .hasSize(1);
        assertThat(ended.output()).doesNotContain("UnsupportedClassVersionError");
    }

    private static Optional<Path> olderJava() throws IOException {
        Path folder = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> homes = Files.list(folder)) {
            return homes.filter(home -> release(home).matches("(8|1[0-9]|2[0-4])"))
                    .map(home -> home.resolve("bin/java"))
                    .filter(Files::isExecutable)
                    .findFirst();
        }
    }

    private static String release(Path home) {
        try {
            var found = Pattern.compile("JAVA_VERSION=\"(?:1\\.)?(\\d+)")
                    .matcher(Files.readString(home.resolve("release")));
            return found.find() ? found.group(1) : "";
        } catch (IOException _) {
            return "";
        }
    }

    @Test
    void withoutAKeyItListensOnThisMachineOnly() throws Exception {
        try (Tollgate tollgate = new Tollgate.Setup(folder).config(ECHO).start()) {
            assertThat(tollgate.url()).startsWith("http://127.0.0.1:");
            tollgate.awaitLine("No key is set");
        }
        try (Tollgate tollgate = new Tollgate.Setup(folder)
                .config(ECHO)
                .env("LITELLM_MASTER_KEY", "sk-1")
                .start()) {
            assertThat(tollgate.lines()).noneMatch(line -> line.contains("No key is set"));
            assertThat(new Http(tollgate.url()).get("/v1/models").statusCode()).isEqualTo(401);
            assertThat(new Http(tollgate.url(), "sk-1").get("/v1/models").statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void refusedCallsLeaveOneLineEachAndNoStack() throws Exception {
        Tollgate tollgate = new Tollgate.Setup(folder)
                .config(ECHO)
                .env("LITELLM_MASTER_KEY", "sk-1")
                .start();
        Http stranger = new Http(tollgate.url(), "sk-2");
        for (int i = 0; i < 20; i++) {
            assertThat(stranger.post("/v1/chat/completions", Http.chat("echo")).statusCode())
                    .isEqualTo(401);
        }
        tollgate.close();
        tollgate.process().onExit().join();

        assertThat(tollgate.lines().stream().filter(line -> line.contains(" 401 ")))
                .hasSize(20);
        assertThat(tollgate.lines()).noneMatch(line -> line.contains("Exception"));
    }

    @Test
    void aStreamUnderWayEndsBeforeTheProgramDoes() throws Exception {
        try (Upstream upstream = Upstream.answering((asked, response, vertx) -> {
            response.setChunked(true)
                    .write("data: " + Scripts.chunk(asked.body(), new JsonObject().put("content", "a"), null) + "\n\n");
            vertx.setTimer(
                    1_500,
                    _ -> response.end(
                            "data: " + Scripts.chunk(asked.body(), new JsonObject(), "stop") + "\n\ndata: [DONE]\n\n"));
        })) {
            String config = """
                    model_list:
                      - model_name: slow
                        litellm_params: {model: openai/slow, api_base: "%s/v1", api_key: x}
                    """.formatted(upstream.url());
            String id;
            try (Tollgate tollgate = new Tollgate.Setup(folder).config(config).start()) {
                Http http = new Http(tollgate.url());
                HttpResponse<InputStream> stream = http.client()
                        .send(
                                http.posting("/v1/chat/completions", Http.streamedChat("slow")),
                                HttpResponse.BodyHandlers.ofInputStream());
                id = stream.headers().firstValue("x-litellm-call-id").orElseThrow();
                assertThat(stream.body().readNBytes(5)).asString().isEqualTo("data:");

                tollgate.stop();

                assertThat(new String(stream.body().readAllBytes(), StandardCharsets.UTF_8))
                        .endsWith("data: [DONE]\n\n");
                tollgate.process().onExit().get(20, TimeUnit.SECONDS);
            }
            try (Tollgate again = new Tollgate.Setup(folder).config(config).start()) {
                assertThat(new Http(again.url())
                                .get("/spend/logs?request_id=" + id)
                                .body())
                        .contains(id);
            }
        }
    }

    @Test
    void itStopsCleanlyWhenAsked() throws Exception {
        Tollgate tollgate = new Tollgate.Setup(folder).config(ECHO).start();
        tollgate.stop();

        assertThat(tollgate.process().onExit().join().exitValue()).isIn(0, 143);
        tollgate.close();
        assertThat(tollgate.lines()).noneMatch(line -> line.contains("Exception"));
    }
}
