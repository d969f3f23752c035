package dev.tollgate.accounting.ledger;

import java.time.LocalDate;
import java.util.Objects;

/** SQLite's words. */
final class SqliteSql implements Sql {
    @Override
    public String table(String name) {
        return name;
    }

    @Override
    public String parameter(int number) {
        return "?";
    }

    @Override
    public String startDay() {
        return "date(start_millis / 1000, 'unixepoch')";
    }

    @Override
    public Object day(LocalDate day) {
        return day.toString();
    }

    @Override
    public Object requestId(String id) {
        return RequestId.stored(id);
    }

    @Override
    public String requestId(Columns row) {
        return RequestId.text(Objects.requireNonNull(row.get("request_id")));
    }
}
