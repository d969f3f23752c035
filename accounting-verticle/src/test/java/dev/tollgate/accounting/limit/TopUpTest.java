package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of which an attempt has to be paid that brought no answer. Prices as in {@link AdmissionsTest}. */
@Timeout(20)
class TopUpTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final Holder KEY = new Holder(Kind.KEY, "hash");

    /** Its prompt counts as 47 tokens, 117,500 nano-dollars. */
    private static final long PROMPT = 47 * 2_500;

    private static final long WORD = 10_000;
    private final Gate accounts = new Gate();
    private final Counters counters = new Counters();
    private final List<Alert> alerts = new ArrayList<>();
    private final Admissions admissions = new Admissions(
            VERTX.getOrCreateContext(),
            accounts,
            counters,
            new Prices(PriceList.load()),
            AdmissionsTest.CONFIG,
            () -> Instant.parse("2026-11-21T12:00:00Z"),
            alerts::add,
            _ -> Future.succeededFuture(47L));

    {
        counters.load(List.of());
    }

    @AfterAll
    static void end() {
        VERTX.close();
    }

    private void budget(long nanos) {
        accounts.keys.put("hash", AdmissionsTest.annasKey(AdmissionsTest.budget(nanos)));
    }

    private Call admitted(String id, int maxTokens) {
        Call call = AdmissionsTest.call(id, "chat", maxTokens, null);
        Admission admission = admissions.admit(call).await();
        assertThat(admission).isInstanceOf(Admission.Granted.class);
        assertThat(((Admission.Granted) admission).cap()).isNull();
        return call;
    }

    /** An attempt that cost this much is over, and another is to be made. */
    private Future<Held> more(Call call, long owed) {
        Leg leg = new Leg("one", "gpt-4o", null, Usage.estimated(10), false);
        return admissions.more(
                new Hold(call, "one", "gpt-4o", true, List.of(leg), null),
                _ -> owed,
                () -> Future.succeededFuture(Held.YES));
    }

    private void settle(Call call, long nanos) {
        admissions.settle(AdmissionsTest.settlement(call, Usage.of(1, 1)), nanos, _ -> 0);
    }

    private long left(long budget) {
        return counters.purse(KEY)
                .left(AdmissionsTest.budget(budget), Instant.parse("2026-11-21T12:00:00Z"), ZoneOffset.UTC);
    }

    @Test
    void whatIsOwedIsSetAsideBesideTheNextAttempt() {
        budget(2_000_000);
        Call call = admitted("1", 50);
        long atFirst = 2_000_000 - left(2_000_000);
        assertThat(more(call, 400_000).await()).isEqualTo(Held.YES);
        assertThat(left(2_000_000)).isEqualTo(2_000_000 - atFirst - 400_000);
        assertThat(more(call, 400_000).await()).isEqualTo(Held.YES);
        assertThat(left(2_000_000)).as("not twice").isEqualTo(2_000_000 - atFirst - 400_000);
        settle(call, 500_000);
        assertThat(left(2_000_000)).isEqualTo(1_500_000);
    }

    @Test
    void whereTooLittleIsLeftThePromptIsCountedThenTheAnswerMayBeShorter() {
        budget(1_000_000);
        Call call = admitted("1", 50);
        assertThat(more(call, 300_000).await())
                .as("by its bytes it does not fit")
                .isEqualTo(Held.YES);
        Admission.Cap cap = more(call, 400_000).await().cap();
        assertThat(cap).isEqualTo(new Admission.Cap(48, "max_completion_tokens"));
        assertThat(400_000 + PROMPT + cap.maxTokens() * WORD).isLessThanOrEqualTo(1_000_000);
        assertThat(alerts).isEmpty();
        Held nothing = more(call, 1_000_000 - PROMPT).await();
        assertThat(nothing.over().message()).startsWith("Too little is left of the budget of api_key annas key");
        assertThat(alerts).extracting(Alert::event).containsExactly("budget_crossed");
        settle(call, 1_000_000);
        assertThat(left(1_000_000)).isZero();
    }

    @Test
    void callsUnderWayAreWaitedForBeforeTheAnswerMustBeShorter() {
        budget(1_500_000);
        Call first = admitted("1", 50);
        Call second = admitted("2", 50);
        Future<Admission> third = admissions.admit(AdmissionsTest.call("3", "chat", 50, null));
        assertThat(third.isComplete()).isFalse();
        Future<Held> more = more(first, 400_000);
        settle(second, 100_000);
        assertThat(more.await()).as("before whoever came later").isEqualTo(Held.YES);
        settle(first, 400_000);
        assertThat(third.await()).isInstanceOf(Admission.Granted.class);
        admissions.release("3");
        assertThat(left(1_500_000)).isEqualTo(1_000_000);
    }

    /** Each would wait for what the other has set aside. */
    @Test
    void callsThatAllNeedMoreDoNotWaitForEachOther() {
        budget(1_500_000);
        Call first = admitted("1", 50);
        Call second = admitted("2", 50);
        Future<Held> one = more(first, 500_000);
        Future<Held> two = more(second, 500_000);
        assertThat(two.await().cap()).as("gets what is left").isNotNull();
        settle(second, 600_000);
        assertThat(one.await().over()).isNull();
        settle(first, 600_000);
        assertThat(left(1_500_000)).isEqualTo(300_000);
    }

    @Test
    void whoLeavesWhileItWaitsKeepsNothing() {
        budget(1_500_000);
        Call first = admitted("1", 50);
        admitted("2", 50);
        Future<Held> more = more(first, 600_000);
        assertThat(more.isComplete()).isFalse();
        admissions.unhold("1");
        assertThat(more.await().over()).isNotNull();
        admissions.release("1");
        admissions.release("2");
        assertThat(left(1_500_000)).isEqualTo(1_500_000);
    }

    @Test
    void whoHasNoBudgetIsNotAsked() {
        accounts.keys.put("hash", AdmissionsTest.annasKey(Limits.UNLIMITED));
        assertThat(more(admitted("1", 50), 5).await()).isEqualTo(Held.YES);
        assertThat(more(AdmissionsTest.call("2", "chat", 1, null), 5).await())
                .as("one that was not admitted")
                .isEqualTo(Held.YES);
    }
}
