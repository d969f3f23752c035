package dev.tollgate.accounting.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.config.ModelTable;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalculationTest {
    private static final Calculation CALCULATION = new Calculation(new Prices(PriceList.load()), ModelTable.empty());

    private static JsonObject answer(String body) {
        return CALCULATION.answer(Buffer.buffer(body.replace('\'', '"')));
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
