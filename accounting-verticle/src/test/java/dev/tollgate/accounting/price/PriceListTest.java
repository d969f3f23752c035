package dev.tollgate.accounting.price;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PriceListTest {
    private final PriceList list = PriceList.load();

    private BigDecimal sum(String field) {
        BigDecimal sum = BigDecimal.ZERO;
        for (String model : list.models()) {
            Map<String, String> row = list.row(model);
            sum = sum.add(new BigDecimal(row == null ? "0" : row.getOrDefault(field, "0")));
        }
        return sum;
    }

    @Test
    void theListIsWhole() {
        assertThat(list.size()).isEqualTo(4_240);
        assertThat(sum("input_cost_per_token")).isEqualByComparingTo("0.010126583516000000005194");
        assertThat(sum("output_cost_per_token")).isEqualByComparingTo("0.03933677975000000004695");
    }

    @Test
    void everyRowCanBeRead() {
        Set<String> spellings = new HashSet<>();
        List<String> tiered = new ArrayList<>();
        int priced = 0;
        for (String model : list.models()) {
            Map<String, String> row = list.row(model);
            assertThat(row).as(model).isNotNull().containsKeys("provider", "mode");
            assertThat(list.knows(row.get("provider"))).as(model).isTrue();
            assertThat(spellings.add(model.toLowerCase(Locale.ROOT))).as(model).isTrue();
            Map<String, BigDecimal> prices = PriceRow.read(row);
            if (prices.keySet().stream().anyMatch(name -> name.contains("_above_32000_tokens"))) {
                tiered.add(model);
            }
            priced += Tariff.of(prices) == null ? 0 : 1;
        }
        assertThat(priced).isGreaterThan(3_490);
        assertThat(tiered).hasSize(28).contains("dashscope/qwen3-max", "volcengine/doubao-seed-2-0-pro-260215");
    }

    @Test
    void aModelIsFoundInAnyCase() {
        assertThat(list.spelling("GPT-4O")).isEqualTo("gpt-4o");
        assertThat(list.spelling("gpt-4o")).isEqualTo("gpt-4o");
        assertThat(list.spelling("gpt-4o ")).isNull();
        assertThat(list.row("GPT-4O")).isNull();
        assertThat(list.knows("groq")).isTrue();
        assertThat(list.knows("litellm_proxy")).isFalse();
        assertThat(list.ownMachine("ollama")).isTrue();
        assertThat(list.ownMachine("openai")).isFalse();
    }
}
