package dev.tollgate.accounting.ledger;

import static dev.tollgate.accounting.Calls.charged;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store does with balances. */
abstract class BalancesContract {
    private static final long ROWS_MILLIS = 1_767_225_600_000L;

    Ledger ledger;

    /** Opens the store of this test, the same one each time. */
    abstract Ledger open();

    /** Changes the tables behind the ledger's back; {@code ${prefix}} stands before each of their names. */
    abstract void change(String statement);

    @BeforeEach
    void openLedger() {
        ledger = open();
    }

    @AfterEach
    void closeLedger() {
        ledger.close();
    }

    static Charge charge(Kind kind, String id, long period) {
        return new Charge(new Holder(kind, id), period);
    }

    private static SpendRow row(String id, long nanos) {
        return Calls.row(id, "k", "u", "m", ROWS_MILLIS, nanos);
    }

    @Test
    void balancesAreWhatRowsCostThatWereNew() {
        Charge key = charge(Kind.KEY, "k", 1_000);
        Charge user = charge(Kind.USER, "k", 0);
        Charge all = new Charge(Holder.ALL, 0);
        ledger.store(
                List.of(
                        charged(row("a", 5), key, all),
                        charged(row("a", 5), key, all),
                        charged(row("b", 7), key, user, all),
                        row("c", 100),
                        charged(row("free", 0), charge(Kind.TAG, "t", 0))),
                "file",
                1);
        ledger.store(List.of(charged(row("b", 7), key, user, all), charged(row("d", 20), all)), "file", 2);
        assertThat(ledger.balances())
                .containsExactlyInAnyOrder(new Balance(key, 12), new Balance(user, 7), new Balance(all, 32));
        assertThat(ledger.verify()).isEmpty();
    }

    /** A call of two parts pays two providers; each gets its own. */
    @Test
    void aChargeMayBeForAPartOfTheCost() {
        Charge first = new Charge(new Holder(Kind.PROVIDER, "openai"), 1_000, 3);
        Charge second = new Charge(new Holder(Kind.PROVIDER, "groq"), 0, 9);
        Charge whole = charge(Kind.DEPLOYMENT, "one", 1_000);
        ledger.store(
                List.of(charged(row("a", 12), first, second, new Charge(Holder.ALL, 0)), charged(row("b", 2), whole)),
                "file",
                1);
        assertThat(ledger.balances())
                .containsExactlyInAnyOrder(
                        new Balance(charge(Kind.PROVIDER, "openai", 1_000), 3),
                        new Balance(charge(Kind.PROVIDER, "groq", 0), 9),
                        new Balance(whole, 2),
                        new Balance(new Charge(Holder.ALL, 0), 12));
    }

    @Test
    void aBalanceThatIsNotWhatItsRowsComeToIsFound() {
        Charge key = charge(Kind.KEY, "k", 1_000);
        Charge team = charge(Kind.TEAM, "crew", 0);
        ledger.store(List.of(charged(row("a", 5), key, team), charged(row("b", 7), key)), "file", 1);
        ledger.adjust(key, 100);
        assertThat(ledger.verify()).isEmpty();
        change("UPDATE ${prefix}balances SET spend_nanos = spend_nanos + 1 WHERE kind = 'key'");
        assertThat(ledger.verify())
                .containsExactly("balance of key k, since 1970-01-01T00:00:01Z: balances has 113 nano-dollars, the rows"
                        + " come to 112");
        change("UPDATE ${prefix}balances SET spend_nanos = 0 WHERE kind = 'team'");
        assertThat(ledger.verify())
                .as("in order of periods")
                .satisfiesExactly(
                        line -> assertThat(line)
                                .isEqualTo(
                                        "balance of team crew, ever: balances has 0 nano-dollars, the rows come to 5"),
                        line -> assertThat(line).startsWith("balance of key k"));
    }

    /** A period that is begun by hand has what was set then, and what calls cost that ended in it. */
    @Test
    void amountsSetByHandAreNoDifference() {
        Charge first = charge(Kind.KEY, "k", 0);
        Charge second = charge(Kind.KEY, "k", ROWS_MILLIS + 600_000);
        SpendRow late = charged(Calls.row("late", "k", "u", "m", ROWS_MILLIS + 700_000, 30), second);
        ledger.store(List.of(charged(row("a", 5), first)), "file", 1);
        ledger.adjust(second, 3);
        assertThat(ledger.verify()).isEmpty();
        ledger.store(List.of(late), "file", 2);
        List<String> remarks = new ArrayList<>();
        assertThat(ledger.verify(remarks::add)).isEmpty();
        assertThat(remarks).isEmpty();
        assertThat(ledger.balances()).containsExactly(new Balance(second, 33));
        change("UPDATE ${prefix}balances SET spend_nanos = 38 WHERE spend_nanos = 33");
        assertThat(ledger.verify()).as("the first call is of the period before").hasSize(1);
    }

    /** When the first ended nobody knows to the millisecond, and of the second a part counts: which, the row does not say. */
    @Test
    void callsThatMayCountForAPeriodOrNotSetBounds() {
        Charge key = charge(Kind.KEY, "k", ROWS_MILLIS + 1_000);
        Charge provider = new Charge(new Holder(Kind.PROVIDER, "openai"), 0, 3);
        ledger.store(
                List.of(charged(row("a", 5), charge(Kind.KEY, "k", 1_000)), charged(row("b", 7), key, provider)),
                "file",
                1);
        List<String> remarks = new ArrayList<>();
        assertThat(ledger.verify(remarks::add)).isEmpty();
        assertThat(remarks).singleElement().asString().startsWith("2 balances are compared within bounds");
        change("UPDATE ${prefix}balances SET spend_nanos = 13 WHERE spend_nanos = 7");
        change("UPDATE ${prefix}balances SET spend_nanos = 8 WHERE spend_nanos = 3");
        assertThat(ledger.verify())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("balance of provider openai")
                                .endsWith("come to 0 to 7"),
                        line -> assertThat(line).startsWith("balance of key k").endsWith("come to 0 to 12"));
    }

    /** Rows go by when calls began, and a call that began before midnight may count for the day that it ended in. */
    @Test
    void aPeriodThatBeganWhereRowsAreKeptFromIsNotCompared() {
        long midnight = ROWS_MILLIS + 86_400_000;
        Charge key = charge(Kind.KEY, "k", midnight);
        ledger.store(List.of(charged(Calls.row("a", "k", "u", "m", midnight - 100, 5), key)), "file", 1);
        ledger.deleteRows(midnight);
        List<String> remarks = new ArrayList<>();
        assertThat(ledger.verify(remarks::add)).isEmpty();
        assertThat(remarks).singleElement().asString().startsWith("1 balances are not compared");
    }

    /** It was settled with the last part, which may have ended much later. */
    @Test
    void anEarlierPartOfACallMayCountForALaterPeriodThanItEndedIn() {
        Charge key = charge(Kind.KEY, "k", ROWS_MILLIS + 600_000);
        SpendRow last = charged(Calls.row("c", "k", "u", "m", ROWS_MILLIS + 700_000, 30), key);
        ledger.store(List.of(charged(row("c#1", 5), key), last), "file", 1);
        assertThat(ledger.verify()).isEmpty();
        change("UPDATE ${prefix}balances SET spend_nanos = 36 WHERE spend_nanos = 35");
        assertThat(ledger.verify()).singleElement().asString().endsWith("the rows come to 30 to 35");
    }

    /** Calls went on to count for ever until the next start, though they ended in what is the present period since. */
    @Test
    void aBudgetThatGotItsPeriodInTheFileSetsBounds() {
        Charge before = charge(Kind.KEY, "k", 0);
        Charge since = charge(Kind.KEY, "k", ROWS_MILLIS - 600_000);
        ledger.store(List.of(charged(row("a", 5), before), charged(row("b", 7), since)), "file", 1);
        assertThat(ledger.verify()).isEmpty();
        change("UPDATE ${prefix}balances SET spend_nanos = 6 WHERE spend_nanos = 7");
        assertThat(ledger.verify()).singleElement().asString().endsWith("has 6 nano-dollars, the rows come to 7 to 12");
    }

    /** It knows nothing of what is written down for this: what its calls cost may be anybody's. */
    @Test
    void anEarlierReleaseMayStoreCallsMeanwhile() {
        Charge key = charge(Kind.KEY, "k", 0);
        long now = System.currentTimeMillis();
        ledger.store(List.of(charged(Calls.row("a", "k", "u", "m", now, 5), key)), "file", 1);
        change("DELETE FROM ${prefix}spend_payers WHERE context > 0");
        List<String> remarks = new ArrayList<>();
        assertThat(ledger.verify(remarks::add)).isEmpty();
        assertThat(remarks).hasSize(1);
        change("UPDATE ${prefix}balances SET spend_nanos = 6");
        assertThat(ledger.verify()).hasSize(1);
    }

    @Test
    void thePresentPeriodIsTheOneThatBeganLast() {
        Charge old = charge(Kind.KEY, "k", 1_000);
        Charge now = charge(Kind.KEY, "k", 2_000);
        ledger.store(List.of(charged(row("a", 5), old), charged(row("b", 7), now)), "file", 1);
        ledger.store(List.of(charged(row("late", 1), old)), "file", 2);
        assertThat(ledger.balances()).containsExactly(new Balance(now, 7));
    }

    @Test
    void aBalanceIsChangedByHand() {
        Charge key = charge(Kind.KEY, "k", 1_000);
        ledger.adjust(key, 50);
        ledger.store(List.of(charged(row("a", 5), key)), "file", 1);
        ledger.adjust(key, -55);
        assertThat(ledger.balances()).containsExactly(new Balance(key, 0));
        try (Ledger again = open()) {
            again.adjust(key, -1);
            assertThat(again.balances()).containsExactly(new Balance(key, -1));
        }
    }

    /** End users choose their ids: two that a store takes for one would share a budget, one that it refuses would stop the ledger. */
    @Test
    void holdersThatDifferByLittleAreNotMixedUp() {
        String long1 = "\u00e9".repeat(3_999) + "1";
        List<String> ids =
                List.of("a", "A", "a ", "\u00e4", "a\u0308", "", "' OR 1=1", "%", "\ud83d\ude80", long1, long1 + "2");
        long nanos = 1;
        List<Balance> expected = new ArrayList<>();
        for (String id : ids) {
            expected.add(new Balance(charge(Kind.CUSTOMER, id, 0), nanos));
            ledger.adjust(charge(Kind.CUSTOMER, id, 0), nanos++);
        }
        ledger.adjust(charge(Kind.CUSTOMER, "nul\0", 0), nanos);
        expected.add(new Balance(charge(Kind.CUSTOMER, "nul\ufffd", 0), nanos));
        assertThat(ledger.balances()).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void onlyTheLastTwoPeriodsAreKeptForLong() {
        int periods = BalanceSums.FORGET_AT_ONCE + 22;
        List<SpendRow> rows = new ArrayList<>();
        for (int i = 0; i < periods; i++) {
            rows.add(charged(row("id" + i, 1), charge(Kind.KEY, "k", i), charge(Kind.USER, "k", i % 2)));
        }
        ledger.store(rows, "file", 1);
        assertThat(ledger.forgetOldBalances()).as("there are more").isTrue();
        assertThat(ledger.forgetOldBalances()).isFalse();
        assertThat(ledger.forgetOldBalances()).isFalse();
        for (int i = 0; i < periods; i++) {
            ledger.adjust(charge(Kind.KEY, "k", i), 10);
        }
        assertThat(ledger.balances())
                .containsExactlyInAnyOrder(
                        new Balance(charge(Kind.KEY, "k", periods - 1), 11),
                        new Balance(charge(Kind.USER, "k", 1), periods / 2));
    }
}
