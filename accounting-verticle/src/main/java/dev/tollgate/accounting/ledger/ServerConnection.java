package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The ledger's one connection to a database server, made when it is needed. It has an event loop of its own, so that no call waits
 * while a batch is put on the wire, and so that a connection that hangs can be taken down by force: closing it politely would wait
 * for the answer that does not come.
 *
 * <p>Used by one thread, which waits for every answer, each within a limit.
 */
final class ServerConnection {
    /** The server is to give a statement up first, and say so. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final StoreUrl url;
    private final ServerStore store;
    private final Runnable reopened;
    private final Consumer<Migrations.Statements> preparing;
    private @Nullable Vertx vertx;
    private @Nullable SqlConnection connection;
    private Link link = new Link();
    private @Nullable StoreException refusal;
    private long restUntilNanos;
    private volatile boolean prepared = true;

    /** What is known on the event loop of one connection. */
    private static final class Link {
        private volatile boolean lost;
        private volatile @Nullable Promise<?> waiting;

        void waiting(Promise<?> answer) {
            waiting = answer;
            if (lost) {
                answer.tryFail(ClosedConnectionException.INSTANCE);
            }
        }

        void lost() {
            lost = true;
            Promise<?> answer = waiting;
            if (answer != null) {
                answer.tryFail(ClosedConnectionException.INSTANCE);
            }
        }
    }

    /** {@code reopened} is told when there is a new connection, perhaps to a store that has lost what we know of it. */
    ServerConnection(StoreUrl url, ServerStore store, Runnable reopened) {
        this(url, store, reopened, ask -> new Migrations(url, store, ask).run());
    }

    private ServerConnection(
            StoreUrl url, ServerStore store, Runnable reopened, Consumer<Migrations.Statements> preparing) {
        this.url = url;
        this.store = store;
        this.reopened = reopened;
        this.preparing = preparing;
    }

    /** One that makes none of our tables: for looking at what is there, or at somebody else's. */
    static ServerConnection toLook(StoreUrl url, ServerStore store) {
        return new ServerConnection(url, store, () -> {}, _ -> {});
    }

    /**
     * The connection, with all tables there. After a failure that took long, as long again passes before the next try: questions
     * from people must not queue up behind a host that never answers.
     */
    SqlConnection open() {
        SqlConnection made = connection;
        if (made != null && !link.lost) {
            return made;
        }
        long now = System.nanoTime();
        StoreException last = refusal;
        if (last != null && now - restUntilNanos < 0) {
            throw last;
        }
        try {
            reopened.run();
            made = connected();
            refusal = null;
            return made;
        } catch (StoreException e) {
            drop();
            refusal = e;
            long end = System.nanoTime();
            restUntilNanos = end + (end - now);
            throw e;
        }
    }

    private SqlConnection connected() {
        drop();
        Vertx mine = vertx;
        if (mine == null) {
            mine = Vertx.vertx(new VertxOptions()
                    .setEventLoopPoolSize(1)
                    .setWorkerPoolSize(1)
                    .setInternalBlockingPoolSize(1)
                    .setUseDaemonThread(true));
            vertx = mine;
        }
        SqlConnection made = done(store.connect(mine), url.connectTimeout());
        Link fresh = link;
        made.closeHandler(_ -> fresh.lost());
        connection = made;
        store.session().forEach(sql -> run(made, sql));
        prepared = false;
        try {
            preparing.accept((sql, limit) -> done(made.query(sql).execute(), limit.plus(GRACE)));
        } finally {
            prepared = true;
        }
        return made;
    }

    /** Whether tables are being made or changed, here or by another node that is waited for. May be asked from any thread. */
    boolean preparing() {
        return !prepared;
    }

    /** Runs one statement. */
    RowSet<Row> run(SqlConnection on, String sql) {
        return done(on.query(sql).execute());
    }

    /** Waits for an answer of the store. */
    <T> T done(Future<? extends T> answer) {
        return done(answer, url.statementTimeout().plus(GRACE));
    }

    /** A statement that was sent as the connection broke may never be answered by the driver, so its end is listened for as well. */
    private <T> T done(Future<? extends T> answer, Duration limit) {
        Promise<T> first = Promise.promise();
        answer.onComplete(first::tryComplete, first::tryFail);
        link.waiting(first);
        try {
            return first.future().await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            kill();
            throw StoreException.silent(url, limit);
        } catch (Exception e) {
            // await throws whatever the future failed with, checked or not.
            throw StoreException.of(url, e);
        }
    }

    /** After a failure: the transaction is taken back, with the connection unless it can be used again. */
    void undo(StoreException failure) {
        SqlConnection made = connection;
        if (made == null || failure.remedy() == StoreException.Remedy.RECONNECT) {
            drop();
            return;
        }
        try {
            run(made, "ROLLBACK");
        } catch (StoreException _) {
            drop();
        }
    }

    private void drop() {
        SqlConnection made = connection;
        connection = null;
        link = new Link();
        if (made != null) {
            made.close();
        }
    }

    /** Takes the event loop down with whatever is still on it. */
    private void kill() {
        Vertx mine = vertx;
        vertx = null;
        connection = null;
        link = new Link();
        if (mine != null) {
            mine.close();
        }
    }

    void close() {
        SqlConnection made = connection;
        if (made != null) {
            try {
                made.close().await(GRACE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (Exception _) {
                // It is closed by force below.
            }
        }
        kill();
    }
}
