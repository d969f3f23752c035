package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fat jar as a process of its own, in a folder of its own, with nothing of this machine's environment but PATH. */
final class Tollgate implements AutoCloseable {
    static final Path JAR = Path.of("target", "tollgate.jar").toAbsolutePath();

    private static final Pattern READY =
            Pattern.compile("Tollgate \\S+ (?:on (http://\\S+)|for the other nodes) .*ready in \\d+ ms");

    /** In place of the URL of a node that clients cannot reach. */
    private static final String NO_CLIENTS = "none";

    private final Process process;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final CountDownLatch ready = new CountDownLatch(1);
    private final Thread reader;
    private volatile String url = "";

    private Tollgate(Process process) {
        this.process = process;
        this.reader = Thread.ofVirtual().start(this::read);
    }

    /** How it is started. */
    static final class Setup {
        private final Path folder;
        private final Map<String, String> environment = new HashMap<>();
        private final List<String> jvm = new ArrayList<>();
        private final List<String> arguments = new ArrayList<>();
        private Path jar = JAR;

        Setup(Path folder) {
            this.folder = folder;
        }

        Setup config(String yaml) {
            file("config.yaml", yaml);
            return flags("--config", "config.yaml");
        }

        Setup file(String name, String content) {
            try {
                Path target = folder.resolve(name);
                Files.createDirectories(target.getParent());
                Files.writeString(target, content);
                return this;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Setup env(String name, String value) {
            environment.put(name, value);
            return this;
        }

        Setup jvm(String... flags) {
            jvm.addAll(List.of(flags));
            return this;
        }

        Setup flags(String... flags) {
            arguments.addAll(List.of(flags));
            return this;
        }

        /** Another than the one that was built. */
        Setup jar(Path other) {
            jar = other;
            return this;
        }

        private Process launch(String java) {
            List<String> command = new ArrayList<>(List.of(java, "-XX:+UseSerialGC"));
            command.addAll(jvm);
            command.addAll(List.of("-jar", jar.toString()));
            command.addAll(arguments);
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
            builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
            builder.environment().putAll(environment);
            try {
                return builder.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Starts it on a free port and waits until it is ready. */
        Tollgate start() throws InterruptedException {
            return start(Duration.ofSeconds(60));
        }

        /** Where a machine that is busy with other nodes may take longer. */
        Tollgate start(Duration within) throws InterruptedException {
            if (!arguments.contains("--port")) {
                flags("--port", "0");
            }
            Tollgate started = new Tollgate(launch(currentJava()));
            if (!started.ready.await(within.toSeconds(), TimeUnit.SECONDS) || started.url.isEmpty()) {
                started.close();
                throw new AssertionError("It did not start:\n" + String.join("\n", started.lines));
            }
            return started;
        }

        /** Runs it to its end. */
        Ended run() throws InterruptedException {
            return run(currentJava());
        }

        Ended run(String java) throws InterruptedException {
            try (Tollgate run = new Tollgate(launch(java))) {
                if (!run.process.waitFor(60, TimeUnit.SECONDS)) {
                    throw new AssertionError("It did not end:\n" + String.join("\n", run.lines));
                }
                run.reader.join();
                return new Ended(run.process.exitValue(), String.join("\n", run.lines));
            }
        }
    }

    /** How a run ended. */
    record Ended(int exitCode, String output) {}

    private static String currentJava() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
                Matcher found = READY.matcher(line);
                if (found.find()) {
                    url = found.group(1) == null ? NO_CLIENTS : found.group(1);
                    ready.countDown();
                }
            }
        } catch (IOException _) {
            // The process was stopped while a line was on its way.
        } finally {
            ready.countDown();
        }
    }

    /** Base URL, root path included. */
    String url() {
        return url;
    }

    int port() {
        Matcher port = Pattern.compile(":(\\d+)").matcher(url);
        return port.find() ? Integer.parseInt(port.group(1)) : -1;
    }

    /** Everything it printed so far. */
    List<String> lines() {
        return lines;
    }

    /** Waits until it has printed a line with that text: what a process says comes some time after what it does. */
    void awaitLine(String text) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(lines).anyMatch(line -> line.contains(text)));
    }

    Process process() {
        return process;
    }

    /** Asks it to stop, as systemd does. {@link Process#destroy()} would close its output here, and with it what is unread. */
    void stop() {
        process.toHandle().destroy();
    }

    /** Ends it as {@code kill -9} does, and waits until it has gone. */
    void kill() {
        process.toHandle().destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        stop();
        process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
        kill();
        try {
            // What it said last is read, too.
            reader.join(Duration.ofSeconds(20));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
