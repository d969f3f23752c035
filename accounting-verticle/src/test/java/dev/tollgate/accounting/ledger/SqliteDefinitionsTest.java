package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.book.Definitions;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteDefinitionsTest extends DefinitionsContract {
    @TempDir
    Path data;

    @Override
    Definitions open() {
        return SqliteDefinitions.open(data.resolve("tollgate.db"));
    }
}
