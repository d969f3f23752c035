package dev.tollgate.provider.dialect.anthropic;

import static dev.tollgate.provider.dialect.anthropic.Claude.json;
import static dev.tollgate.provider.dialect.anthropic.Claude.sent;
import static dev.tollgate.provider.dialect.anthropic.Claude.sentWith;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.provider.wire.Json;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a request says about thinking, limits and sampling, by generation of the model. */
class AnthropicThinkingTest {
    private static final List<String> CONVERSATION = List.of("model", "messages", "tools", "system");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                // The usual limit comes from the generation.
                "claude-3-haiku-20240307 | | {'max_tokens':4096}",
                "claude-3-5-haiku-20241022 | | {'max_tokens':8192}",
                "claude-opus-4-1 | | {'max_tokens':32000}",
                "claude-sonnet-4-5 | | {'max_tokens':64000}",
                "some-copy | 'max_completion_tokens':99,'max_tokens':5 | {'max_tokens':99}",
                // Sampling.
                "claude-sonnet-4-5 | 'max_tokens':9,'temperature':1.5,'top_p':0.5,'top_k':4 | {'max_tokens':9,'temperature':1.0,'top_k':4}",
                "claude-sonnet-4-5 | 'max_tokens':9,'top_p':0.5 | {'max_tokens':9,'top_p':0.5}",
                "claude-sonnet-4-6 | 'max_tokens':9,'temperature':0.5,'top_p':0.5 | {'max_tokens':9,'temperature':0.5}",
                "claude-opus-4-7 | 'max_tokens':9,'temperature':0.5,'top_p':0.5,'top_k':4 | {'max_tokens':9}",
                "claude-sonnet-4-5 | 'max_tokens':5000,'temperature':0.5,'reasoning_effort':'low' | {'max_tokens':5000,'thinking':{'type':'enabled','budget_tokens':1024}}",
                // Budgets.
                "claude-3-5-sonnet-20241022 | 'reasoning_effort':'high','temperature':0.5 | {'max_tokens':8192,'temperature':0.5}",
                "claude-sonnet-4-5 | 'reasoning_effort':'none' | {'max_tokens':64000}",
                "claude-sonnet-4-5 | 'reasoning_effort':'minimal' | {'max_tokens':64000,'thinking':{'type':'enabled','budget_tokens':1024}}",
                "claude-sonnet-4-5 | 'thinking':{'type':'enabled','budget_tokens':63000} | {'max_tokens':67096,'thinking':{'type':'enabled','budget_tokens':63000}}",
                "some-copy | 'reasoning_effort':'high' | {'max_tokens':8192,'thinking':{'type':'enabled','budget_tokens':4096}}",
                "claude-sonnet-4-5 | 'reasoning_effort':'high','max_tokens':4097 | {'max_tokens':4097,'thinking':{'type':'enabled','budget_tokens':4096}}",
                "claude-sonnet-4-5 | 'reasoning_effort':'high','max_tokens':4096 | {'max_tokens':4096,'thinking':{'type':'enabled','budget_tokens':3072}}",
                "claude-sonnet-4-5 | 'reasoning_effort':'low','max_tokens':1025 | {'max_tokens':1025,'thinking':{'type':'enabled','budget_tokens':1024}}",
                "claude-sonnet-4-5 | 'reasoning_effort':'low','max_tokens':1024,'top_p':0.9 | {'max_tokens':1024,'top_p':0.9}",
                "claude-sonnet-4-5 | 'thinking':{'type':'adaptive'} | {'max_tokens':64000,'thinking':{'type':'enabled','budget_tokens':2048}}",
                "claude-sonnet-4-6 | 'thinking':{'type':'enabled','budget_tokens':2000} | {'max_tokens':64000,'thinking':{'type':'enabled','budget_tokens':2000}}",
                // Adaptive thinking.
                "claude-sonnet-4-6 | 'reasoning_effort':'minimal','temperature':0.5 | {'max_tokens':64000,'thinking':{'type':'adaptive'},'output_config':{'effort':'low'}}",
                "claude-opus-4-6 | 'reasoning_effort':'xhigh' | {'max_tokens':64000,'thinking':{'type':'adaptive'},'output_config':{'effort':'high'}}",
                "claude-opus-4-7 | 'reasoning_effort':'xhigh' | {'max_tokens':64000,'thinking':{'type':'adaptive'},'output_config':{'effort':'xhigh'}}",
                "claude-opus-4-7 | 'reasoning_effort':'max','max_tokens':50 | {'max_tokens':50,'thinking':{'type':'adaptive'},'output_config':{'effort':'max'}}",
                "claude-opus-4-7 | 'thinking':{'type':'enabled','budget_tokens':1500} | {'max_tokens':64000,'thinking':{'type':'adaptive'},'output_config':{'effort':'medium'}}",
                "claude-opus-4-7 | 'thinking':{'type':'adaptive'} | {'max_tokens':64000,'thinking':{'type':'adaptive'}}",
                "claude-opus-4-7 | 'reasoning_effort':'low','output_config':{'effort':'max','format':{'type':'x'}} | {'max_tokens':64000,'thinking':{'type':'adaptive'},'output_config':{'effort':'max','format':{'type':'x'}}}",
                "claude-opus-4-7 | 'reasoning_effort':'low','output_config':{'format':{'type':'x'}} | {'max_tokens':64000,'thinking':{'type':'adaptive'},'output_config':{'effort':'low','format':{'type':'x'}}}",
                "claude-opus-4-7 | 'output_config':{'effort':'low'} | {'max_tokens':64000,'output_config':{'effort':'low'}}",
                // Thinking that is on by itself.
                "claude-opus-4-8 | 'reasoning_effort':'none' | {'max_tokens':64000}",
                "claude-sonnet-5 | 'reasoning_effort':'none' | {'max_tokens':64000,'thinking':{'type':'disabled'}}",
                "claude-fable-5 | 'reasoning_effort':'none' | {'max_tokens':64000,'output_config':{'effort':'low'}}",
                "claude-opus-5-5 | 'thinking':{'type':'disabled'} | {'max_tokens':64000,'output_config':{'effort':'low'}}"
            })
    void eachGenerationIsToldInItsOwnWay(String model, String members, String expected) {
        assertThat(settings(sentWith(model, members == null ? "" : members))).isEqualTo(json(expected));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                // What the assistant's turn holds beside its tool call, and whether thinking may be asked for.
                "'content':null | false",
                "'content':'Wait.' | false",
                "'content':null,'thinking_blocks':[{'type':'thinking','thinking':'Hm','signature':''}] | false",
                "'content':null,'thinking_blocks':[{'type':'thinking','thinking':'Hm'}] | false",
                "'content':null,'thinking_blocks':[{'type':'thinking','thinking':'Hm','signature':'S'}] | true",
                "'content':'Wait.','thinking_blocks':[{'type':'redacted_thinking','data':'D'}] | true"
            })
    void budgetsAreLeftOutAfterToolCallsWhoseThinkingIsLost(String assistant, boolean thinks) {
        String call = "'tool_calls':[{'id':'c','type':'function','function':{'name':'f','arguments':'{}'}}]";
        String body = "{'messages':[{'role':'user','content':'Hi'},{'role':'assistant'," + assistant + "," + call
                + "},{'role':'tool','tool_call_id':'c','content':'3'}],'reasoning_effort':'low','temperature':0.5}";

        JsonNode old = sent(Claude.BUDGETS, body);
        assertThat(old.has("thinking")).isEqualTo(thinks);
        assertThat(old.has("temperature")).isEqualTo(!thinks);
        assertThat(sent("claude-sonnet-4-6", body).path("thinking").path("type").asText())
                .isEqualTo("adaptive");
        assertThat(sent(
                                Claude.BUDGETS,
                                body.replace("],'reasoning", ",{'role':'assistant','content':'3.'}],'reasoning"))
                        .has("thinking"))
                .as("an answered call matters no more")
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "claude-sonnet-4-5 | | {'type':'any'} | null",
                "claude-sonnet-4-5 | 'reasoning_effort':'low' | {'type':'auto'} | {'type':'enabled','budget_tokens':1024}",
                "claude-sonnet-4-6 | 'reasoning_effort':'low' | {'type':'auto'} | {'type':'adaptive'}",
                "claude-sonnet-5 | | {'type':'any'} | {'type':'disabled'}",
                "claude-opus-5-5 | | {'type':'auto'} | null"
            })
    void aForcedToolAndThinkingNeverMeet(String model, String members, String choice, String thinking) {
        JsonNode body = sentWith(
                model,
                "'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':'required'"
                        + (members == null ? "" : "," + members));

        assertThat(body.get("tool_choice")).isEqualTo(json(choice));
        assertThat(String.valueOf(body.get("thinking")).replace('"', '\'')).isEqualTo(thinking);
    }

    private static JsonNode settings(JsonNode body) {
        ObjectNode rest = Json.object();
        rest.setAll((ObjectNode) body);
        return rest.remove(CONVERSATION);
    }
}
