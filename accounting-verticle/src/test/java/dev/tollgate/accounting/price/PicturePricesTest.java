package dev.tollgate.accounting.price;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What tokens of pictures cost, beside those of text. */
class PicturePricesTest {
    private static final PriceList LIST = PriceList.load();
    private static final Prices PRICES = new Prices(LIST);

    /** Each sum was worked out by hand from the model's row: tokens times nano-dollars. */
    @ParameterizedTest
    @CsvSource({
        // row, tier, prompt, read, pictures in, completion, pictures out, nanos
        "gemini/gemini-2.5-flash-image,STANDARD,266,0,258,1315,1290,38842300", // 266*300 + 25*2500 + 1290*30000
        "gemini/gemini-2.5-flash-image,STANDARD,266,100,158,1290,1290,38752800", // 166*300 + 100*30 + 1290*30000
        "gemini/gemini-3-pro-image,PRIORITY,100,0,0,1120,1120,242280000", // 100*3600 + 1120*216000: as much dearer as
        // text
        "vertex_ai/gemini-3.1-flash-image,FLEX,100,0,0,1120,1120,33625000", // 100*250 + 1120*30000
        "gemini-3-pro-image,STANDARD,200001,0,0,1130,1120,934584000", // 200001*4000 + 10*18000 + 1120*120000 above 200k
        "azure/gpt-image-1,STANDARD,100,0,60,1000,1000,40800000", // 40*5000 + 60*10000 + 1000*40000
        "cohere/embed-v4.0,STANDARD,10,0,4,0,0,2600", // 6*120 + 4*470
        "gpt-4o,STANDARD,1000,0,900,200,50,4500000", // no price of their own: 1000*2500 + 200*10000
        "xai/grok-4.3,STANDARD,1000,950,900,10,0,277500", // 850 of 900 came from the cache: 950*200 + 50*1250 + 10*2500
        "xai/grok-4.3,STANDARD,300000,0,1000,0,0,750000000", // pictures of long prompts cost what their text does
    })
    void realModelsCostWhatTheirRowsSay(
            String row, ServiceTier tier, long prompt, long read, long seen, long completion, long drawn, long nanos) {
        Usage usage = new Usage(prompt, read, 0, 0, 0, completion, 0, 0, 0, true)
                .withPictures(seen, drawn)
                .in(tier);
        assertThat(PRICES.listed(row))
                .isNotNull()
                .satisfies(tariff -> assertThat(tariff.nanos(usage)).isEqualTo(nanos));
    }

    /** Of every model and tier: a prompt split at random, and an answer that is text, thoughts and pictures in any measure. */
    @Test
    void whatIsSetAsideForATokenIsNeverLessThanItCosts() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (String model : LIST.models()) {
            Tariff tariff = PRICES.listed(model);
            for (ServiceTier tier : tariff == null ? new ServiceTier[0] : ServiceTier.values()) {
                for (long prompt : new long[] {1_000, 1_000_000}) {
                    long read = random.nextLong(prompt + 1);
                    long write = random.nextLong(prompt - read + 1);
                    long thought = random.nextLong(1_001);
                    Usage usage = new Usage(
                                    prompt, read, write, random.nextLong(write + 1), 0, 1_000, thought, 0, 0, false)
                            .withPictures(random.nextLong(prompt + 1), random.nextLong(1_001 - thought))
                            .in(tier);
                    long most = prompt * tariff.dearestInputPicos(true, tier.dear()) / 1_000
                            + tariff.dearestOutputPicos(true, tier.dear())
                            + 2;
                    assertThat(tariff.nanos(usage))
                            .as("%s %s of seed %d: %s", model, tier, seed, usage)
                            .isLessThanOrEqualTo(most);
                }
            }
        }
    }

    @Test
    void whoCanDrawMayDoNothingElse() {
        Tariff tariff = PRICES.listed("gemini/gemini-2.5-flash-image");
        assertThat(tariff).isNotNull();
        assertThat(tariff.dearestOutputPicos(false, false)).isEqualTo(30_000_000);
        assertThat(tariff.dearestInputPicos(false, false)).isEqualTo(300_000);
        Tariff embeddings = PRICES.listed("cohere/embed-v4.0");
        assertThat(embeddings).isNotNull();
        assertThat(embeddings.dearestInputPicos(false, false)).isEqualTo(470_000);
    }

    @Test
    void aModelPricedByPicturesOfItsPromptAloneIsNotFreeForThem() {
        Tariff tariff = Tariff.of(Map.of(
                "output_cost_per_token", BigDecimal.ZERO, "input_cost_per_image_token", new BigDecimal("0.000001")));
        assertThat(tariff).isNotNull();
        assertThat(tariff.nanos(Usage.of(10, 10).withPictures(4, 4))).isEqualTo(4_000);
        assertThat(tariff.dearestInputPicos(false, false)).isEqualTo(1_000_000);
    }

    @Test
    void impossibleFiguresNeverThrowAndNeverPayBack() {
        Tariff tariff = PRICES.listed("gemini/gemini-2.5-flash-image");
        assertThat(tariff).isNotNull();
        assertThat(tariff.nanos(Usage.of(10, 10).withPictures(-5, -5))).isEqualTo(10 * 300 + 10 * 2500);
        assertThat(tariff.nanos(Usage.of(10, 10).withPictures(20, 20)))
                .as("parts larger than their whole")
                .isEqualTo(20 * 300 + 20 * 30_000);
        assertThat(tariff.nanos(Usage.of(Long.MAX_VALUE, 1).withPictures(Long.MAX_VALUE, Long.MAX_VALUE)))
                .isEqualTo(10_000_000_000_000_000L);
    }
}
