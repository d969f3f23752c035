package dev.tollgate.accounting.ledger;

import dev.tollgate.config.StoreUrl.Kind;
import org.junit.jupiter.api.extension.RegisterExtension;

class MySqlLedgerTest extends ServerLedgerContract {
    @RegisterExtension
    static final Stores STORES = new Stores(Kind.MYSQL);

    @Override
    Stores stores() {
        return STORES;
    }

    @Override
    void breakConnections(String database) {
        STORES.server().sql("mysql", "KILL HARD USER tester");
    }
}
