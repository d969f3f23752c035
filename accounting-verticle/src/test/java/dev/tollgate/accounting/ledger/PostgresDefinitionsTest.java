package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.config.StoreUrl;
import dev.tollgate.config.StoreUrl.Kind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresDefinitionsTest extends DefinitionsContract {
    @RegisterExtension
    static final Stores STORES = new Stores(Kind.POSTGRESQL);

    private String url;

    @BeforeEach
    @Override
    void openDefinitions() {
        url = STORES.fresh();
        super.openDefinitions();
    }

    @Override
    Definitions open() {
        return ServerDefinitions.of(StoreUrl.parse(url));
    }
}
