package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl.Kind;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A database server from the programs of this machine, in a folder of its own. A shell watches it: when the process of the tests is
 * gone, however it ended, so is the server. PostgreSQL refuses to run as root, so root starts it as the user {@code postgres}.
 */
final class LocalServer implements DatabaseServer {
    private static final String WATCH = """
            "$@" >>"$LOG" 2>&1 &
            child=$!
            echo $child >"$DIR/watched.new" && mv "$DIR/watched.new" "$DIR/watched"
            while kill -0 "$JVM" 2>/dev/null && kill -0 $child 2>/dev/null; do sleep 0.3; done
            kill -0 "$JVM" 2>/dev/null || { kill -9 $child $(pgrep -P $child); rm -rf "$DIR"; }
            """;

    private final Kind kind;
    private final int port = freePort();
    private final Path folder;
    private final List<String> server;
    private final String client;
    private @Nullable Process watcher;

    LocalServer(Kind kind) {
        this.kind = kind;
        try {
            this.folder = Files.createTempDirectory("tollgate-" + kind.label());
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
            boolean postgres = kind == Kind.POSTGRESQL;
            this.server = postgres ? postgres() : mariaDb();
            this.client = postgres ? program("psql") : program("mariadb", "mysql");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> postgres() throws IOException {
        Path password = Files.writeString(folder.resolve("password"), "pass:word\n");
        run(as(
                "postgres",
                program("initdb"),
                "-D",
                data(),
                "-U",
                "root",
                "--auth=scram-sha-256",
                "--pwfile=" + password,
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C"));
        return as(
                "postgres",
                program("postgres"),
                "-D",
                data(),
                "-p",
                String.valueOf(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=" + folder,
                "-c",
                "max_connections=50",
                "-c",
                "fsync=off");
    }

    private List<String> mariaDb() {
        String user = "--user=" + (root() ? "mysql" : System.getProperty("user.name"));
        run(List.of(
                program("mariadb-install-db", "mysql_install_db"),
                "--no-defaults",
                user,
                "--datadir=" + data(),
                "--auth-root-authentication-method=normal",
                "--skip-test-db"));
        return List.of(
                program("mariadbd", "mysqld"),
                "--no-defaults",
                user,
                "--datadir=" + data(),
                "--socket=" + folder.resolve("socket"),
                "--pid-file=" + folder.resolve("pid"),
                "--innodb-flush-log-at-trx-commit=0",
                "--bind-address=127.0.0.1",
                "--port=" + port);
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static List<String> as(String user, String... command) {
        List<String> all = new ArrayList<>();
        if (root()) {
            all.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"));
        }
        all.addAll(List.of(command));
        return all;
    }

    /** A program of one of these names, also from where Debian hides PostgreSQL's. */
    private static String program(String... names) {
        List<Path> folders = new ArrayList<>();
        for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
            folders.add(Path.of(folder));
        }
        folders.add(Path.of("/usr/sbin"));
        try (Stream<Path> versions = Files.isDirectory(Path.of("/usr/lib/postgresql"))
                ? Files.list(Path.of("/usr/lib/postgresql"))
                : Stream.empty()) {
            versions.sorted(Comparator.reverseOrder())
                    .map(version -> version.resolve("bin"))
                    .forEach(folders::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (String name : names) {
            for (Path folder : folders) {
                if (Files.isExecutable(folder.resolve(name))) {
                    return folder.resolve(name).toString();
                }
            }
        }
        throw new IllegalStateException("These tests need a Docker engine, or `" + names[0]
                + "` on this machine (Debian: apt-get install postgresql mariadb-server)");
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void awaitPort(int port) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
                // MariaDB speaks first; PostgreSQL listens only when it is ready, or says that it is not.
                return true;
            } catch (IOException _) {
                return false;
            }
        });
    }

    private void run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("setup.log").toFile())
                    .start();
            if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        command + " failed: " + Files.readString(folder.resolve("setup.log"), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void sql(String database, String statement) {
        run(
                kind == Kind.POSTGRESQL
                        ? List.of(
                                client,
                                "postgresql://root:pass%3Aword@127.0.0.1:" + port + "/" + database,
                                "-qc",
                                statement)
                        : List.of(
                                client,
                                "--no-defaults",
                                "-uroot",
                                "--socket=" + folder.resolve("socket"),
                                database,
                                "-e",
                                statement));
    }

    @Override
    public void start() {
        boolean first = watcher == null;
        List<String> command = new ArrayList<>(List.of("sh", "-c", WATCH, "watch"));
        command.addAll(server);
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("JVM", String.valueOf(ProcessHandle.current().pid()));
        builder.environment().put("DIR", folder.toString());
        builder.environment().put("LOG", folder.resolve("server.log").toString());
        try {
            watcher = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitPort(port);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .untilAsserted(() -> sql(kind == Kind.POSTGRESQL ? "postgres" : "mysql", "SELECT 1"));
        if (first) {
            createTester();
        }
    }

    /** What the watcher started; the watcher's own children come and go. */
    private ProcessHandle server() {
        try {
            return ProcessHandle.of(Long.parseLong(
                            Files.readString(folder.resolve("watched")).strip()))
                    .orElseThrow(() -> new IllegalStateException(kind + " is not running"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The server and its own children. */
    private List<ProcessHandle> processes() {
        Process shell = watcher;
        return shell == null || !shell.isAlive()
                ? List.of()
                : Stream.concat(Stream.of(server()), server().descendants()).toList();
    }

    private void signal(String signal) {
        // The server's children end when they like: one that is gone meanwhile needs no signal.
        String each = "for pid; do kill \"$0\" \"$pid\" || ! kill -0 \"$pid\" || exit 1; done";
        List<String> command = new ArrayList<>(List.of("sh", "-c", each, signal));
        processes().forEach(process -> command.add(String.valueOf(process.pid())));
        if (command.size() > 4) {
            run(command);
        }
    }

    @Override
    public void stop() {
        Process shell = watcher;
        if (shell == null || !shell.isAlive()) {
            return;
        }
        // The server's own children, if it has any, go with it.
        run(List.of("kill", kind == Kind.POSTGRESQL ? "-INT" : "-TERM", String.valueOf(server().pid())));
        try {
            if (!shell.waitFor(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException(kind + " does not stop");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void freeze() {
        signal("-STOP");
    }

    @Override
    public void thaw() {
        signal("-CONT");
    }

    @Override
    public void close() {
        thaw();
        stop();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return server.stream().filter(part -> part.startsWith("/")).findFirst().orElse("") + " on port " + port;
    }
}
