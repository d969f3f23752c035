package dev.tollgate.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * Where something is measured: a folder of its own, the event loop of load and mock upstream, and the programs that are started for it.
 * Closing it, or ending this program, ends them; then nothing of it is left.
 */
final class Stand implements AutoCloseable {
    /** The master key of all gateways. */
    static final String KEY = "sk-bench";

    private final Path jar;
    private final Path folder;
    private final Vertx vertx;
    private final Deque<Peer> started = new ArrayDeque<>();
    private final Thread end = new Thread(this::stop);

    /** Of the fat jar. */
    Stand(String jar) throws IOException {
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        this.vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
        this.jar = Path.of(jar).toAbsolutePath();
        this.folder = Files.createTempDirectory("tollgate-bench");
        Runtime.getRuntime().addShutdownHook(end);
    }

    Vertx vertx() {
        return vertx;
    }

    Path folder() {
        return folder;
    }

    /** One model, whose provider is on that port of this machine. */
    static String config(int provider) {
        return """
                model_list:
                  - model_name: bench
                    litellm_params: {model: openai/gpt-4o, api_base: "http://127.0.0.1:%d/v1", api_key: sk-up}
                general_settings: {master_key: %s}
                """.formatted(provider, KEY);
    }

    /** Where the gateway of that name keeps what it writes down. */
    Path data(String name) {
        return folder.resolve(name).resolve("data");
    }

    /** Starts the jar; one of the same name takes over what an earlier one wrote down. */
    Peer gateway(String name, String config, Map<String, String> environment, String... flags) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        Files.writeString(own.resolve("config.yaml"), config);
        int port = freePort();
        List<String> command = new ArrayList<>(List.of("env", "TOLLGATE_DATA=" + data(name)));
        environment.forEach((variable, value) -> command.add(variable + '=' + value));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx192m",
                "-jar",
                jar.toString(),
                "--config",
                "config.yaml",
                "--host",
                "127.0.0.1",
                "--port",
                String.valueOf(port)));
        command.addAll(List.of(flags));
        return start(name, command, own, "http://127.0.0.1:" + port + "/v1/chat/completions");
    }

    /** Gives a gateway another configuration, unless it has that one, and waits until it is in force. */
    void configure(Peer gateway, String config) throws IOException {
        Path file = folder.resolve(gateway.name()).resolve("config.yaml");
        if (Files.readString(file).equals(config)) {
            return;
        }
        long before = switches(gateway);
        Path next = Files.writeString(file.resolveSibling("next.yaml"), config);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (switches(gateway) == before) {
            if (System.nanoTime() > deadline || !gateway.process().isAlive()) {
                throw new IllegalStateException(
                        gateway.name() + " did not take another configuration:\n" + Files.readString(gateway.log()));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private static long switches(Peer gateway) throws IOException {
        return Files.readString(gateway.log())
                .lines()
                .filter(line -> line.contains(" in force: "))
                .count();
    }

    /** Starts any program. */
    Peer start(String name, List<String> command, Path in, String url) {
        Path log = in.resolve("log");
        Peer peer = new Peer(name, Peer.start(log, command, in), url, log);
        synchronized (started) {
            started.push(peer);
        }
        return peer;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What was started last needs what was started before. */
    private void stop() {
        synchronized (started) {
            while (!started.isEmpty()) {
                started.pop().close();
            }
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(end);
        stop();
        vertx.close().await();
    }
}
