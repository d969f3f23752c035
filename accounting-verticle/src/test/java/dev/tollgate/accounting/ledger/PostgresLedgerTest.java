package dev.tollgate.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.StoreUrl;
import dev.tollgate.config.StoreUrl.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresLedgerTest extends ServerLedgerContract {
    @RegisterExtension
    static final Stores STORES = new Stores(Kind.POSTGRESQL);

    @Override
    Stores stores() {
        return STORES;
    }

    @Override
    void breakConnections(String database) {
        STORES.server()
                .sql(
                        "postgres",
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database + "'");
    }

    /** As an index of a very large table takes. */
    @Test
    void aMigrationMayTakeLongerThanAStatement() {
        String url = STORES.fresh();
        String database = url.substring(url.lastIndexOf('/') + 1);
        STORES.server().sql(database, """
                CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
                  IF current_query() LIKE '%INDEX%spend_context_start%' THEN PERFORM pg_sleep(4); END IF;
                END $$""");
        STORES.server().sql(database, "CREATE EVENT TRIGGER slow ON ddl_command_start EXECUTE FUNCTION slow()");
        try (Ledger node = ServerLedger.of(StoreUrl.parse(url + "?socket_timeout=1"))) {
            assertThat(node.position("file")).isZero();
        }
    }
}
