package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.accounting.book.Balance;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.config.Allowance;
import dev.tollgate.config.BudgetSettings;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.Provider;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.BudgetQuestion;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Held;
import dev.tollgate.protocol.Hold;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Unhold;
import dev.tollgate.protocol.Usage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Prices as in {@link AdmissionsTest}: 2,500 and 10,000 nano-dollars a token. The prompt has some 80 bytes. */
@Timeout(20)
class PaymentsTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final Holder OPENAI = new Holder(Kind.PROVIDER, "openai");
    private static final Holder ONE = new Holder(Kind.DEPLOYMENT, "one");

    private final Counters counters = new Counters();
    private final List<Alert> alerts = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-21T12:00:00Z");
    private long tokens = -1;

    @AfterAll
    static void end() {
        VERTX.close();
    }

    /** "one" and "two" are OpenAI's; "one" has a budget of its own, and OpenAI has one a day. */
    static Snapshot config(@Nullable String provider, @Nullable String own) {
        Allowance allowance = own == null ? null : new Allowance(new BigDecimal(own), null);
        List<Deployment> deployments = List.of(deployment("one", allowance), deployment("two", null));
        RouterSettings d = RouterSettings.DEFAULT;
        RouterSettings router = new RouterSettings(
                d.strategy(),
                d.numRetries(),
                d.timeout(),
                d.streamTimeout(),
                d.retryAfter(),
                d.allowedFails(),
                d.cooldown(),
                d.disableCooldowns(),
                d.fallbacks(),
                d.defaultFallbacks(),
                d.contextWindowFallbacks(),
                d.contentPolicyFallbacks(),
                d.maxFallbacks(),
                d.latency(),
                d.tags(),
                d.retryPolicy(),
                d.groupRetryPolicies(),
                d.allowedFailsPolicy(),
                d.trying(),
                new RouterSettings.Choosing(
                        false,
                        false,
                        Set.of(),
                        Map.of(),
                        false,
                        Map.of(),
                        null,
                        false,
                        provider == null ? Map.of() : Map.of("openai", new Allowance(new BigDecimal(provider), "1d"))));
        return new Snapshot(
                1, "test", new ModelTable(deployments, Map.of(), Set.of()), router, GeneralSettings.DEFAULT, List.of());
    }

    private static Deployment deployment(String id, @Nullable Allowance budget) {
        return new Deployment(
                id,
                "chat",
                new Provider("openai", "openai", null, List.of(), List.of(), false, false, true, List.of()),
                "gpt-4o",
                "",
                null,
                null,
                null,
                Map.of(),
                Map.of(),
                new Deployment.Routing(
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        List.of(),
                        new Deployment.Fit(null, null, null, List.of(), budget)),
                Map.of(
                        "input_cost_per_token", new BigDecimal("0.0000025"),
                        "output_cost_per_token", new BigDecimal("0.00001"),
                        "output_cost_per_token_priority", new BigDecimal("0.00002")),
                Deployment.Info.NONE,
                null,
                null);
    }

    private Payments payments(Snapshot config) {
        counters.load(List.of());
        return new Payments(
                VERTX.getOrCreateContext(),
                counters,
                new Prices(PriceList.load()),
                config,
                () -> now,
                alerts::add,
                _ -> Future.succeededFuture(tokens));
    }

    private static Call call(String id, int maxTokens) {
        return AdmissionsTest.call(id, "chat", maxTokens, null);
    }

    private static Future<Held> hold(Payments payments, Call call, String deployment, boolean patient) {
        return payments.hold(
                new Hold(call, deployment, "gpt-4o", patient, List.of(), null),
                _ -> 0,
                read -> PromptBound.of(read.body()));
    }

    private static Held.@Nullable Over over(Payments payments, Call call, String deployment) {
        return hold(payments, call, deployment, false).await().over();
    }

    private static List<Charge> settle(Payments payments, Call call, long nanos) {
        return payments.settle(AdmissionsTest.settlement(call, Usage.of(1, 1)), nanos, _ -> 0)
                .last();
    }

    @Test
    void aProviderOverItsBudgetIsRefusedInLiteLlmsWordsUntilItsPeriodEnds() {
        Payments payments = payments(config("0.001", null));
        Call first = call("1", 50);
        assertThat(over(payments, first, "one")).isNull();
        assertThat(settle(payments, first, 1_000_000))
                .containsExactly(
                        new Charge(OPENAI, Instant.parse("2026-11-21T00:00:00Z").toEpochMilli()));
        Held.Over over = over(payments, call("2", 50), "two");
        assertThat(over.message()).isEqualTo("Exceeded budget for provider openai: 0.001 >= 0.001");
        long midnight = Instant.parse("2026-11-22T00:00:00Z").toEpochMilli();
        assertThat(over.untilMillis()).isEqualTo(midnight);
        assertThat(payments.over(new BudgetQuestion(List.of("one", "two", "three")))
                        .over())
                .containsOnlyKeys("one", "two");
        assertThat(alerts).extracting(Alert::event).containsExactly("budget_crossed");
        now = Instant.ofEpochMilli(midnight);
        assertThat(over(payments, call("3", 50), "two")).isNull();
        assertThat(payments.over(new BudgetQuestion(List.of("one"))).over()).isEmpty();
    }

    @Test
    void whatCallsUnderWayMayCostIsSetAsideAndComesBack() {
        Payments payments = payments(config("0.002", "0.0015"));
        Call first = call("1", 100);
        assertThat(over(payments, first, "one")).isNull();
        assertThat(over(payments, call("2", 100), "two").message())
                .startsWith("Too little is left of the budget of provider openai");
        assertThat(alerts).as("what is set aside may come back").isEmpty();
        payments.unhold(new Unhold("1", "one"));
        assertThat(over(payments, call("2", 100), "two")).isNull();
        payments.release("2");
        assertThat(over(payments, call("3", 180), "one").message())
                .as("its own budget is smaller than its provider's")
                .contains("of the budget of deployment chat/one");
        assertThat(over(payments, call("4", 150), "two"))
                .as("nothing stays set aside")
                .isNull();
        payments.release("4");
        assertThat(payments.underway()).isZero();
    }

    @Test
    void whoHasNowhereElseToGoWaitsAndIsCountedClosely() {
        tokens = 20;
        Payments payments = payments(config("0.0016", null));
        Call first = call("1", 100);
        assertThat(over(payments, first, "one")).isNull();
        Future<Held> second = hold(payments, call("2", 150), "two", true);
        assertThat(second.isComplete()).isFalse();
        settle(payments, first, 10_000);
        assertThat(second.await())
                .as("80 bytes would be too much, 20 tokens are not")
                .isEqualTo(Held.YES);
        Future<Held> third = hold(payments, call("3", 150), "two", true);
        payments.unhold(new Unhold("3", "two"));
        assertThat(third.await().over()).isNotNull();
        Future<Held> again = hold(payments, call("2", 150), "two", true);
        assertThat(again.await().over()).as("it does not wait for itself").isNotNull();
        payments.release("2");
        assertThat(payments.underway()).isZero();
    }

    @Test
    void theLastOneGetsWhatIsLeft() {
        tokens = 20;
        Payments payments = payments(config("0.001", null));
        Held held = hold(payments, call("1", 200), "one", true).await();
        assertThat(held.over()).isNull();
        assertThat(held.cap()).isEqualTo(new Admission.Cap(95, "max_completion_tokens"));
        assertThat(left()).isEqualTo(0);
        settle(payments, call("1", 200), 980_000);
        assertThat(hold(payments, call("2", 200), "one", true).await().over().message())
                .as("not even a word")
                .startsWith("Too little is left of the budget of provider openai");
        assertThat(alerts)
                .extracting(Alert::message)
                .containsExactly("Provider=openai has too little left of its budget for a call: 0.00098 of 0.001 USD");
        assertThat(hold(payments, call("3", 200), "two", false).await().cap())
                .as("who can go elsewhere does")
                .isNull();
    }

    private long left() {
        return counters.purse(OPENAI).left(Payees.limits(new BigDecimal("0.001"), "1d"), now, ZoneOffset.UTC);
    }

    @Test
    void ofAnAttemptThatHasToBePaidOnlyThatStaysSetAside() {
        tokens = 20;
        Payments payments = payments(config("0.001", null));
        Call call = call("1", 70);
        assertThat(over(payments, call, "one")).isNull();
        Leg leg = new Leg("one", "gpt-4o", null, Usage.estimated(80), false);
        Hold again = new Hold(call, "two", "gpt-4o", false, List.of(leg), null);
        assertThat(payments.hold(again, _ -> 50_000, read -> PromptBound.of(read.body()))
                        .await())
                .isEqualTo(Held.YES);
        payments.unhold(new Unhold("1", "two"));
        assertThat(left()).isEqualTo(950_000);
        payments.release("1");
        assertThat(left()).isEqualTo(1_000_000);
    }

    /** 80 bytes and 50 tokens cost $0.0007 at most, and in the dear tier $0.0012. */
    @Test
    void whoAnsweredInADearTierUnaskedHasThatSetAside() {
        Payments payments = payments(config("0.001", null));
        Usage dear = Usage.of(1, 1).in(ServiceTier.PRIORITY);
        assertThat(over(payments, call("1", 50), "one")).isNull();
        payments.settle(AdmissionsTest.settlement(call("1", 50), dear), 1, _ -> 0);
        assertThat(over(payments, call("2", 50), "one").message())
                .startsWith("Too little is left of the budget of provider openai");
        assertThat(over(payments, call("3", 50), "two"))
                .as("another deployment")
                .isNull();
    }

    @Test
    void whatWasSpentIsUnknownAsLongAsTheStoreIsAway() {
        Payments payments = new Payments(
                VERTX.getOrCreateContext(),
                new Counters(),
                new Prices(PriceList.load()),
                config("0.001", null),
                () -> now,
                alerts::add,
                _ -> Future.succeededFuture(tokens),
                Duration.ofMillis(1));
        assertThat(over(payments, call("1", 1), "one").unknown()).isTrue();
    }

    @Test
    void eachPartOfACallCountsForWhoIsPaidForIt() {
        Payments payments = payments(config(null, "1"));
        Call call = call("1", 10);
        assertThat(over(payments, call, "one")).isNull();
        Settlement whole = AdmissionsTest.settlement(call, Usage.of(1, 1));
        Settlement settlement = new Settlement(
                whole.callId(),
                whole.surface(),
                whole.caller(),
                null,
                List.of(),
                "chat",
                null,
                whole.route(),
                whole.usage(),
                true,
                0,
                1,
                1,
                200,
                null,
                List.of(new Leg("two", "gpt-4o", null, Usage.of(2, 2), true)));
        assertThat(payments.settle(settlement, 1_000, _ -> 400))
                .isEqualTo(new Charged(List.of(List.of()), List.of(new Charge(ONE, 0))));
        assertThat(payments.settle(AdmissionsTest.settlement(call("2", 1), Usage.of(1, 1)), 50, _ -> 0)
                        .last())
                .as("a call that was never asked about, such as the slower of two")
                .containsExactly(new Charge(ONE, 0));
        assertThat(counters.purse(ONE).spentAt(now)).isEqualTo(650);
    }

    @Test
    void withoutBudgetsNothingIsKept() {
        Payments payments = payments(config(null, null));
        assertThat(over(payments, call("1", 10), "one")).isNull();
        assertThat(payments.underway()).isZero();
        assertThat(settle(payments, call("1", 10), 5)).isEmpty();
    }

    @Test
    void nothingIsReportedBeforeItIsKnownWhatWasSpent() {
        PayeeReport report = new PayeeReport(counters, new SimpleMeterRegistry(), () -> now);
        report.configured(config("1", "2"));
        Future<JsonObject> early = report.json(Duration.ofMinutes(1));
        assertThat(early.isComplete()).isFalse();
        assertThatThrownBy(() -> report.json(Duration.ofMillis(1)).await()).hasMessageContaining("not known yet");
        counters.load(List.of());
        assertThat(early.await()
                        .getJsonObject("providers")
                        .getJsonObject("openai")
                        .getInteger("spend"))
                .isZero();
    }

    /** {@code max_budget} and {@code budget_duration}. */
    private static Snapshot ofGateway(String most, String duration) {
        GeneralSettings usual = GeneralSettings.DEFAULT;
        BudgetSettings budgets = new BudgetSettings(
                new BigDecimal(most),
                duration,
                422,
                ZoneOffset.UTC,
                BudgetSettings.DEFAULT.unpriced(),
                BudgetSettings.DEFAULT.alerts());
        Snapshot plain = config(null, null);
        return new Snapshot(
                1,
                "test",
                plain.models(),
                plain.router(),
                new GeneralSettings(
                        null,
                        null,
                        usual.maxRequestBytes(),
                        true,
                        false,
                        false,
                        null,
                        usual.health(),
                        usual.connectTimeout(),
                        budgets,
                        usual.making(),
                        usual.drain(),
                        null),
                List.of());
    }

    @Test
    void theGatewaysBudgetIsReportedWhereItHasOne() {
        counters.load(List.of(new Balance(
                new Charge(Holder.ALL, Instant.parse("2026-11-21T00:00:00Z").toEpochMilli()), 97_500_000_000L)));
        PayeeReport report = new PayeeReport(counters, new SimpleMeterRegistry(), () -> now);
        report.configured(ofGateway("100", "1d"));
        assertThat(report.json(Duration.ZERO).result().encode())
                .isEqualTo("{\"gateway\":{\"budget_limit\":100.0,\"time_period\":\"1d\",\"spend\":97.5,"
                        + "\"budget_reset_at\":\"2026-11-22T00:00:00Z\"},\"providers\":{},\"deployments\":{}}");
        report.configured(config(null, null));
        assertThat(report.json(Duration.ZERO).result().encode()).isEqualTo("{\"providers\":{},\"deployments\":{}}");
    }

    @Test
    void whatIsLeftIsReportedAndMeasured() {
        counters.load(List.of(new Balance(
                new Charge(OPENAI, Instant.parse("2026-11-21T00:00:00Z").toEpochMilli()), 250_000_000)));
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        PayeeReport report = new PayeeReport(counters, metrics, () -> now);
        report.configured(config("1", "20"));
        assertThat(report.json(Duration.ZERO).result())
                .isEqualTo(new JsonObject("{\"providers\": {\"openai\": {\"budget_limit\": 1, \"time_period\": \"1d\","
                        + " \"spend\": 0.25, \"budget_reset_at\": \"2026-11-22T00:00:00Z\"}}, \"deployments\": {\"one\":"
                        + " {\"budget_limit\": 20, \"time_period\": null, \"spend\": 0, \"budget_reset_at\": null}}}"));
        assertThat(report.json(Duration.ZERO).result().encode())
                .contains("\"budget_limit\":1.0", "\"budget_limit\":20.0", "\"spend\":0.0");
        assertThat(metrics.get("litellm_provider_remaining_budget_metric")
                        .tag("api_provider", "openai")
                        .gauge()
                        .value())
                .isEqualTo(0.75);
        report.configured(config(null, null));
        assertThat(metrics.find("litellm_provider_remaining_budget_metric").gauges())
                .isEmpty();
    }
}
