package dev.tollgate.accounting.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.config.ModelTable;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalculationTest {
    private static final Prices PRICES = new Prices(PriceList.load());

    private static JsonObject answer(String body) {
        return answer(body, Instant.parse("2026-08-24T03:00:00Z"));
    }

    private static JsonObject answer(String body, Instant time) {
        return new Calculation(PRICES, ModelTable.empty(), time).answer(Buffer.buffer(body.replace('\'', '"')));
    }

    /** The list has gpt-4o at $2.50, $1.25 from the cache and $10 a million tokens. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'completion_response':{'model':'gpt-4o','usage':{'prompt_tokens':1000,'completion_tokens':100}}} | 0.0035 | false",
                "{'model':'gpt-4o','completion_response':{'usage':{'prompt_tokens':1000,'completion_tokens':0,"
                        + "'prompt_tokens_details':{'cached_tokens':400}}}} | 0.002 | false",
                "{'completion_response':{'model':'gpt-5','service_tier':'flex','usage':{'prompt_tokens':1000,"
                        + "'completion_tokens':100}}} | 0.001125 | false",
                "{'completion_response':{'model':'gemini/gemini-2.5-flash-image','usage':{'prompt_tokens':100,"
                        + "'completion_tokens':1300,'completion_tokens_details':{'image_tokens':1290}}}} | 0.038755 | false",
                "{'completion_response':{'model':'cohere/embed-v4.0','usage':{'prompt_tokens':10,'completion_tokens':0,"
                        + "'prompt_tokens_details':{'image_tokens':4}}}} | 0.0000026 | false",
                "{'model':'gpt-4o','messages':[{'role':'user','content':'12345678'}]} | 0.000015 | true",
                "{'model':'gpt-5','service_tier':'priority','messages':['12345678']} | 0.000015 | true",
                "{'model':'gpt-4o','messages':[{'role':'user','content':[{'type':'text','text':'12345678'}]}]} | 0.000015 | true",
            })
    void aCallCostsWhatTheListSays(String body, double dollars, boolean estimated) {
        JsonObject answer = new JsonObject(answer(body).encode());
        assertThat(answer.getDouble("cost")).isEqualTo(dollars);
        assertThat(answer.getBoolean("estimated", false)).isEqualTo(estimated);
    }

    /** At $1.32 and $3.96 a million tokens, and half of that from 04:00 to 06:00 UTC. */
    @ParameterizedTest
    @CsvSource({"03:59:59.999, 0.005280", "04:00:00, 0.00264", "06:00:00, 0.00528"})
    void pricesAreThoseOfTheHour(String time, BigDecimal dollars) {
        JsonObject answer = answer(
                "{'completion_response':{'model':'deepseek-v4-pro','usage':{'prompt_tokens':1000,"
                        + "'completion_tokens':1000}}}",
                Instant.parse("2026-08-24T" + time + "Z"));
        assertThat((BigDecimal) answer.getValue("cost")).isEqualByComparingTo(dollars);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | Give `model`",
                "[] | JSON object",
                "{'model':'gpt-4o'} | `messages`",
                "{'model':'no-such-model','messages':[]} | No price is known for the model `no-such-model`",
                "{'completion_response':{'model':'gpt-4o'}} | no `usage`",
                "{'model':'gpt-4o','messages':7} | wrong type",
                "{'model':'gpt-4o','completion_response':{'usage':{'prompt_tokens':'x'}}} | wrong type",
            })
    void whatCannotBeCalculatedIsRefusedWithTheReason(String body, String reason) {
        assertThatThrownBy(() -> answer(body))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }
}
