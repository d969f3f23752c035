package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl.Kind;

/** A real database server for tests, on 127.0.0.1. */
public interface DatabaseServer extends AutoCloseable {
    Kind kind();

    int port();

    /** Runs one statement as its administrator in this database. */
    void sql(String database, String statement);

    /** Starts it, and returns when it takes connections. */
    void start();

    /** Stops it; connections break. */
    void stop();

    /** It keeps its connections and answers nothing, until it is thawed. */
    void freeze();

    void thaw();

    /** Makes the login that tests use, which is not the administrator's. */
    default void createTester() {
        if (kind() == Kind.POSTGRESQL) {
            sql("postgres", "CREATE ROLE tester SUPERUSER LOGIN PASSWORD 'pass:word'");
        } else {
            sql("mysql", "CREATE USER tester@'%' IDENTIFIED BY 'pass:word'");
            sql("mysql", "GRANT ALL ON *.* TO tester@'%' WITH GRANT OPTION");
        }
    }

    default String url(String database) {
        String scheme = kind() == Kind.POSTGRESQL ? "postgresql" : "mysql";
        return scheme + "://tester:pass%3Aword@127.0.0.1:" + port() + "/" + database;
    }

    @Override
    void close();
}
