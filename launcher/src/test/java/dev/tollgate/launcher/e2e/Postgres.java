package dev.tollgate.launcher.e2e;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real PostgreSQL from the system, on 127.0.0.1, in a folder of its own. It refuses to run as root, so root starts it as another. */
final class Postgres implements AutoCloseable {
    private final Path folder;
    private final Process process;
    private final int port;

    private Postgres(Path folder, Process process, int port) {
        this.folder = folder;
        this.process = process;
        this.port = port;
    }

    static Postgres start() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("tollgate-e2e-postgres");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        String data = folder.resolve("data").toString();
        run(
                folder,
                program("initdb"),
                "-D",
                data,
                "-U",
                "litellm",
                "--auth=trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C");
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Process process = launch(
                folder,
                program("postgres"),
                "-D",
                data,
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=" + folder,
                "-c",
                "fsync=off");
        Postgres started = new Postgres(folder, process, port);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!started.answers()) {
            if (System.nanoTime() > deadline || process.waitFor(100, TimeUnit.MILLISECONDS)) {
                started.close();
                throw new AssertionError("PostgreSQL did not start");
            }
        }
        return started;
    }

    private boolean answers() throws IOException, InterruptedException {
        return launch(folder, program("psql"), url(), "-qc", "SELECT 1").waitFor() == 0;
    }

    private static Process launch(Path folder, String... command) throws IOException {
        List<String> all = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            all.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
        }
        all.addAll(List.of(command));
        return new ProcessBuilder(all)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("postgres.log").toFile()))
                .start();
    }

    private static void run(Path folder, String... command) throws IOException, InterruptedException {
        Process process = launch(folder, command);
        if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError(command[0] + " failed:\n" + Files.readString(folder.resolve("postgres.log")));
        }
    }

    /** Debian hides all but the client from the search path. */
    private static String program(String name) throws IOException {
        List<Path> folders = new ArrayList<>();
        for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
            folders.add(Path.of(folder));
        }
        Path debian = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(debian)) {
            try (Stream<Path> versions = Files.list(debian)) {
                versions.forEach(version -> folders.add(version.resolve("bin")));
            }
        }
        return folders.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(Path.of(name))
                .toString();
    }

    String url() {
        return "postgresql://litellm@127.0.0.1:" + port + "/postgres";
    }

    void sql(String statements) throws IOException, InterruptedException {
        run(folder, program("psql"), url(), "-v", "ON_ERROR_STOP=1", "-qc", statements);
    }

    /** What a query finds, a line a row, columns apart by {@code |}. */
    List<String> lines(String query) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(program("psql"), url(), "-v", "ON_ERROR_STOP=1", "-Atqc", query)
                .redirectErrorStream(true)
                .start();
        try (Stream<String> lines = process.inputReader().lines()) {
            List<String> found = lines.toList();
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join("\n", found));
            }
            return found;
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
        process.destroyForcibly().onExit().join();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
