package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of {@code chat} that fall back to {@code other}, for which their key has limits. Prices as in {@link AdmissionsTest}. */
@Timeout(20)
class DetoursTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final Holder KEY = new Holder(Kind.KEY, "hash");
    private static final Holder CHAT = Holder.model("hash", "chat");
    private static final Holder OTHER = Holder.model("hash", "other");
    private static final long MUCH = 1_000_000_000;

    private final Gate accounts = new Gate();
    private final Counters counters = new Counters();
    private final Instant now = Instant.parse("2026-11-21T12:00:00Z");
    private final Admissions admissions = new Admissions(
            VERTX.getOrCreateContext(),
            accounts,
            counters,
            new Prices(PriceList.load()),
            AdmissionsTest.CONFIG,
            () -> now,
            _ -> {},
            _ -> Future.succeededFuture(47L));

    {
        counters.load(List.of());
    }

    @AfterAll
    static void end() {
        VERTX.close();
    }

    private void key(Map<String, Limits> models) {
        accounts.keys.put("hash", AdmissionsTest.annasKey(new Limits(-1, -1, null, -1, -1, -1, models)));
    }

    private Call admitted(String id, @Nullable String endUser) {
        Call call = AdmissionsTest.call(id, "chat", 10, endUser);
        assertThat(admissions.admit(call).await()).isInstanceOf(Admission.Granted.class);
        return call;
    }

    private Held fallsBack(Call call) {
        return fallsBack(call, Held.YES);
    }

    private Held fallsBack(Call call, Held payees) {
        return admissions
                .more(
                        new Hold(call, "two", "gpt-4o", true, List.of(), "other"),
                        _ -> 0,
                        () -> Future.succeededFuture(payees))
                .await();
    }

    /** Answered by the other model, after these parts that have to be paid, too. */
    private Charged settled(Call call, long nanos, long earlierNanos, Leg... earlier) {
        Settlement plain = AdmissionsTest.settlement(call, Usage.of(10, 10));
        return admissions.settle(
                new Settlement(
                        plain.callId(),
                        plain.surface(),
                        plain.caller(),
                        plain.endUser(),
                        plain.tags(),
                        plain.requestedModel(),
                        null,
                        new Answer.Route("other", "two", "openai", "gpt-4o", "", 0, 0, 1, 0, 0, List.of(), true),
                        plain.usage(),
                        false,
                        0,
                        1,
                        -1,
                        200,
                        null,
                        List.of(earlier)),
                nanos,
                _ -> earlierNanos);
    }

    private static Future<Held> paid() {
        return Future.succeededFuture(Held.YES);
    }

    private long spent(Holder holder) {
        return counters.purse(holder).spentAt(now);
    }

    @Test
    void aSpentBudgetForTheModelTheyFallBackToHoldsForThem() {
        key(Map.of("other", AdmissionsTest.budget(1_000_000)));
        Call first = admitted("1", null);
        assertThat(fallsBack(first).over()).isNull();
        settled(first, 1_000_000, 0);
        Held held = fallsBack(admitted("2", null));
        assertThat(held.over()).isNotNull();
        assertThat(held.over().message()).contains("Budget has been exceeded").contains("other");
        assertThat(admissions.admit(AdmissionsTest.call("3", "chat", 10, null)).await())
                .as("the model it asks for has no limit")
                .isInstanceOf(Admission.Granted.class);
    }

    @Test
    void whatIsLeftOfThatBudgetBoundsTheAnswer() {
        key(Map.of("other", AdmissionsTest.budget(150_000)));
        Call call = admitted("1", null);
        Held held = fallsBack(call);
        assertThat(held.over()).isNull();
        assertThat(held.cap()).isNotNull();
        assertThat(held.cap().maxTokens()).isEqualTo(3);
        admissions.release("1");
        assertThat(counters.purse(OTHER).left(AdmissionsTest.budget(150_000), now, ZoneOffset.UTC))
                .isEqualTo(150_000);
    }

    @Test
    void eachModelIsChargedForItsOwnPart() {
        key(Map.of("chat", AdmissionsTest.budget(MUCH), "other", AdmissionsTest.budget(MUCH)));
        Call call = admitted("1", null);
        assertThat(fallsBack(call)).isEqualTo(Held.YES);
        assertThat(fallsBack(call)).as("another attempt there").isEqualTo(Held.YES);
        Charged charges = settled(call, 500, 200, new Leg("one", "gpt-4o", null, Usage.of(1, 0), true));
        assertThat(charges.earlier()).hasSize(1);
        assertThat(charges.earlier().getFirst())
                .contains(new Charge(KEY, 0), new Charge(CHAT, 0))
                .doesNotContain(new Charge(OTHER, 0));
        assertThat(charges.last())
                .contains(new Charge(KEY, 0), new Charge(OTHER, 0))
                .doesNotContain(new Charge(CHAT, 0));
        assertThat(List.of(spent(KEY), spent(CHAT), spent(OTHER))).containsExactly(500L, 200L, 300L);
    }

    @Test
    void whatIsOwedForTheFirstModelNeedNotBeLeftForTheOther() {
        key(Map.of("chat", AdmissionsTest.budget(300_000), "other", AdmissionsTest.budget(300_000)));
        Call call = admitted("1", null);
        Leg owed = new Leg("one", "gpt-4o", null, Usage.of(1, 0), true);
        Held held = admissions
                .more(new Hold(call, "two", "gpt-4o", true, List.of(owed), "other"), _ -> 200_000, DetoursTest::paid)
                .await();
        assertThat(held).as("217,500 at most for the other, which has 300,000").isEqualTo(Held.YES);
        settled(call, 210_000, 200_000, owed);
        assertThat(List.of(spent(CHAT), spent(OTHER))).containsExactly(200_000L, 10_000L);
    }

    @Test
    void whereAnotherMayBeAskedTooLittleIsPassedOverAndCountsForNothing() {
        key(Map.of("other", new Limits(150_000, -1, null, 1, -1, -1, Map.of())));
        Call call = admitted("1", null);
        assertThat(admissions
                        .more(new Hold(call, "two", "gpt-4o", false, List.of(), "other"), _ -> 0, DetoursTest::paid)
                        .await()
                        .over())
                .isNotNull();
        Held held = fallsBack(admitted("2", null));
        assertThat(held.over()).as("the first was no request of that model").isNull();
    }

    @Test
    void whereItsProviderMayNotBePaidItCountsForNothing() {
        key(Map.of("other", AdmissionsTest.rates(1, -1, -1)));
        Held refused = Held.over(new Held.Over("spent", 0));
        assertThat(fallsBack(admitted("1", null), refused)).isEqualTo(refused);
        assertThat(fallsBack(admitted("2", null)).over())
                .as("the first was no request of that model")
                .isNull();
    }

    @Test
    void whereItsProviderMayNotBePaidNothingStaysSetAside() {
        key(Map.of("other", AdmissionsTest.budget(MUCH)));
        Call call = admitted("1", null);
        fallsBack(call, Held.over(new Held.Over("spent", 0)));
        settled(call, 500, 0);
        assertThat(counters.purse(OTHER).left(AdmissionsTest.budget(MUCH), now, ZoneOffset.UTC))
                .isEqualTo(MUCH);
    }

    @Test
    void anAttemptThatWasMadeCountsThoughALaterOneIsNot() {
        key(Map.of("other", AdmissionsTest.rates(1, -1, -1)));
        Call first = admitted("1", null);
        assertThat(fallsBack(first)).isEqualTo(Held.YES);
        assertThat(fallsBack(first, Held.over(new Held.Over("spent", 0))).over())
                .isNotNull();
        assertThat(fallsBack(admitted("2", null)).over()).isNotNull();
    }

    @Test
    void anotherAttemptKeepsItCountedWhileItIsDecided() {
        key(Map.of("other", AdmissionsTest.rates(1, -1, -1)));
        Call first = admitted("1", null);
        Promise<Held> undecided = Promise.promise();
        Future<Held> second = admissions.more(
                new Hold(first, "three", "gpt-4o", true, List.of(), "other"), _ -> 0, undecided::future);
        fallsBack(first, Held.over(new Held.Over("spent", 0)));
        assertThat(fallsBack(admitted("2", null)).over()).isNotNull();
        undecided.complete(Held.over(new Held.Over("spent", 0)));
        assertThat(second.await().over()).isNotNull();
        assertThat(fallsBack(admitted("3", null)).over()).isNull();
    }

    @Test
    void whatIsDecidedAfterItsEndTakesNothingBackTwice() {
        key(Map.of("other", AdmissionsTest.rates(2, -1, -1)));
        Promise<Held> undecided = Promise.promise();
        admissions.more(
                new Hold(admitted("1", null), "two", "gpt-4o", true, List.of(), "other"), _ -> 0, undecided::future);
        admissions.release("1");
        undecided.complete(Held.over(new Held.Over("spent", 0)));
        assertThat(fallsBack(admitted("2", null)).over()).isNull();
        assertThat(fallsBack(admitted("3", null)).over())
                .as("a call that was released counts as the request it was")
                .isNotNull();
    }

    @Test
    void aLimitOnRequestsForThatModelHoldsForThem() {
        key(Map.of("other", AdmissionsTest.rates(1, -1, -1)));
        Call first = admitted("1", null);
        assertThat(fallsBack(first)).isEqualTo(Held.YES);
        assertThat(fallsBack(first)).as("one call counts once").isEqualTo(Held.YES);
        Held held = fallsBack(admitted("2", null));
        assertThat(held.over()).isNotNull();
        assertThat(held.over().message()).contains("Limit type: requests");
        assertThat(held.over().untilMillis()).isGreaterThan(now.toEpochMilli());
    }

    @Test
    void anEndUserWhoMayNotUseThatModelDoesNotGetItByAFallback() {
        key(Map.of());
        accounts.customers.put(
                "bob", new Account.Customer("bob", null, List.of("chat"), null, null, false, Limits.UNLIMITED));
        Held held = fallsBack(admitted("1", "bob"));
        assertThat(held.over()).isNotNull();
        assertThat(held.over().message()).contains("other");
    }
}
