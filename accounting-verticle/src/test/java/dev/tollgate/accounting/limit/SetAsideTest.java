package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.book.Period;
import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Prices as in {@link AdmissionsTest}: 2,500 and 10,000 nano-dollars a token; the prompt has 87 bytes. */
@Timeout(20)
class SetAsideTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final long DAY = Instant.parse("2026-11-21T00:00:00Z").toEpochMilli();
    private static final Holder KEY = new Holder(Kind.KEY, "hash");
    private static final Holder OPENAI = new Holder(Kind.PROVIDER, "openai");
    private static final Holder ONE = new Holder(Kind.DEPLOYMENT, "one");

    private static final Call CALL = AdmissionsTest.call("1", "chat", 10, null);

    private final Gate accounts = new Gate();
    private final Counters counters = new Counters();
    private final Admissions admissions = admissions(AdmissionsTest.CONFIG);

    {
        counters.load(List.of());
    }

    @AfterAll
    static void end() {
        VERTX.close();
    }

    private Admissions admissions(Snapshot config) {
        return new Admissions(
                VERTX.getOrCreateContext(),
                accounts,
                counters,
                new Prices(PriceList.load()),
                config,
                () -> NOW,
                _ -> {},
                _ -> Future.succeededFuture(-1L));
    }

    private Payments payments(@Nullable String provider, @Nullable String own) {
        return new Payments(
                VERTX.getOrCreateContext(),
                counters,
                new Prices(PriceList.load()),
                PaymentsTest.config(provider, own),
                () -> NOW,
                _ -> {},
                _ -> Future.succeededFuture(-1L));
    }

    private Call admitted(@Nullable String endUser) {
        Call call = AdmissionsTest.call("1", "chat", 10, endUser);
        admissions.admit(call).await();
        return call;
    }

    private void key(Limits limits) {
        accounts.keys.put("hash", AdmissionsTest.annasKey(limits));
    }

    @Test
    void whatIsSetAsideIsTheMostThatTheCallCanCostAndCountsForAllThatItsRealCostWould() {
        key(new Limits(1_000_000_000, -1, new Period(1, Period.Unit.DAYS), -1, -1, -1, Map.of()));
        Call call = admitted("eva");
        SetAside aside = admissions.setAside(CALL, "one", payments(null, null));
        assertThat(aside.nanos()).isEqualTo(call.body().length() * 2_500L + 10 * 10_000);
        assertThat(aside.charges()).contains(new Charge(KEY, DAY));
        Charged charged = admissions.settle(AdmissionsTest.settlement(call, Usage.of(1, 1)), 12_500, _ -> 0);
        assertThat(aside.charges()).hasSizeGreaterThan(1).isEqualTo(charged.last());
        assertThat(admissions.setAside(CALL, "one", payments(null, null)).nanos())
                .as("the call is over")
                .isZero();
    }

    @Test
    void withoutABudgetNothingIsSetAside() {
        key(AdmissionsTest.rates(5, -1, -1));
        admitted(null);
        assertThat(admissions.setAside(CALL, "one", payments(null, null))).isEqualTo(new SetAside(0, List.of()));
        assertThat(admissions.setAside(AdmissionsTest.call("unknown", "chat", 10, null), "one", payments(null, null)))
                .isEqualTo(new SetAside(0, List.of()));
    }

    @Test
    void whoIsPaidCountsWhatWasSetAsideThereForAllAttempts() {
        key(AdmissionsTest.budget(1_000_000_000));
        Call call = admitted(null);
        Payments payments = payments("1", "0.5");
        long most = call.body().length() * 2_500L + 10 * 10_000;
        held(payments, call, "one", List.of());
        SetAside first = admissions.setAside(CALL, "one", payments);
        assertThat(first.nanos()).isEqualTo(most);
        assertThat(first.charges())
                .containsExactlyInAnyOrder(
                        new Charge(KEY, 0), new Charge(Holder.ALL, 0), new Charge(ONE, 0), new Charge(OPENAI, DAY));
        held(payments, call, "two", List.of());
        SetAside both = admissions.setAside(CALL, "two", payments);
        assertThat(both.nanos()).as("a second one beside the first").isEqualTo(2 * most);
        assertThat(both.charges())
                .containsExactlyInAnyOrder(
                        new Charge(KEY, 0, most),
                        new Charge(Holder.ALL, 0),
                        new Charge(ONE, 0, most),
                        new Charge(OPENAI, DAY));
    }

    @Test
    void whereOnlyThePaidHaveABudgetOthersCountItAll() {
        Payments payments = payments("1", null);
        held(payments, CALL, "one", List.of());
        SetAside aside = admissions.setAside(CALL, "one", payments);
        assertThat(aside.nanos()).isPositive();
        assertThat(aside.charges()).contains(new Charge(Holder.ALL, 0), new Charge(OPENAI, DAY));
    }

    @Test
    void whoSetNothingAsideForTheFirstAttemptCountsTheSecondOnce() {
        Payments payments = payments("1", null);
        Leg free = new Leg("one", "gpt-4o", null, Usage.of(1, 0), true);
        held(payments, CALL, "one", List.of());
        held(payments, CALL, "two", List.of(free));
        assertThat(admissions.setAside(CALL, "two", payments).charges())
                .filteredOn(charge -> charge.holder().equals(OPENAI))
                .containsExactly(new Charge(OPENAI, DAY));
    }

    @Test
    void whatIsOwedForAnAttemptThatFailedIsInIt() {
        key(AdmissionsTest.budget(1_000_000_000));
        Call call = admitted(null);
        Leg owed = new Leg("one", "gpt-4o", null, Usage.of(1, 0), true);
        Payments none = payments(null, null);
        long most = admissions.setAside(CALL, "one", none).nanos();
        admissions
                .more(
                        new Hold(call, "two", "gpt-4o", true, List.of(owed), null),
                        _ -> 200_000,
                        () -> Future.succeededFuture(Held.YES))
                .await();
        assertThat(admissions.setAside(CALL, "two", none))
                .isEqualTo(new SetAside(most + 200_000, List.of(new Charge(KEY, 0), new Charge(Holder.ALL, 0))));
    }

    private static void held(Payments payments, Call call, String deployment, List<Leg> owed) {
        Held held = payments.hold(
                        new Hold(call, deployment, "gpt-4o", true, owed, null),
                        _ -> 0,
                        read -> PromptBound.of(read.body()))
                .await();
        assertThat(held).isEqualTo(Held.YES);
    }
}
