package dev.tollgate.accounting.price;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.Provider;
import dev.tollgate.protocol.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OffPeakTariffTest {
    private static final PriceList LIST = PriceList.load();
    private static final Instant PEAK = Instant.parse("2026-08-24T03:59:59.999Z");
    private static final Instant OFF_PEAK = Instant.parse("2026-08-24T04:00:00Z");

    /** 600 plain tokens of a prompt, 400 from the cache, 200 generated. */
    private static final Usage USAGE = new Usage(1_000, 400, 0, 0, 0, 200, 50, 0, 0, true);

    private static Tariff tariff(String provider, String model, Map<String, BigDecimal> own) {
        Tariff tariff = new Prices(LIST)
                .of(
                        new Deployment(
                                "id",
                                "group",
                                new Provider(
                                        provider, "openai", null, List.of(), List.of(), false, false, true, List.of()),
                                model,
                                "http://127.0.0.1:1",
                                null,
                                null,
                                null,
                                Map.of(),
                                Map.of(),
                                Deployment.Routing.NONE,
                                own,
                                Deployment.Info.NONE,
                                null,
                                null),
                        model,
                        null);
        assertThat(tariff).isNotNull();
        return tariff;
    }

    private static Map<String, BigDecimal> prices(String... pairs) {
        Map<String, BigDecimal> prices = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            prices.put(pairs[i], new BigDecimal(pairs[i + 1]));
        }
        return prices;
    }

    private static OffPeak always(String... pairs) {
        OffPeak midnight = OffPeak.read("{\"input_cost_per_token\":1,\"hours_utc\":\"00:00-00:00\"}");
        assertThat(midnight).isNotNull();
        return new OffPeak(prices(pairs), midnight.windows(), midnight.weekdayZone());
    }

    /** In the list a picture's token costs what a text's does: it does so with the price that the deployment has of its own. */
    @Test
    void picturesThatCostWhatTextDoesCostADeploymentsOwnPrice() {
        Usage usage = Usage.of(1_000, 10).withPictures(900, 0);
        assertThat(tariff("xai", "grok-4.3", Map.of()).nanos(usage)).isEqualTo(1_000 * 1_250 + 10 * 2_500);
        assertThat(tariff("xai", "grok-4.3", prices("input_cost_per_token", "0.0000005"))
                        .nanos(usage))
                .isEqualTo(1_000 * 500 + 10 * 2_500);
        assertThat(tariff("xai", "grok-4.3", prices("input_cost_per_token", "0", "output_cost_per_token", "0"))
                        .nanos(usage))
                .isZero();
        assertThat(tariff("gemini", "gemini-2.5-flash-image", prices("output_cost_per_token", "0.000001"))
                        .nanos(Usage.of(0, 10).withPictures(0, 5)))
                .as("a price of its own stays")
                .isEqualTo(5 * 1_000 + 5 * 30_000);
    }

    /** Each sum was worked out by hand from the model's row: tokens times nano-dollars. */
    @ParameterizedTest
    @CsvSource({
        // provider, model, moment, nanos
        "deepseek,deepseek-v4-pro,2026-08-24T03:59:59.999Z,1601600", // 600*1320 + 400*44 + 200*3960
        "deepseek,deepseek-v4-pro,2026-08-24T04:00:00Z,800800", // 600*660 + 400*22 + 200*1980
        "deepseek,deepseek-v4-pro,2026-08-29T07:00:00Z,800800", // a Saturday
        "deepseek,deepseek-v4-flash,2026-08-24T07:00:00Z,422400", // 600*300 + 400*6 + 200*1200
        "deepseek,deepseek-v4-flash,2026-08-24T10:00:00Z,211200", // 600*150 + 400*3 + 200*600
        "tencent,deepseek-v4-pro-0813,2026-08-29T07:00:00Z,800800", // Saturday there, too
        "tencent,deepseek-v4-pro-0813,2026-08-28T07:00:00Z,1601600",
        "deepseek,deepseek-chat,2026-08-24T04:00:00Z,263200", // no such hours: 600*280 + 400*28 + 200*420
    })
    void aCallCostsWhatHoldsAtThatHour(String provider, String model, Instant moment, long nanos) {
        assertThat(tariff(provider, model, Map.of()).at(moment).nanos(USAGE)).isEqualTo(nanos);
    }

    /** So that a row tells which of them it was charged by, and that none has to be priced again when the other changes. */
    @Test
    void theTwoHaveMarksOfTheirOwn() {
        Map<String, BigDecimal> fields = prices("input_cost_per_token", "2", "output_cost_per_token", "4");
        Tariff without = Tariff.of(fields);
        Tariff with = Tariff.of(fields, always("input_cost_per_token", "1"));
        Tariff other = Tariff.of(fields, always("input_cost_per_token", "1.5"));
        assertThat(without).isNotNull();
        assertThat(with).isNotNull();
        assertThat(other).isNotNull();
        assertThat(with.version()).isEqualTo(other.version()).isEqualTo(without.version());
        assertThat(List.of(
                        with.version(), with.at(PEAK).version(), other.at(PEAK).version()))
                .doesNotHaveDuplicates();
        assertThat(with.at(PEAK).version())
                .as("the same wherever these prices are the same")
                .isEqualTo(tariffOf("input_cost_per_token", "1", "output_cost_per_token", "4")
                        .version());
        Tariff listed = tariff("deepseek", "deepseek-v4-pro", Map.of());
        assertThat(listed.at(PEAK)).isSameAs(listed);
        assertThat(listed.at(OFF_PEAK).version()).isNotEqualTo(listed.version());
        assertThat(listed.at(OFF_PEAK)).isSameAs(listed.offPeak());
        assertThat(listed.at(OFF_PEAK).at(PEAK)).isSameAs(listed.offPeak());
    }

    private static Tariff tariffOf(String... pairs) {
        Tariff tariff = Tariff.of(prices(pairs));
        assertThat(tariff).isNotNull();
        return tariff;
    }

    @Test
    void anOwnPriceHoldsAtAllHours() {
        Map<String, BigDecimal> input = prices("input_cost_per_token", "0.000001");
        Tariff own = tariff("deepseek", "deepseek-v4-pro", input);
        assertThat(own.at(PEAK).nanos(USAGE)).isEqualTo(600 * 1_000 + 400 * 44 + 200 * 3_960);
        assertThat(own.at(OFF_PEAK).nanos(USAGE)).isEqualTo(600 * 1_000 + 400 * 22 + 200 * 1_980);
        Map<String, BigDecimal> all = prices(
                "input_cost_per_token", "0.000001",
                "output_cost_per_token", "0.000001",
                "cache_read_input_token_cost", "0.000001");
        Tariff alone = tariff("deepseek", "deepseek-v4-pro", all);
        assertThat(alone.offPeak()).isNull();
        assertThat(alone.at(OFF_PEAK)).isSameAs(alone);
    }

    @Test
    void whatTheHoursDoNotNameStaysAsItIs() {
        Map<String, BigDecimal> fields = prices(
                "input_cost_per_token", "2",
                "output_cost_per_token", "4",
                "input_cost_per_token_flex", "1",
                "input_cost_per_token_above_200k_tokens", "3");
        Tariff tariff = Tariff.of(fields, always("output_cost_per_token", "0", "output_cost_per_reasoning_token", "5"));
        assertThat(tariff).isNotNull();
        assertThat(tariff.at(PEAK).nanos(new Usage(10, 0, 0, 0, 0, 9, 1, 0, 0, true)))
                .isEqualTo((10 * 2 + 5) * 1_000_000_000L);
        assertThat(tariff.at(PEAK).nanos(Usage.of(200_001, 0))).isEqualTo(200_001 * 3 * 1_000_000_000L);
    }

    @Test
    void atMostItCostsWhatItDoesAtTheDearerHour() {
        Map<String, BigDecimal> fields = prices("input_cost_per_token", "2", "output_cost_per_token", "4");
        Tariff mixed = Tariff.of(fields, always("input_cost_per_token", "3", "output_cost_per_token", "1"));
        assertThat(mixed).isNotNull();
        assertThat(mixed.mostNanos(Usage.of(10, 1))).isEqualTo(31_000_000_000L);
        assertThat(mixed.mostNanos(Usage.of(1, 10))).isEqualTo(42_000_000_000L);
        assertThat(tariff("deepseek", "deepseek-v4-pro", Map.of()).mostNanos(USAGE))
                .isEqualTo(1_601_600);
    }

    /** One that could not be read would silently be no off-peak price. */
    @Test
    void everyRowsHoursCanBeRead() {
        List<String> models = new ArrayList<>();
        for (String model : LIST.models()) {
            Map<String, String> row = LIST.row(model);
            if (row != null && row.containsKey(OffPeak.FIELD)) {
                assertThat(OffPeak.of(row)).as(model).isNotNull();
                models.add(model);
            }
        }
        assertThat(models).isNotEmpty().contains("deepseek/deepseek-v4-pro", "tencent/deepseek-v4.1-flash");
    }
}
