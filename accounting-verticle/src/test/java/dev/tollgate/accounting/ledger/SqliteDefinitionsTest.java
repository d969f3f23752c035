package dev.tollgate.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteDefinitionsTest extends DefinitionsContract {
    @TempDir
    Path data;

    @Override
    Definitions open() {
        return SqliteDefinitions.open(data.resolve("tollgate.db"));
    }

    /** The ledger and the book write the same file by connections of their own. */
    @Test
    void theLedgerWritesAfterTheBookHasWrittenMeanwhile() throws Exception {
        try (Definitions book = open();
                Ledger ledger = SqliteLedger.open(data.resolve("tollgate.db"))) {
            for (int i = 1; i <= 3; i++) {
                long position = ledger.position("file");
                book.write(List.of(Change.create(Kind.USER, "user" + i, new JsonObject())), i);
                ledger.store(List.of(Calls.row("call" + i)), "file", position + 100);
            }
            assertThat(ledger.position("file")).isEqualTo(300);
        }
    }

    @Override
    boolean shared() {
        return false;
    }
}
