package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl.Kind;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;

/**
 * Gives tests a real database server: in a container where a Docker engine answers, else from programs on this machine. It fails when
 * there is neither: a test that is silently left out proves nothing. Servers are shared by all tests of a run and end with it.
 */
public final class Stores implements BeforeAllCallback {
    private final Kind kind;
    private final AtomicInteger databases = new AtomicInteger();
    private DatabaseServer server;

    public Stores(Kind kind) {
        this.kind = kind;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        server = context.getRoot()
                .getStore(ExtensionContext.Namespace.create(Stores.class))
                .computeIfAbsent(kind, _ -> started(), DatabaseServer.class);
    }

    private DatabaseServer started() {
        boolean docker = DockerClientFactory.instance().isDockerAvailable();
        DatabaseServer made = docker ? new ContainerServer(kind) : new LocalServer(kind);
        System.out.println(kind.label() + " for tests: " + made);
        made.start();
        return made;
    }

    public DatabaseServer server() {
        return server;
    }

    /** The URL of a database that is empty and nobody else's. */
    public String fresh() {
        String name =
                "test_" + ProcessHandle.current().pid() + "_" + System.nanoTime() + "_" + databases.incrementAndGet();
        server.sql(kind == Kind.POSTGRESQL ? "postgres" : "mysql", "CREATE DATABASE " + name);
        return server.url(name);
    }
}
