package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.accounting.price.Tariff;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.Provider;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Usage;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QuotesTest {
    private static final Prices PRICES = new Prices(PriceList.load());

    private static Deployment deployment(String group, String upstream, String price) {
        return deployment(
                group,
                "openai",
                upstream,
                Map.of(
                        "input_cost_per_token", new BigDecimal(price),
                        "output_cost_per_token", new BigDecimal(price)));
    }

    private static Deployment deployment(
            String group, String provider, String upstream, Map<String, BigDecimal> prices) {
        return new Deployment(
                group,
                group,
                new Provider(provider, provider, null, List.of(), List.of(), false, false, true, List.of()),
                upstream,
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

    private static RouterSettings fallbacks(Map<String, List<String>> fallbacks) {
        RouterSettings d = RouterSettings.DEFAULT;
        return new RouterSettings(
                d.strategy(),
                d.numRetries(),
                d.timeout(),
                d.streamTimeout(),
                d.retryAfter(),
                d.allowedFails(),
                d.cooldown(),
                d.disableCooldowns(),
                fallbacks,
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
                d.choosing());
    }

    private static long outputPicos(String model, Map<String, List<String>> fallbacks) {
        return quote(model, fallbacks).plain().output();
    }

    private static Quote quote(String model, Map<String, List<String>> fallbacks) {
        return quote(PRICES, model, fallbacks);
    }

    private static Quote quote(Prices prices, String model, Map<String, List<String>> fallbacks) {
        Snapshot config = new Snapshot(
                1,
                "test",
                new ModelTable(
                        List.of(
                                deployment("openai/*", "*", "0.000001"),
                                deployment("opus", "opus", "0.00005"),
                                deployment("draws", "gemini", "gemini-2.5-flash-image", Map.of()),
                                deployment(
                                        "own",
                                        "openai",
                                        "mine",
                                        Map.of(
                                                "input_cost_per_token", new BigDecimal("0.000001"),
                                                "output_cost_per_token", new BigDecimal("0.000002"),
                                                "input_cost_per_image_token", new BigDecimal("0.000004"),
                                                "output_cost_per_image_token", new BigDecimal("0.00003"))),
                                deployment("half", "deepseek", "deepseek-v4-pro", Map.of())),
                        Map.of(),
                        Set.of()),
                fallbacks(fallbacks),
                GeneralSettings.DEFAULT,
                List.of());
        return new Quotes(prices, config).of(model, Envelope.Overrides.NONE);
    }

    /** It may answer with pictures alone, whatever it was asked for; and of what it is asked, all may be pictures. */
    @Test
    void whatIsSetAsideForAModelThatDrawsPaysForPicturesAlone() {
        assertThat(quote("draws", Map.of()).plain()).isEqualTo(new Quote.Rates(300_000, 30_000_000));
        assertThat(quote("own", Map.of()).plain()).isEqualTo(new Quote.Rates(4_000_000, 30_000_000));
        assertThat(outputPicos("openai/gpt-4o", Map.of("gpt-4o", List.of("draws"))))
                .isEqualTo(30_000_000);
        Tariff tariff = PRICES.listed("gemini/gemini-2.5-flash-image");
        assertThat(tariff).isNotNull();
        for (int legs : new int[] {1, 2}) {
            long left = quote("draws", Map.of()).outputFor(5_000_000, 100, legs);
            assertThat(left).isEqualTo(legs == 1 ? 165 : 81);
            Usage pictures = Usage.of(100, left).withPictures(100, left);
            assertThat(tariff.nanos(pictures)).isBetween(4_900_000L / legs, 5_000_000L / legs);
            assertThat(quote("draws", Map.of()).nanos(100, left, 1)).isGreaterThanOrEqualTo(tariff.nanos(pictures));
        }
    }

    /** As the router does: who answers in the end must be paid for. */
    @Test
    void fallbacksAreLookedUpWithoutTheProviderPrefixToo() {
        assertThat(outputPicos("openai/gpt-4o", Map.of())).isEqualTo(1_000_000);
        for (String name : List.of("openai/gpt-4o", "gpt-4o", "*")) {
            assertThat(outputPicos("openai/gpt-4o", Map.of(name, List.of("opus"))))
                    .as(name)
                    .isEqualTo(50_000_000);
        }
        assertThat(outputPicos("openai/gpt-4o", Map.of("another", List.of("opus"))))
                .isEqualTo(1_000_000);
    }

    /** It may be over at another hour than it began. */
    @Test
    void aCallIsSetAsideForAtTheDearestHour() {
        assertThat(outputPicos("half", Map.of())).isEqualTo(3_960_000);
        String row = "deepseek-v4-pro\tdeepseek\tchat\tinput_cost_per_token=0.000001\toutput_cost_per_token=0.000003"
                + "\toff_peak_pricing={\"output_cost_per_token\":0.000004,\"input_cost_per_token\":0.0000005,"
                + "\"windows\":[{\"hours_utc\":\"04:00-06:00\"}]}\n";
        PriceList dearAtNight = new PriceList(row.getBytes(StandardCharsets.UTF_8), Set.of());
        assertThat(quote(new Prices(dearAtNight), "half", Map.of()).plain())
                .isEqualTo(new Quote.Rates(1_000_000, 4_000_000));
    }
}
