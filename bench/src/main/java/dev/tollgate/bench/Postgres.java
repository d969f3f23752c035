package dev.tollgate.bench;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.SqlClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * PostgreSQL's server from the search path, empty and with its usual settings. It refuses to run as root, so root starts it as
 * {@code postgres}.
 *
 * @param peer the server and its children
 * @param url where it is, without parameters
 */
record Postgres(Peer peer, String url) {
    private static final int TRIES = 600;

    /** Makes a database in the stand's folder and waits until it answers; it ends with the stand. */
    static Postgres start(Stand stand) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(stand.folder().resolve("postgres"));
        Files.setPosixFilePermissions(stand.folder(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        String data = folder.resolve("data").toString();
        Path said = folder.resolve("initdb.log");
        Process made = Peer.start(
                said, own("initdb", "-D", data, "-U", "bench", "--auth=trust", "-E", "UTF8", "--locale=C"), folder);
        if (made.waitFor() != 0) {
            throw new IOException("initdb failed: " + Files.readString(said));
        }
        int port = Stand.freePort();
        List<String> server = own(
                "postgres",
                "-D",
                data,
                "-p",
                String.valueOf(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=" + folder);
        String url = "postgresql://bench@127.0.0.1:" + port + "/postgres";
        Postgres started = new Postgres(stand.start("PostgreSQL", server, folder, url), url);
        started.await(stand.vertx());
        return started;
    }

    private static List<String> own(String... command) {
        List<String> all = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            all.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
        }
        all.addAll(List.of(command));
        return all;
    }

    private void await(Vertx vertx) throws IOException {
        for (int i = 0; i < TRIES && peer.process().isAlive(); i++) {
            try {
                connect(vertx).close().await();
                return;
            } catch (RuntimeException _) {
                // It does not listen yet.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
        throw new IOException("PostgreSQL did not start");
    }

    /** The URL of one more database, which is empty. */
    String database(Vertx vertx, String name) {
        SqlClient sql = connect(vertx);
        try {
            sql.query("CREATE DATABASE " + name).execute().await();
        } finally {
            sql.close().await();
        }
        return url.substring(0, url.lastIndexOf('/') + 1) + name;
    }

    /** A connection of its own. */
    SqlClient connect(Vertx vertx) {
        return PgConnection.connect(vertx, url).await();
    }
}
