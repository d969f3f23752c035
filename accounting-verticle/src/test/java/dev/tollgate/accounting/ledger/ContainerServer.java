package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** A database server in a container, with a port of its own that stays when it is stopped and started again. */
final class ContainerServer implements DatabaseServer {
    private final Kind kind;
    private final int port = LocalServer.freePort();
    private final GenericContainer<?> container;

    ContainerServer(Kind kind) {
        this.kind = kind;
        boolean postgres = kind == Kind.POSTGRESQL;
        this.container = new GenericContainer<>(DockerImageName.parse(postgres ? "postgres:17" : "mariadb:11"))
                .waitingFor(Wait.forLogMessage(".*ready (to accept|for) connections.*", 2)
                        .withStartupTimeout(Duration.ofMinutes(2)));
        container.setPortBindings(List.of("127.0.0.1:" + port + ":" + (postgres ? 5432 : 3306)));
        if (postgres) {
            container.withEnv("POSTGRES_USER", "root").withEnv("POSTGRES_PASSWORD", "pass:word");
        } else {
            container.withEnv("MARIADB_ROOT_PASSWORD", "pass:word");
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
        try {
            var result = kind == Kind.POSTGRESQL
                    ? container.execInContainer("psql", "-U", "root", "-d", database, "-c", statement)
                    : container.execInContainer("mariadb", "-uroot", "-ppass:word", database, "-e", statement);
            if (result.getExitCode() != 0) {
                throw new IllegalStateException(result.getStderr());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void start() {
        if (container.getContainerId() == null) {
            container.start();
            createTester();
        } else {
            DockerClientFactory.instance()
                    .client()
                    .startContainerCmd(container.getContainerId())
                    .exec();
            LocalServer.awaitPort(port);
        }
    }

    @Override
    public void stop() {
        DockerClientFactory.instance()
                .client()
                .stopContainerCmd(container.getContainerId())
                .exec();
    }

    @Override
    public void freeze() {
        DockerClientFactory.instance()
                .client()
                .pauseContainerCmd(container.getContainerId())
                .exec();
    }

    @Override
    public void thaw() {
        DockerClientFactory.instance()
                .client()
                .unpauseContainerCmd(container.getContainerId())
                .exec();
    }

    @Override
    public void close() {
        container.stop();
    }

    @Override
    public String toString() {
        return "container " + container.getDockerImageName();
    }
}
