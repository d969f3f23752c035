package dev.tollgate.accounting.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.protocol.Usage;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqliteLedgerTest extends LedgerContract {
    @TempDir
    Path data;

    @Override
    Ledger open() {
        return SqliteLedger.open(data.resolve("tollgate.db"));
    }

    @Test
    void rowsAndPositionAreStoredTogetherOrNotAtAll() {
        SpendRow impossible = new SpendRow(
                "bad",
                "c",
                null,
                null,
                null,
                null,
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                null,
                Usage.NONE,
                0,
                true,
                false,
                0,
                0,
                Double.NaN,
                -1,
                List.of(),
                null);
        assertThatThrownBy(() -> ledger.store(List.of(Calls.row("good"), impossible), "file", 10))
                .isInstanceOf(IllegalStateException.class);
        assertThat(ledger.position("file")).isZero();
        assertThat(ledger.logs(Map.of())).isEmpty();
        ledger.store(List.of(Calls.row("good")), "file", 10);
        assertThat(ledger.logs(Map.of())).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "01928c9e-37f5-7e5b-8b0c-35a1f0d2c4e7,blob",
        "01928C9E-37F5-7E5B-8B0C-35A1F0D2C4E7,text",
        "01928c9e-37f5-7e5b-8b0c-35a1f0d2c4eg,text",
        "01928c9e037f5-7e5b-8b0c-35a1f0d2c4e7,text",
        "chatcmpl-123,text",
    })
    void anIdComesBackAsItWasAndAUuidTakesSixteenBytes(String id, String type) throws SQLException {
        ledger.store(List.of(Calls.row(id)), "file", 1);
        assertThat(ids(ledger.logs(Map.of("request_id", id)))).isEqualTo(id);
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("tollgate.db"));
                var statement = connection.createStatement()) {
            try (var rows = statement.executeQuery("SELECT typeof(request_id) FROM spend")) {
                assertThat(rows.getString(1)).isEqualTo(type);
            }
            try (var rows = statement.executeQuery("SELECT request_id FROM spend_logs")) {
                assertThat(rows.getString(1)).isEqualTo(id);
            }
        }
    }

    @Test
    void theViewShowsTokensOfPictures() throws SQLException {
        ledger.store(List.of(Calls.row("plain"), Calls.pictures(Calls.row("z"), 258, 1_290)), "file", 1);
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("tollgate.db"));
                var statement = connection.createStatement();
                var rows = statement.executeQuery(
                        "SELECT image_prompt_tokens, image_completion_tokens FROM spend_logs ORDER BY request_id")) {
            List<String> shown = new ArrayList<>();
            while (rows.next()) {
                shown.add(rows.getLong(1) + " " + rows.getLong(2));
            }
            assertThat(shown).containsExactly("0 0", "258 1290");
        }
    }

    @Test
    void itCannotSayWhichHalfOfAClusterGoesOn() {
        assertThat(ledger.claim(7, List.of("a", "b"), List.of("a"))).isEmpty();
    }

    @Test
    void itDoesNotSayWhoSendsAnAlertForNoOtherNodeAsksIt() {
        PostedAlert alert = new PostedAlert(UUID.randomUUID(), "{}");
        assertThat(ledger.claimAlert(alert, "a", Duration.ZERO)).isEmpty();
        ledger.alertSent(alert.id());
        assertThat(ledger.overdueAlerts("b", Duration.ZERO)).isEmpty();
    }

    @Test
    void callsOfOneKindShareAContextAndOthersDoNot() throws SQLException {
        someRows();
        ledger.store(List.of(row("e", KEY, "anna", "gpt-4o", "2026-01-04T00:00:00Z", 3)), "file", 200);
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("tollgate.db"));
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM spend_contexts")) {
            assertThat(rows.getInt(1)).isEqualTo(4);
        }
    }

    /** A store of the version before has rows, and no sums. */
    @Test
    void sumsOfEarlierRowsAreMadeWhenTheStoreIsFirstOpened() {
        someRows();
        ledger.store(List.of(failed("f")), "file", 200);
        change("DROP TABLE spend_daily");
        change("DROP VIEW spend_logs");
        change("DROP INDEX spend_part_of");
        for (String column :
                List.of("service_tier", "part_of", "price_version", "image_prompt_tokens", "image_completion_tokens")) {
            change("ALTER TABLE spend DROP COLUMN " + column);
        }
        change("DROP TABLE balances");
        change("DROP TABLE spend_horizon");
        change("DROP TABLE definitions");
        change("DROP TABLE definitions_revision");
        change("DROP TABLE definitions_stamps");
        for (String table : List.of(
                "spend_batches",
                "spend_origins",
                "spend_alone",
                "spend_store",
                "spend_payers",
                "balance_corrections")) {
            change("DROP TABLE " + table);
        }
        change("DELETE FROM flyway_schema_history WHERE version <> '1'");
        try (Ledger again = open()) {
            assertThat(again.verify()).isEmpty();
            assertThat(again.logs(Map.of("start_date", "2026-01-01", "end_date", "2026-01-03")))
                    .hasSize(3);
        }
    }

    @Test
    void aSumThatIsNotThatOfItsRowsIsFound() {
        someRows();
        change("UPDATE spend_daily SET spend_nanos = spend_nanos + 1 WHERE day = '2026-01-02'");
        change("DELETE FROM spend_daily WHERE day = '2026-01-03'");
        assertThat(ledger.verify())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("2026-01-02 key=other user=anna")
                                .contains("2 nano-dollars", "come to 1 requests"),
                        line -> assertThat(line).startsWith("2026-01-03").contains("has 0 requests"));
    }

    /** What they were is what they are; calls from now on count. An earlier release's contexts have other digests. */
    @Test
    void balancesOfAnEarlierReleaseAreTakenAsTheyAre() {
        Charge key = charge(Kind.KEY, "k", 0);
        SpendRow row = Calls.charged(Calls.row("a", "k", "u", "m", 1_767_225_600_000L, 5), key);
        ledger.store(List.of(row), "file", 1);
        change("UPDATE balances SET spend_nanos = 77");
        change("UPDATE spend_contexts SET digest = randomblob(16)");
        change("DROP TABLE spend_payers");
        change("DROP TABLE balance_corrections");
        change("DROP VIEW spend_logs");
        change("ALTER TABLE spend DROP COLUMN image_prompt_tokens");
        change("ALTER TABLE spend DROP COLUMN image_completion_tokens");
        change("DELETE FROM flyway_schema_history WHERE version IN ('11', '12')");
        try (Ledger again = open()) {
            assertThat(again.verify()).isEmpty();
            again.store(List.of(Calls.charged(Calls.of(row, "b", "k", "u", "team"), key)), "file", 2);
            List<String> remarks = new ArrayList<>();
            assertThat(again.verify(remarks::add)).isEmpty();
            assertThat(remarks).isEmpty();
            change("UPDATE balances SET spend_nanos = 81");
            assertThat(again.verify())
                    .containsExactly("balance of key k, ever: balances has 81 nano-dollars, the rows come to 82");
        }
    }

    @Override
    void change(String statement) {
        String sql = statement.replace("${prefix}", "");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("tollgate.db"));
                var changing = connection.createStatement()) {
            changing.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
