package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl.Kind;
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
}
