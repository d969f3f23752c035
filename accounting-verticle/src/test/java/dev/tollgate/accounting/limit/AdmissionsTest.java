package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.book.Period;
import dev.tollgate.accounting.price.DearDeployments;
import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.Provider;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.ModelAccess;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import dev.tollgate.protocol.UserRole;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.math.BigDecimal;
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

class AdmissionsTest {
    /** Of gpt-4o in this test's configuration, in nano-dollars a token. */
    private static final long INPUT = 2_500;

    private static final long OUTPUT = 10_000;
    private static final String MESSAGE =
            "{\"model\":\"chat\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello, who are you?\"}]}";
    private static final Vertx VERTX = Vertx.vertx();
    private static final PriceList PRICES = PriceList.load();
    static final Snapshot CONFIG = snapshot();

    private final Gate accounts = new Gate();
    private final Counters counters = new Counters();
    private final List<Alert> alerts = new ArrayList<>();
    private final DearDeployments dear = new DearDeployments();
    private long tokens = -1;
    private Instant now = Instant.parse("2026-11-21T12:00:00Z");
    private final Admissions admissions = ofALane();

    {
        counters.load(List.of());
    }

    private Admissions ofALane() {
        return new Admissions(
                VERTX.getOrCreateContext(),
                accounts,
                counters,
                new Prices(PRICES, dear),
                CONFIG,
                () -> now,
                alerts::add,
                _ -> Future.succeededFuture(tokens));
    }

    @AfterAll
    static void end() {
        VERTX.close();
    }

    private static Snapshot snapshot() {
        Deployment deployment = new Deployment(
                "one",
                "chat",
                new Provider("openai", "openai", null, List.of(), List.of(), false, false, true, List.of()),
                "gpt-4o",
                "",
                null,
                null,
                null,
                Map.of(),
                Map.of(),
                Deployment.Routing.NONE,
                Map.of(
                        "input_cost_per_token", new BigDecimal("0.0000025"),
                        "output_cost_per_token", new BigDecimal("0.00001"),
                        "output_cost_per_token_flex", new BigDecimal("0.000005"),
                        "output_cost_per_token_priority", new BigDecimal("0.00002")),
                Deployment.Info.NONE,
                null,
                null);
        BigDecimal cent = new BigDecimal("0.01");
        Deployment free = ownMachines("free", Map.of("input_cost_per_token", BigDecimal.ZERO));
        Deployment fixed = ownMachines("fixed", Map.of("input_cost_per_request", cent));
        Deployment unpriced = ownMachines("unpriced", Map.of());
        return new Snapshot(
                1,
                "test",
                new ModelTable(
                        List.of(deployment, deployment.copyFor("other", "two"), free, fixed, unpriced),
                        Map.of(),
                        Set.of()),
                RouterSettings.DEFAULT,
                GeneralSettings.DEFAULT,
                List.of());
    }

    private static Deployment ownMachines(String group, Map<String, BigDecimal> prices) {
        return new Deployment(
                group,
                group,
                new Provider("openai", "openai", null, List.of(), List.of(), false, false, true, List.of()),
                "in-house",
                "",
                null,
                null,
                null,
                Map.of(),
                Map.of(),
                Deployment.Routing.NONE,
                prices,
                Deployment.Info.NONE,
                null,
                null);
    }

    static Limits budget(long nanos) {
        return new Limits(nanos, -1, null, -1, -1, -1, Map.of());
    }

    static Limits rates(long rpm, long tpm, long parallel) {
        return new Limits(-1, -1, null, rpm, tpm, parallel, Map.of());
    }

    private void key(Limits limits) {
        accounts.keys.put("hash", annasKey(limits));
    }

    static Account.Key annasKey(Limits limits) {
        return new Account.Key(
                "hash",
                "hash",
                "annas key",
                null,
                null,
                null,
                List.of(),
                Map.of("mine", "other"),
                List.of(),
                List.of(),
                0,
                false,
                limits);
    }

    static Call call(String id, String model, int maxTokens, @Nullable String user) {
        return new Call(
                id,
                Surface.CHAT,
                Caller.ofKey("hash", List.of("chat", "other", "free", "fixed", "unpriced")),
                new Envelope(
                        model,
                        null,
                        1,
                        true,
                        false,
                        false,
                        null,
                        maxTokens,
                        user,
                        List.of(),
                        List.of(),
                        List.of(),
                        Envelope.Overrides.NONE),
                Map.of(),
                Buffer.buffer(MESSAGE),
                0);
    }

    static Settlement settlement(Call call, Usage usage) {
        return new Settlement(
                call.id(),
                call.surface(),
                call.caller(),
                call.envelope().user(),
                call.envelope().tags(),
                call.envelope().model(),
                null,
                new Answer.Route("chat", "one", "openai", "gpt-4o", "", 0, 0, 0, 0, 0, List.of(), true),
                usage,
                false,
                0,
                1,
                -1,
                200,
                null);
    }

    static long cost(Usage usage) {
        return usage.prompt() * INPUT + usage.completion() * OUTPUT;
    }

    private Admission admit(Call call) {
        Future<Admission> decided = admissions.admit(call);
        assertThat(decided.isComplete()).as("decided at once").isTrue();
        return decided.result();
    }

    private Admission.Refused refused(Call call) {
        return (Admission.Refused) admit(call);
    }

    @Test
    void aModelThatIsNotTheCallersIsRefusedInLiteLlmsWords() {
        key(Limits.UNLIMITED);
        Admission.Refused refused = refused(call("1", "secret", 0, null));
        assertThat(refused.failure().status()).isEqualTo(403);
        assertThat(refused.failure().shownType()).isEqualTo("key_model_access_denied");
    }

    @Test
    void aKeysOwnNameForAModelLeadsToIt() {
        key(Limits.UNLIMITED);
        assertThat(((Admission.Granted) admit(call("1", "mine", 0, null))).model())
                .isEqualTo("other");
    }

    @Test
    void requestsTokensAndParallelCallsAreCountedAndTold() {
        key(rates(2, -1, -1));
        Admission.Granted first = (Admission.Granted) admit(call("1", "chat", 5, null));
        assertThat(first.headers())
                .containsEntry("x-ratelimit-api_key-remaining-requests", "1")
                .containsEntry("x-ratelimit-api_key-limit-requests", "2");
        admit(call("2", "chat", 5, null));
        Admission.Refused third = refused(call("3", "chat", 5, null));
        assertThat(third.failure().kind()).isEqualTo(FailureKind.RATE_LIMIT);
        assertThat(third.failure().message())
                .startsWith(
                        "Rate limit exceeded for api_key: annas key. Limit type: requests. Current limit: 2, Remaining: 0.")
                .contains("Limit resets at: 2026-11-21 12:01:00 UTC");
        assertThat(third.headers()).containsEntry("rate_limit_type", "requests");
        assertThat(third.failure().retryAfter()).hasSeconds(61);
        now = now.plusSeconds(61);
        assertThat(admit(call("4", "chat", 5, null))).isInstanceOf(Admission.Granted.class);

        key(rates(-1, -1, 3));
        assertThat(refused(call("5", "chat", 5, null)).failure().message()).contains("max_parallel_requests");
        admissions.release("1");
        assertThat(admit(call("6", "chat", 5, null))).isInstanceOf(Admission.Granted.class);
    }

    @Test
    void tokensSetAsideAreGivenBackWhenFewerWereUsed() {
        key(rates(-1, 1_000, -1));
        Call first = call("1", "chat", 1_200, null);
        admit(first);
        assertThat(refused(call("2", "chat", 900, null)).failure().message()).contains("Limit type: tokens");
        admissions.settle(settlement(first, Usage.of(10, 20)), 0, _ -> 0);
        assertThat(admit(call("3", "chat", 900, null))).isInstanceOf(Admission.Granted.class);
    }

    @Test
    void aSpentBudgetIsRefusedWithWhatItWasAndWhatItCost() {
        key(budget(2_000_000));
        Call first = call("1", "chat", 10, null);
        admit(first);
        Charged charges = admissions.settle(settlement(first, Usage.of(100, 175)), cost(Usage.of(100, 175)), _ -> 0);
        assertThat(charges.last()).contains(new Charge(new Holder(Kind.KEY, "hash"), 0), new Charge(Holder.ALL, 0));
        assertThat(alerts).singleElement().satisfies(alert -> {
            assertThat(alert.event()).isEqualTo("budget_crossed");
            assertThat(alert.message()).isEqualTo("Key=annas key has spent its budget: 0.002 of 0.002 USD");
        });
        Admission.Refused refused = refused(call("2", "chat", 10, null));
        assertThat(refused.failure().status()).isEqualTo(422);
        assertThat(refused.failure().shownType()).isEqualTo("budget_exceeded");
        assertThat(refused.failure().message())
                .startsWith("Budget has been exceeded! Key=annas key Current cost: 0.002, Max budget: 0.002.");
    }

    /** What is left pays for the prompt and some words: LiteLLM would let the call spend as much as it likes. */
    @Test
    void theLastCallMayGenerateOnlyWhatIsPaidFor() {
        key(budget(1_000_000));
        Admission.Granted granted = (Admission.Granted) admit(call("1", "chat", 0, null));
        assertThat(granted.cap()).isNotNull();
        long left = 1_000_000 - MESSAGE.length() * INPUT;
        assertThat(granted.cap().maxTokens()).isEqualTo((int) (left / OUTPUT));
        assertThat(granted.cap().member()).isEqualTo("max_completion_tokens");
        assertThat(granted.headers()).containsKey("x-tollgate-max-tokens");
    }

    private long setAside() {
        Holder key = new Holder(Kind.KEY, "hash");
        return 1_000_000_000 - counters.purse(key).left(budget(1_000_000_000), now, ZoneOffset.UTC);
    }

    private long setAside(String id, @Nullable String tier) {
        long before = setAside();
        Call call = tiered(id, tier);
        assertThat(admit(call)).isInstanceOf(Admission.Granted.class);
        return setAside() - before - call.body().length() * INPUT;
    }

    private static Call tiered(String id, @Nullable String tier) {
        Call plain = call(id, "chat", 100, null);
        String body = tier == null ? MESSAGE : MESSAGE.replace("}]}", "}],\"service_tier\":\"" + tier + "\"}");
        Envelope seen = plain.envelope();
        Envelope envelope = new Envelope(
                seen.model(),
                null,
                1,
                true,
                false,
                false,
                null,
                100,
                null,
                List.of(),
                List.of(),
                tier == null ? List.of() : List.of("model", "messages", "service_tier"),
                Envelope.Overrides.NONE);
        return new Call(id, plain.surface(), plain.caller(), envelope, Map.of(), Buffer.buffer(body), 0);
    }

    /** OpenAI may answer in a cheaper tier than it was asked for; left to it, in whichever its project is set to. */
    @Test
    void whatIsSetAsideIsForTheDearestTierThatTheAnswerMayComeIn() {
        key(budget(1_000_000_000));
        assertThat(setAside("none", null)).isEqualTo(100 * OUTPUT);
        assertThat(setAside("flex", "flex")).as("may be charged as standard").isEqualTo(100 * OUTPUT);
        assertThat(setAside("default", "default")).isEqualTo(100 * OUTPUT);
        assertThat(setAside("priority", "priority")).isEqualTo(200 * OUTPUT);
        assertThat(setAside("auto", "auto")).isEqualTo(200 * OUTPUT);
        Usage dear = Usage.of(1, 1).in(ServiceTier.PRIORITY);
        admissions.settle(settlement(call("priority", "chat", 100, null), dear), 1, _ -> 0);
        assertThat(setAside("after who asked for it", null)).isEqualTo(100 * OUTPUT);
        admissions.settle(settlement(call("none", "chat", 100, null), dear), 1, _ -> 0);
        assertThat(setAside("after who did not", null)).isEqualTo(200 * OUTPUT);
        admissions.configured(CONFIG);
    }

    /** Lanes share it, and calls without a budget teach it, too. */
    @Test
    void whatOneLaneLearnsOfDearTiersAllLanesKnow() {
        Admissions other = ofALane();
        Usage priority = Usage.of(1, 1).in(ServiceTier.PRIORITY);
        key(Limits.UNLIMITED);
        Call asking = tiered("asking", "priority");
        other.admit(asking).await();
        other.settle(settlement(asking, priority), 1, _ -> 0);
        key(budget(1_000_000_000));
        assertThat(setAside("after who asked for it", null)).isEqualTo(100 * OUTPUT);
        key(Limits.UNLIMITED);
        Call silent = tiered("silent", null);
        other.admit(silent).await();
        other.settle(settlement(silent, priority), 1, _ -> 0);
        key(budget(1_000_000_000));
        assertThat(setAside("after who did not", null)).isEqualTo(200 * OUTPUT);
        dear.forget();
        assertThat(setAside("with another configuration", null)).isEqualTo(100 * OUTPUT);
    }

    /** A byte is the most that a token can be; near the end of a budget that is not close enough. */
    @Test
    void aPromptIsCountedBeforeTooLittleIsSaidToBeLeft() {
        long enoughForTheCount = 47 * INPUT + OUTPUT;
        assertThat(enoughForTheCount).isLessThan(MESSAGE.length() * INPUT);
        key(budget(enoughForTheCount));
        assertThat(refused(call("1", "chat", 1, null)).failure().message()).contains("does not pay for this prompt");
        tokens = 47;
        assertThat(admit(call("2", "chat", 1, null))).isInstanceOf(Admission.Granted.class);
    }

    /** The last call may cost only what is left, so that spend ends a little below the budget. */
    @Test
    void aBudgetThatRefusesCallsIsToldOnceThoughItIsNotQuiteSpent() {
        key(budget(1_000_000));
        Call last = call("1", "chat", 0, null);
        admit(last);
        admissions.settle(settlement(last, Usage.of(47, 80)), 999_300, _ -> 0);
        assertThat(alerts).isEmpty();
        for (int i = 0; i < 100; i++) {
            assertThat(refused(call("again " + i, "chat", 10, null)).failure().shownType())
                    .isEqualTo("budget_exceeded");
        }
        assertThat(alerts).singleElement().satisfies(alert -> {
            assertThat(alert.event()).isEqualTo("budget_crossed");
            assertThat(alert.subject()).isEqualTo(new Holder(Kind.KEY, "hash") + "@0");
            assertThat(alert.message())
                    .isEqualTo("Key=annas key has too little left of its budget for a call: 0.0009993 of 0.001 USD");
        });
        key(budget(2_000_000));
        Call more = call("2", "chat", 10, null);
        admit(more);
        admissions.settle(settlement(more, Usage.of(47, 80)), 1_000_600, _ -> 0);
        refused(call("3", "chat", 10, null));
        assertThat(alerts).as("a larger budget is another one").hasSize(2);
    }

    /** LiteLLM's rule: who has spent all may go on with what costs nothing. */
    @Test
    void aModelThatCostsNothingNeedsNoBudget() {
        key(budget(0));
        assertThat(admit(call("1", "free", 100, null))).isInstanceOf(Admission.Granted.class);
        key(budget(1_000_000));
        counters.purse(new Holder(Kind.KEY, "hash")).set(1_200_000, 0);
        Call free = call("2", "free", 100, null);
        assertThat(admit(free)).isInstanceOf(Admission.Granted.class);
        admissions.settle(settlement(free, Usage.of(10, 10)), 0, _ -> 0);
        for (String model : List.of("chat", "fixed", "unpriced")) {
            assertThat(refused(call(model, model, 1, null)).failure().shownType())
                    .as(model)
                    .isEqualTo("budget_exceeded");
        }
        Call elsewhere = fallingBack(call("3", "free", 100, null), "chat");
        assertThat(refused(elsewhere).failure().shownType())
                .as("what it may fall back to has a price")
                .isEqualTo("budget_exceeded");
    }

    private static Call fallingBack(Call call, String model) {
        Envelope seen = call.envelope();
        Envelope envelope = new Envelope(
                seen.model(),
                null,
                1,
                true,
                false,
                false,
                null,
                seen.maxTokens(),
                null,
                List.of(),
                List.of(),
                List.of(),
                new Envelope.Overrides(null, null, null, List.of(model), false));
        return new Call(call.id(), call.surface(), call.caller(), envelope, Map.of(), call.body(), 0);
    }

    /** What an earlier run spent was told by that one, perhaps; whether it was nobody knows. */
    @Test
    void aBudgetThatWasSpentBeforeTheStartIsToldWithTheFirstRefusal() {
        key(budget(1_000_000));
        counters.purse(new Holder(Kind.KEY, "hash")).set(1_000_000, 0);
        refused(call("1", "chat", 10, null));
        refused(call("2", "chat", 10, null));
        assertThat(alerts)
                .extracting(Alert::message)
                .containsExactly("Key=annas key has spent its budget: 0.001 of 0.001 USD");
        key(budget(0));
        refused(call("3", "chat", 10, null));
        assertThat(alerts).as("no budget at all is no news").hasSize(1);
    }

    @Test
    void whoFindsTooLittleLeftWaitsForCallsUnderWayInTurn() {
        key(budget(3_000_000));
        Call first = call("1", "chat", 250, null);
        assertThat(admit(first)).isEqualTo(told("0", "0.003"));
        Future<Admission> second = admissions.admit(call("2", "chat", 250, null));
        assertThat(second.isComplete()).isFalse();
        admissions.settle(settlement(first, Usage.of(10, 10)), cost(Usage.of(10, 10)), _ -> 0);
        assertThat(second.await()).isEqualTo(told("0.000125", "0.003"));
        Future<Admission> third = admissions.admit(call("3", "chat", 250, null));
        assertThat(third.isComplete()).isFalse();
        admissions.release("3");
        assertThat(third.await()).isInstanceOf(Admission.Refused.class);
        admissions.release("2");
        assertThat(counters.purse(new Holder(Kind.KEY, "hash")).left(budget(3_000_000), now, ZoneOffset.UTC))
                .isEqualTo(3_000_000 - cost(Usage.of(10, 10)));
    }

    /** Let in with nothing changed, and told so much of its key. */
    private static Admission told(String spent, String most) {
        return new Admission.Granted(
                null, null, Map.of("x-litellm-key-spend", spent, "x-litellm-key-max-budget", most));
    }

    @Test
    void aVirtualKeyIsToldWhatItSpentAndMayUse() {
        key(new Limits(3_000_000, -1, null, 60, 10_000, -1, Map.of()));
        Call first = call("1", "chat", 10, null);
        assertThat(admit(first).headers())
                .containsEntry("x-litellm-key-spend", "0")
                .containsEntry("x-litellm-key-max-budget", "0.003")
                .containsEntry("x-litellm-key-rpm-limit", "60")
                .containsEntry("x-litellm-key-tpm-limit", "10000");
        admissions.settle(settlement(first, Usage.of(10, 10)), cost(Usage.of(10, 10)), _ -> 0);
        assertThat(admissions.keySpentNanos(first.caller())).isEqualTo(125_000);
        key(budget(125_000));
        assertThat(refused(call("2", "chat", 10, null)).headers()).containsEntry("x-litellm-key-spend", "0.000125");
        assertThat(admissions.keySpentNanos(Caller.master("hash"))).isEqualTo(-1);
        assertThat(admit(teams(call("3", "chat", 10, null), null))).isEqualTo(Admission.Granted.PLAIN);
    }

    /** Enough for nobody in the key's budget, a line in the team's: whoever needs both must wait, not try for ever. */
    @Test
    @Timeout(20)
    void whoNeedsTwoBudgetsWaitsInTheLineOfTheOther() {
        key(budget(500_000));
        accounts.teams.put(
                "team",
                new Account.Team("team", null, null, List.of(), Map.of(), false, budget(3_000_000), Limits.UNLIMITED));
        Call first = teams(call("1", "chat", 250, null), null);
        assertThat(admit(first)).isEqualTo(Admission.Granted.PLAIN);
        Future<Admission> second = admissions.admit(teams(call("2", "chat", 250, null), null));
        Future<Admission> third = admissions.admit(teams(call("3", "chat", 100, null), "hash"));
        assertThat(second.isComplete()).isFalse();
        assertThat(third.isComplete()).isFalse();
        admissions.settle(settlement(first, Usage.of(10, 10)), cost(Usage.of(10, 10)), _ -> 0);
        assertThat(second.await()).isEqualTo(Admission.Granted.PLAIN);
        admissions.release("2");
        assertThat(((Admission.Granted) third.await()).cap()).isNotNull();
    }

    private static Call teams(Call call, @Nullable String key) {
        Caller caller = new Caller(
                key == null ? "nobody" : key, null, null, "team", null, UserRole.TEAM, ModelAccess.ALL, List.of());
        return new Call(call.id(), call.surface(), caller, call.envelope(), Map.of(), call.body(), 0);
    }

    /** A hedge, or a stream that goes on elsewhere, is paid as well. */
    @Test
    void aStreamThatMayGoOnElsewhereIsSetAsideForTwice() {
        Quote quote = new Quote(
                true,
                new Quote.Rates(2_500_000, 10_000_000),
                new Quote.Rates(2_500_000, 10_000_000),
                Long.MAX_VALUE,
                0,
                16_384,
                Quote.Extras.NONE,
                "max_tokens");
        assertThat(quote.nanos(100, 50, 1)).isEqualTo(100 * INPUT + 50 * OUTPUT);
        assertThat(quote.nanos(100, 50, 2)).isEqualTo(2 * (150 * INPUT + 50 * OUTPUT));
        assertThat(quote.outputFor(quote.nanos(100, 50, 1), 100, 1)).isEqualTo(50);
        assertThat(quote.outputFor(quote.nanos(100, 50, 2), 100, 2)).isEqualTo(50);
        assertThat(quote.outputFor(100 * INPUT - 1, 100, 1)).isNegative();
    }

    @Test
    void aBudgetOfOneModelLeavesTheOthersAlone() {
        key(new Limits(-1, -1, null, -1, -1, -1, Map.of("chat", budget(0))));
        assertThat(refused(call("1", "chat", 1, null)).failure().kind()).isEqualTo(FailureKind.BUDGET);
        assertThat(admit(call("2", "other", 1, null))).isInstanceOf(Admission.Granted.class);
    }

    @Test
    void anEndUsersLimitsHoldForEveryKey() {
        key(Limits.UNLIMITED);
        accounts.customers.put("bob", new Account.Customer("bob", null, List.of(), null, null, true, Limits.UNLIMITED));
        accounts.customers.put(
                "eve", new Account.Customer("eve", null, List.of("other"), null, null, false, budget(5)));
        assertThat(refused(call("1", "chat", 1, "bob")).failure().message()).contains("bob is blocked");
        assertThat(refused(call("2", "chat", 1, "eve")).failure().shownType())
                .isEqualTo("customer_model_access_denied");
        assertThat(refused(call("3", "other", 1, "eve")).failure().message()).contains("EndUser=eve");
        assertThat(admit(call("4", "chat", 1, "carol"))).isInstanceOf(Admission.Granted.class);
    }

    @Test
    void anEndUsersRegionIsToldWithTheGrant() {
        key(Limits.UNLIMITED);
        accounts.customers.put(
                "eve", new Account.Customer("eve", null, List.of(), null, "eu", false, Limits.UNLIMITED));
        assertThat(((Admission.Granted) admit(call("1", "chat", 1, "eve"))).region())
                .isEqualTo("eu");
        Admission named = admissions.named(call("2", "chat", 1, "eve")).await();
        assertThat(((Admission.Granted) named).region()).isEqualTo("eu");
        assertThat(((Admission.Granted) admit(call("3", "chat", 1, "carol"))).region())
                .isNull();
    }

    @Test
    void aRefusedCallTakesNothing() {
        key(rates(1, -1, -1));
        accounts.customers.put(
                "eve", new Account.Customer("eve", null, List.of(), null, null, false, rates(0, -1, -1)));
        refused(call("1", "chat", 1, "eve"));
        assertThat(admit(call("2", "chat", 1, null)))
                .as("the key's one request is still there")
                .isInstanceOf(Admission.Granted.class);
    }

    @Test
    void eachWindowOfAKeyHoldsForItself() {
        Period day = Period.parse("1d").orElseThrow();
        Period month = Period.parse("30d").orElseThrow();
        key(new Limits(
                -1,
                -1,
                null,
                -1,
                -1,
                -1,
                Map.of(),
                List.of(new Limits.Window(2_000_000, day), new Limits.Window(3_000_000, month))));
        Call first = call("1", "chat", 10, null);
        admit(first);
        Usage usage = Usage.of(100, 175);
        Charged charges = admissions.settle(settlement(first, usage), cost(usage), _ -> 0);
        Holder whole = new Holder(Kind.KEY, "hash");
        assertThat(charges.last())
                .contains(
                        new Charge(
                                Holder.part(whole, "window", "1d"),
                                day.start(now, ZoneOffset.UTC).toEpochMilli()),
                        new Charge(
                                Holder.part(whole, "window", "1mo"),
                                month.start(now, ZoneOffset.UTC).toEpochMilli()));
        assertThat(refused(call("2", "chat", 10, null)).failure().message()).contains("Max budget: 0.002");
        now = now.plusSeconds(86_400);
        Admission.Granted next = (Admission.Granted) admit(call("3", "chat", 10_000, null));
        assertThat(next.cap()).as("what the month has left").isNotNull();
    }

    @Test
    void teamsAndUsersHaveLimitsOfSingleModelsToo() {
        Limits chatOnce = new Limits(-1, -1, null, -1, -1, -1, Map.of("chat", rates(1, -1, -1)));
        accounts.teams.put(
                "team", new Account.Team("team", null, null, List.of(), Map.of(), false, chatOnce, Limits.UNLIMITED));
        assertThat(admit(teams(call("1", "chat", 10, null), null)).headers())
                .containsEntry("x-ratelimit-model_per_team-remaining-requests", "0");
        assertThat(refused(teams(call("2", "chat", 10, null), null)).failure().message())
                .contains("model_per_team: chat");
        assertThat(admit(teams(call("3", "other", 10, null), null))).isEqualTo(Admission.Granted.PLAIN);
        Limits spent = new Limits(-1, -1, null, -1, -1, -1, Map.of("chat", budget(0)));
        accounts.users.put("u", new Account.User("u", null, UserRole.INTERNAL_USER, List.of(), false, spent));
        Caller user = new Caller("nobody", null, "u", null, null, UserRole.INTERNAL_USER, ModelAccess.ALL, List.of());
        assertThat(refused(by(user, call("4", "chat", 1, null))).failure().message())
                .contains("User and model=chat");
        assertThat(admit(by(user, call("5", "other", 1, null)))).isInstanceOf(Admission.Granted.class);
    }

    @Test
    void aPlaceInAnOrganizationHasABudget() {
        accounts.places.put("org/u", new Account.OrganizationMember("org", "u", budget(0)));
        Caller in = new Caller("nobody", null, "u", null, "org", UserRole.INTERNAL_USER, ModelAccess.ALL, List.of());
        Caller other = new Caller("nobody", null, "v", null, "org", UserRole.INTERNAL_USER, ModelAccess.ALL, List.of());
        assertThat(refused(by(in, call("1", "chat", 1, null))).failure().message())
                .contains("OrganizationMember=u");
        assertThat(admit(by(other, call("2", "chat", 1, null)))).isInstanceOf(Admission.Granted.class);
    }

    private static Call by(Caller caller, Call call) {
        return new Call(call.id(), call.surface(), caller, call.envelope(), Map.of(), call.body(), 0);
    }
}
