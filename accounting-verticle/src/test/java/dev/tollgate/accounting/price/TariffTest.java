package dev.tollgate.accounting.price;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.Provider;
import dev.tollgate.protocol.FactsAnswer;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TariffTest {
    private static final PriceList LIST = PriceList.load();

    private static Deployment deployment(
            String provider, String model, Map<String, BigDecimal> prices, @Nullable String base) {
        return new Deployment(
                "id-" + provider + "/" + model,
                "group",
                new Provider(provider, "openai", null, List.of(), List.of(), false, false, true, List.of()),
                model,
                "http://127.0.0.1:1",
                null,
                null,
                null,
                Map.of(),
                Map.of(),
                Deployment.Routing.NONE,
                prices,
                new Deployment.Info(null, base, null, true, "{}"),
                null,
                null);
    }

    private static @Nullable Tariff of(String provider, String model) {
        return new Prices(LIST).of(deployment(provider, model, Map.of(), null), model, null);
    }

    private static BigDecimal usd(String price) {
        return new BigDecimal(price);
    }

    /** So that rows tell which prices they were charged by. */
    @Test
    void aTariffIsKnownByItsPricesAndNothingElse() {
        Tariff tariff = Tariff.of(Map.of("input_cost_per_token", usd("0.0000025"), "output_cost_per_token", usd("1")));
        Tariff written = Tariff.of(Map.of("output_cost_per_token", usd("1.00"), "input_cost_per_token", usd("25E-7")));
        Tariff dearer = Tariff.of(Map.of("input_cost_per_token", usd("0.0000026"), "output_cost_per_token", usd("1")));
        Tariff cached = Tariff.of(Map.of(
                "input_cost_per_token",
                usd("0.0000025"),
                "output_cost_per_token",
                usd("1"),
                "cache_read_input_token_cost",
                usd("0.000001")));
        assertThat(tariff).isNotNull();
        assertThat(written).isNotNull();
        assertThat(tariff.version()).matches("[0-9a-f]{10}").isEqualTo(written.version());
        assertThat(Stream.of(tariff, dearer, cached)
                        .map(Objects::requireNonNull)
                        .map(Tariff::version))
                .doesNotHaveDuplicates();
    }

    /** Each sum was worked out by hand from the model's row: tokens times nano-dollars. */
    @ParameterizedTest
    @CsvSource({
        // provider, model, prompt, read, write, hour, audio in, completion, reasoning, audio out, searches, nanos
        "openai,gpt-4o,1000,400,0,0,0,200,0,0,0,4000000", // 600*2500 + 400*1250 + 200*10000
        "openai,o3,100,0,0,0,0,1000,900,0,0,8200000", // 100*2000 + 1000*8000
        "openai,o3,100,0,0,0,0,1000,900,0,2,28200000", // and two searches at 0.01 USD
        "anthropic,claude-sonnet-4-5,10000,6000,3000,1000,0,500,0,0,0,25800000", // plain 1000, 5 min 2000, 1 h 1000
        "gemini,gemini-2.5-pro,200000,0,0,0,0,100,0,0,0,251000000", // not above 200k
        "gemini,gemini-2.5-pro,200001,0,0,0,0,100,0,0,0,501502500", // above: the whole call
        "gemini,gemini-2.5-pro,200001,100000,0,0,0,100,0,0,0,276502500",
        "gemini,gemini-2.5-flash,100,0,0,0,40,10,6,0,0,83000", // 60*300 + 40*1000 + 10*2500
        "vertex_ai,claude-sonnet-4-5,300000,50000,200000,50000,0,1000,0,0,0,2077500000", // 1 h write above 200k: 12000
        "openai,gpt-audio,100,0,0,0,30,50,0,20,0,2715000", // 70*2500 + 30*32000 + 30*10000 + 20*64000
        "openai,text-embedding-3-small,7,0,0,0,0,0,0,0,0,140",
        "deepseek,deepseek-chat,1000,900,0,0,0,10,0,0,0,57400", // 100*280 + 900*28 + 10*420
        "perplexity,sonar-small-online,10,0,0,0,0,100,0,0,0,5028000", // 0.005 a request + 100*280
        "dashscope,qwen3-coder-flash,32000,0,0,0,0,10,0,0,0,9615000", // first range, its end included
        "dashscope,qwen3-coder-flash,32001,0,0,0,0,10,0,0,0,16025500", // second range
        "dashscope,qwen3-coder-flash,256001,1,0,0,0,10,0,0,0,409696400", // last range, one token cached
        "dashscope,qwen3-coder-flash,2000000,0,0,0,0,10,0,0,0,3200096000", // behind the last range: its prices
        "dashscope,qwen-plus-latest,10,0,0,0,0,100,60,0,0,292000", // 10*400 + 40*1200 + 60*4000
        "openai,gpt-3.5-turbo-instruct,10,0,0,0,0,10,0,0,0,35000", // the row's vendor is text-completion-openai
        "ollama,some-model-of-mine,1000,0,0,0,0,1000,0,0,0,0",
    })
    void realModelsCostWhatTheirRowsSay(
            String provider,
            String model,
            long prompt,
            long read,
            long write,
            long hour,
            long audioIn,
            long completion,
            long reasoning,
            long audioOut,
            long searches,
            long nanos) {
        Usage usage = new Usage(prompt, read, write, hour, audioIn, completion, reasoning, audioOut, searches, true);
        assertThat(of(provider, model))
                .isNotNull()
                .satisfies(tariff -> assertThat(tariff.nanos(usage)).isEqualTo(nanos));
    }

    @ParameterizedTest
    @CsvSource({
        // provider, model, tier, prompt, read, completion, reasoning, nanos
        "openai,gpt-5,STANDARD,1000,400,100,60,1800000", // 600*1250 + 400*125 + 100*10000
        "openai,gpt-5,FLEX,1000,400,100,60,900000", // 600*625 + 400*62.5 + 100*5000
        "openai,gpt-5,PRIORITY,1000,400,100,60,3600000", // 600*2500 + 400*250 + 100*20000
        "openai,gpt-4o,FLEX,1000,400,200,0,4000000", // no flex price: the standard ones
        "openai,gpt-5.4,FLEX,272001,0,100,0,681127500", // 272001*2500 + 100*11250
        "openai,gpt-5.4,PRIORITY,272001,0,100,0,1363005000", // no priority for long prompts: 5000 and 30000
        "gemini,gemini-2.5-flash,PRIORITY,100,0,10,6,99000", // 100*540 + 10*4500: reasoning as much dearer as text
    })
    void aServiceTierHasPricesOfItsOwn(
            String provider,
            String model,
            ServiceTier tier,
            long prompt,
            long read,
            long completion,
            long reasoning,
            long nanos) {
        Usage usage = new Usage(prompt, read, 0, 0, 0, completion, reasoning, 0, 0, true).in(tier);
        assertThat(of(provider, model))
                .isNotNull()
                .satisfies(tariff -> assertThat(tariff.nanos(usage)).isEqualTo(nanos));
    }

    @Test
    void whatMayBeSetAsideForATierIsNeverLessThanItCosts() {
        for (String model : LIST.models()) {
            Tariff tariff = new Prices(LIST).listed(model);
            for (ServiceTier tier : tariff == null ? new ServiceTier[0] : ServiceTier.values()) {
                boolean any = tier.dear();
                for (long prompt : new long[] {1_000, 1_000_000}) {
                    Usage in = new Usage(prompt, prompt / 2, prompt / 4, prompt / 8, 0, 0, 0, 0, 0, false).in(tier);
                    Usage out = new Usage(prompt, 0, 0, 0, 0, 1_000, 500, 0, 0, false).in(tier);
                    long input = prompt * tariff.dearestInputPicos(true, any) / 1_000 + 1;
                    assertThat(tariff.nanos(in)).as("%s %s in", model, tier).isLessThanOrEqualTo(input);
                    assertThat(tariff.nanos(out))
                            .as("%s %s out", model, tier)
                            .isLessThanOrEqualTo(input + tariff.dearestOutputPicos(true, any) + 1);
                }
            }
        }
    }

    @Test
    void anOwnPriceReplacesTheListsPricesOfAllTiers() {
        Usage priority = Usage.of(10, 10).in(ServiceTier.PRIORITY);
        Deployment own = deployment("openai", "gpt-5", Map.of("input_cost_per_token", usd("0.000001")), null);
        assertThat(new Prices(LIST).of(own, "gpt-5", null))
                .isNotNull()
                .satisfies(tariff -> assertThat(tariff.nanos(priority)).isEqualTo(10 * 1_000 + 10 * 20_000));
        Deployment tiered = deployment("openai", "gpt-5.4", Map.of("input_cost_per_token_flex", usd("0.000001")), null);
        assertThat(new Prices(LIST).of(tiered, "gpt-5.4", null)).isNotNull().satisfies(tariff -> {
            assertThat(tariff.nanos(Usage.of(10, 0).in(ServiceTier.FLEX))).isEqualTo(10_000);
            assertThat(tariff.nanos(Usage.of(10, 0))).isEqualTo(25_000);
        });
    }

    @Test
    void aModelWithoutAPriceIsUnpricedAndNotFree() {
        assertThat(of("openai", "no-such-model")).isNull();
        assertThat(of("openai", "gpt-4o-2099-01-01"))
                .as("no guessing from a date")
                .isNull();
        assertThat(of("bedrock", "1024-x-1024/50-steps/bedrock/amazon.nova-canvas-v1:0"))
                .as("a price a picture is no price of tokens")
                .isNull();
    }

    @Test
    void anotherVendorsPriceOfTheSameModelIsNoPrice() {
        assertThat(of("github_copilot", "gpt-4o"))
                .as("its own row has no price")
                .isNull();
        assertThat(of("mistral", "gpt-4o")).isNull();
        assertThat(of("hosted_vllm", "gpt-4o"))
                .isNotNull()
                .satisfies(own -> assertThat(own.nanos(Usage.of(9, 9))).isZero());
        assertThat(of("litellm_proxy", "gpt-4o"))
                .as("a gateway that the list does not know")
                .isNotNull()
                .satisfies(proxied -> assertThat(proxied.nanos(Usage.of(1, 0))).isEqualTo(2500));
    }

    @Test
    void rowsAreLookedForInTheDocumentedOrder() {
        Prices prices = new Prices(LIST);
        Deployment azure = deployment("azure", "my-deployment", Map.of(), null);
        assertThat(prices.of(azure, "my-deployment", null)).isNull();
        assertThat(nanos(prices.of(azure, "my-deployment", "gpt-4o-2024-11-20")))
                .as("by the reported name")
                .isEqualTo(2500);
        assertThat(nanos(prices.of(deployment("azure", "mine", Map.of(), "azure/gpt-4"), "mine", "gpt-4o-2024-11-20")))
                .as("base_model before the reported name")
                .isEqualTo(30_000);
        assertThat(nanos(prices.of(deployment("openai", "gpt-4o", Map.of(), null), "gpt-4o", "gpt-4o-2024-05-13")))
                .as("what was asked for before what was reported")
                .isEqualTo(2500);
        assertThat(nanos(prices.of(deployment("openai", "GPT-4o", Map.of(), null), "GPT-4o", null)))
                .as("whatever its case")
                .isEqualTo(2500);
        assertThat(nanos(prices.of(deployment("groq", "*", Map.of(), "azure/nowhere"), "nothing", null)))
                .isEqualTo(-1);
    }

    @Test
    void ownPricesWinFieldByFieldAndOverTheTiersOfTheirField() {
        Map<String, BigDecimal> own = Map.of("input_cost_per_token", usd("1e-6"), "output_cost_per_token", usd("2e-6"));
        Prices prices = new Prices(LIST);
        assertThat(prices.of(deployment("openai", "mine", own, null), "mine", null)
                        .nanos(Usage.of(10, 20)))
                .isEqualTo(50_000);
        Deployment gemini = deployment("gemini", "gemini-2.5-pro", Map.of("input_cost_per_token", usd("1e-6")), null);
        assertThat(prices.of(gemini, "gemini-2.5-pro", null).nanos(Usage.of(300_000, 10)))
                .isEqualTo(300_000_000 + 150_000);
        Map<String, BigDecimal> tier = Map.of("input_cost_per_token_above_200k_tokens", usd("3e-6"));
        prices.forget();
        assertThat(prices.of(deployment("gemini", "gemini-2.5-pro", tier, null), "gemini-2.5-pro", null)
                        .nanos(Usage.of(300_000, 0)))
                .isEqualTo(900_000_000);
        assertThat(prices.of(deployment("openai", "mine2", tier, null), "mine2", null))
                .as("a price of long prompts alone would make short ones free")
                .isNull();
    }

    @Test
    void whatWasFoundIsForgottenWithTheConfiguration() {
        Prices prices = new Prices(LIST);
        Deployment before = deployment("openai", "m", Map.of("input_cost_per_token", usd("1e-6")), null);
        Deployment after = deployment("openai", "m", Map.of("input_cost_per_token", usd("2e-6")), null);
        assertThat(nanos(prices.of(before, "m", null))).isEqualTo(1000);
        prices.forget();
        assertThat(nanos(prices.of(after, "m", null))).isEqualTo(2000);
    }

    private static long nanos(@Nullable Tariff tariff) {
        return tariff == null ? -1 : tariff.nanos(Usage.of(1, 0));
    }

    @Test
    void theRouterIsToldPricesAndTheLongestPrompt() {
        Prices prices = new Prices(LIST);
        FactsAnswer.Facts listed = prices.facts(deployment("openai", "gpt-4o", Map.of(), null), "gpt-4o");
        assertThat(listed).isNotNull();
        assertThat(listed.supports())
                .contains("supports_vision", "supports_function_calling")
                .doesNotContain("mode");
        assertThat(listed).isEqualTo(new FactsAnswer.Facts(128_000, usd("2.5e-06"), usd("1e-05"), listed.supports()));
        Map<String, BigDecimal> own = Map.of("input_cost_per_token", usd("7"));
        FactsAnswer.Facts priced = prices.facts(deployment("openai", "gpt-4o", own, null), "gpt-4o");
        assertThat(priced).isEqualTo(new FactsAnswer.Facts(128_000, usd("7"), usd("1e-05"), listed.supports()));
        FactsAnswer.Facts base = prices.facts(deployment("azure", "mine", Map.of(), "gpt-4o"), "mine");
        assertThat(base)
                .isNotNull()
                .extracting(FactsAnswer.Facts::maxInputTokens)
                .isEqualTo(128_000L);
        FactsAnswer.Facts ownMachine =
                prices.facts(deployment("ollama", "nobody-knows", Map.of(), null), "nobody-knows");
        assertThat(ownMachine).isEqualTo(new FactsAnswer.Facts(0, BigDecimal.ZERO, BigDecimal.ZERO, Set.of()));
        assertThat(prices.facts(deployment("openai", "nobody-knows", Map.of(), null), "nobody-knows"))
                .isNull();
    }

    @Test
    void roundingHappensOnceAndHalfUp() {
        Tariff tariff = Tariff.of(Map.of("input_cost_per_token", usd("4e-10"), "output_cost_per_token", usd("1e-10")));
        assertThat(tariff).isNotNull();
        assertThat(tariff.nanos(Usage.of(1, 0))).isZero();
        assertThat(tariff.nanos(Usage.of(1, 1))).as("0.4 + 0.1").isEqualTo(1);
        assertThat(tariff.nanos(Usage.of(1_000_000_000_000_001L, 0))).isEqualTo(400_000_000_000_000L);
    }

    @Test
    void impossibleFiguresNeverThrowAndNeverPayBack() {
        Tariff tariff = of("anthropic", "claude-sonnet-4-5");
        assertThat(tariff).isNotNull();
        long most = Long.MAX_VALUE;
        assertThat(tariff.nanos(new Usage(-5, -5, -5, -5, -5, -5, -5, -5, -5, true)))
                .isZero();
        assertThat(tariff.nanos(new Usage(most, most, most, most, most, most, most, most, most, true)))
                .isEqualTo(10_000_000_000_000_000L);
        assertThat(tariff.nanos(new Usage(10, 0, 5, 50, 0, 0, 0, 0, 0, true)))
                .as("more written for an hour than written at all")
                .isEqualTo(50 * 6000);
        assertThat(tariff.nanos(new Usage(10, 20, 0, 0, 0, 1, 5, 0, 0, true)))
                .as("parts larger than their whole")
                .isEqualTo(20 * 300 + 5 * 15_000);
    }
}
