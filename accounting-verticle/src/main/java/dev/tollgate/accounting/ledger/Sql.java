package dev.tollgate.accounting.ledger;

import java.time.LocalDate;

/** Where the stores' languages differ in what {@link SpendQuestion} and {@link DailyCheck} ask. */
interface Sql {
    /** A table's full name. */
    String table(String name);

    /** The parameter of this number, from 1. */
    String parameter(int number);

    /** An expression: the UTC day of {@code start_millis}. */
    String startDay();

    /** A UTC day as a parameter. */
    Object day(LocalDate day);

    /** A call id as a parameter. */
    Object requestId(String id);

    /** The call id that a row of {@code spend} holds. */
    String requestId(Columns row);

    /** Deletes some rows of {@code spend} that began before its parameter. */
    default String deleteSpend(int most) {
        return "DELETE FROM " + table("spend") + " WHERE request_id IN (SELECT request_id FROM " + table("spend")
                + " WHERE start_millis < " + parameter(1) + " LIMIT " + most + ")";
    }

    /** Asks before when rows may have been deleted. */
    default String horizon() {
        return "SELECT millis FROM " + table("spend_horizon") + " WHERE name = 'rows'";
    }
}
