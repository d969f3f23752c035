package dev.tollgate.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.StampedDefinitions;
import dev.tollgate.accounting.book.StampedDefinitions.Stamped;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
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

    @Test
    void whatComesFromOtherStoresIsTakenWhereItIsLaterAndOwnChangesAreLaterThanAllOfIt() throws Exception {
        long old = NOW - StampedDefinitions.REMEMBERED_MILLIS - 1;
        try (SqliteDefinitions book = SqliteDefinitions.openTogether(data.resolve("tollgate.db"))) {
            book.write(List.of(Change.create(Kind.USER, "mine", new JsonObject("{\"b\":2}"))), NOW);
            assertThat(book.merge(
                                    List.of(
                                            new Stamped(Kind.USER, "a", 70, "{}", NOW),
                                            new Stamped(Kind.USER, "a", 69, "{\"older\":1}", NOW),
                                            new Stamped(Kind.USER, "mine", 1, "{}", NOW),
                                            new Stamped(Kind.USER, "gone", 5, null, NOW),
                                            new Stamped(Kind.USER, "long gone", 6, null, old)),
                                    NOW)
                            .definitions())
                    .containsExactly(
                            new Definitions.Definition(Kind.USER, "a", 68, "{}"),
                            new Definitions.Definition(Kind.USER, "mine", 69, "{}"),
                            new Definitions.Definition(Kind.USER, "gone", 70, null));
            assertThat(book.merge(List.of(new Stamped(Kind.USER, "gone", 4, "{}", NOW)), NOW))
                    .isEqualTo(StampedDefinitions.Taken.NOTHING);
            assertThat(book.write(List.of(new Change(Kind.USER, "a", 68, new JsonObject())), NOW))
                    .isEqualTo(71);
        }
        try (SqliteDefinitions book = SqliteDefinitions.openTogether(data.resolve("tollgate.db"))) {
            List<Stamped> all = new ArrayList<>();
            book.stamped(all::add);
            assertThat(all)
                    .containsExactlyInAnyOrder(
                            new Stamped(Kind.USER, "a", 71, "{}", NOW),
                            new Stamped(Kind.USER, "mine", 1, "{}", NOW),
                            new Stamped(Kind.USER, "gone", 5, null, NOW));
            assertThat(book.merge(List.of(new Stamped(Kind.USER, "mine", 99, null, old)), NOW)
                            .definitions())
                    .hasSize(1);
            assertThat(book.stamped(List.of(new Holder(Kind.USER, "mine")), _ -> false))
                    .as("forgotten at once")
                    .isEmpty();
        }
    }

    /** What was deleted long ago and made again since then, on a node that does not remember that, is there again. */
    @Test
    void aDeletionOfLongAgoDoesNotHinderWhatIsNew() throws Exception {
        long old = NOW - StampedDefinitions.REMEMBERED_MILLIS - 1;
        try (SqliteDefinitions book = SqliteDefinitions.openTogether(data.resolve("tollgate.db"))) {
            book.merge(
                    List.of(
                            new Stamped(Kind.USER, "long gone", 50, null, old),
                            new Stamped(Kind.USER, "gone", 50, null, old + 2)),
                    old);
            assertThat(book.merge(
                                    List.of(
                                            new Stamped(Kind.USER, "long gone", 7, "{}", NOW),
                                            new Stamped(Kind.USER, "gone", 7, "{}", NOW)),
                                    NOW)
                            .definitions())
                    .extracting(Definitions.Definition::id)
                    .containsExactly("long gone");
            List<Stamped> all = new ArrayList<>();
            book.stamped(all::add);
            assertThat(all)
                    .containsExactlyInAnyOrder(
                            new Stamped(Kind.USER, "long gone", 7, "{}", NOW),
                            new Stamped(Kind.USER, "gone", 50, null, old + 2));
        }
    }

    @Override
    boolean shared() {
        return false;
    }
}
