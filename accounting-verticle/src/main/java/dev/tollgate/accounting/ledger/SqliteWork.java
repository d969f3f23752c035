package dev.tollgate.accounting.ledger;

import java.sql.Connection;
import java.sql.SQLException;

/** Transactions of one connection to the embedded store. */
final class SqliteWork {
    private final Connection connection;
    private final Runnable undone;

    /** {@code undone} hears of each transaction that did not hold. */
    SqliteWork(Connection connection, Runnable undone) {
        this.connection = connection;
        this.undone = undone;
    }

    /** Statements of one transaction, and what they come to. */
    interface Work<T> {
        T run() throws SQLException;
    }

    /** Statements of one transaction. */
    interface Task {
        void run() throws SQLException;
    }

    /** Does something that writes. */
    <T> T writing(Work<T> work) {
        return done("written", work);
    }

    /** The same, where nothing comes of it. */
    void write(Task task) {
        writing(() -> {
            task.run();
            return true;
        });
    }

    /** Does something that only reads. */
    <T> T reading(Work<T> work) {
        return done("read", work);
    }

    /** The same, where nothing comes of it. */
    void read(Task task) {
        reading(() -> {
            task.run();
            return true;
        });
    }

    private <T> T done(String what, Work<T> work) {
        try {
            T result = work.run();
            connection.commit();
            return result;
        } catch (SQLException e) {
            undo();
            throw failed(what, e);
        } catch (RuntimeException | Error e) {
            // Such as a batch of a later release, which this one cannot read; half of it must not be committed with the
            // next.
            undo();
            throw e;
        }
    }

    private void undo() {
        undone.run();
        try {
            connection.rollback();
        } catch (SQLException _) {
            // The failure that led here is the one to report.
        }
    }

    /** The end of it. */
    void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failed("closed", e);
        }
    }

    /** What could not be done. */
    static IllegalStateException failed(String what, SQLException e) {
        return new IllegalStateException("The spend store cannot be " + what + ": " + e.getMessage(), e);
    }
}
