package dev.tollgate.provider.dialect.anthropic;

import static dev.tollgate.provider.dialect.anthropic.Claude.json;
import static dev.tollgate.provider.dialect.anthropic.Claude.sent;
import static dev.tollgate.provider.dialect.anthropic.Claude.sentWith;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tollgate.provider.wire.BadPayload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of OpenAI's API as Anthropic is sent them. */
class AnthropicRequestTest {
    private static final String TOOL = "{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}";
    private static final String SCHEMA =
            "'response_format':{'type':'json_schema','json_schema':{'name':'n','schema':{'type':'object','title':'T'}}}";

    @Test
    void aWholeConversationIsWrittenBlockByBlock() {
        JsonNode body = sent(Claude.OLD, """
                {'messages':[
                  {'role':'system','content':[{'type':'text','text':'Be brief.','cache_control':{'type':'ephemeral'}}]},
                  {'role':'user','content':[{'type':'text','text':'What is this?'},
                    {'type':'image_url','image_url':{'url':'data:image/jpg;base64,QUJD'}},
                    {'type':'image_url','image_url':'https://example.com/a.png'}]},
                  {'role':'assistant','content':'I look.','tool_calls':[
                    {'id':'call.1','type':'function','function':{'name':'look','arguments':'{\\'at\\':1}'}},
                    {'id':'call_2','type':'function','function':{'name':'now','arguments':''}}]},
                  {'role':'tool','tool_call_id':'call.1','content':'A cat'},
                  {'role':'tool','tool_call_id':'call_2','content':''},
                  {'role':'user','content':'So?'}],
                 'tools':[{'type':'function','function':{'name':'look','description':'Looks.',
                    'parameters':{'properties':{'at':{'type':'integer'}}}}},
                   {'type':'function','function':{'name':'now','parameters':null}}],
                 'tool_choice':'auto','parallel_tool_calls':false,'stop':['END',' '],'user':'u-1','stream':true,
                 'max_tokens':50}""");
        String id = AnthropicBlocks.id("call.1");

        assertThat(body).isEqualTo(json("""
                {'model':'claude-3-5-sonnet-20241022','max_tokens':50,
                 'system':[{'type':'text','text':'Be brief.','cache_control':{'type':'ephemeral'}}],
                 'messages':[
                  {'role':'user','content':[{'type':'text','text':'What is this?'},
                    {'type':'image','source':{'type':'base64','media_type':'image/jpeg','data':'QUJD'}},
                    {'type':'image','source':{'type':'url','url':'https://example.com/a.png'}}]},
                  {'role':'assistant','content':[{'type':'text','text':'I look.'},
                    {'type':'tool_use','id':'ID','name':'look','input':{'at':1}},
                    {'type':'tool_use','id':'call_2','name':'now','input':{}}]},
                  {'role':'user','content':[
                    {'type':'tool_result','tool_use_id':'ID','content':[{'type':'text','text':'A cat'}]},
                    {'type':'tool_result','tool_use_id':'call_2'},
                    {'type':'text','text':'So?'}]}],
                 'tools':[{'name':'look','description':'Looks.',
                    'input_schema':{'type':'object','properties':{'at':{'type':'integer'}}}},
                   {'name':'now','input_schema':{'type':'object','properties':{}}}],
                 'tool_choice':{'type':'auto','disable_parallel_tool_use':true},
                 'stop_sequences':['END'],'metadata':{'user_id':'u-1'},'stream':true}""".replace("ID", id)));
        assertThat(id).matches("call_1_[0-9a-f]+").isNotEqualTo(AnthropicBlocks.id("call:1"));
    }

    @Test
    void thinkingGoesBackWithItsProofOnly() {
        JsonNode body = sent(Claude.BUDGETS, """
                {'messages':[{'role':'user','content':'Hi'},
                  {'role':'assistant','content':'Yes','thinking_blocks':[
                    {'type':'thinking','thinking':'A','signature':'S'},
                    {'type':'thinking','thinking':'B','signature':''},
                    {'type':'redacted_thinking','data':'D'}]},
                  {'role':'user','content':'Go on'}]}""");

        assertThat(body.get("messages").get(1).get("content"))
                .isEqualTo(json("[{'type':'thinking','thinking':'A','signature':'S'},"
                        + "{'type':'redacted_thinking','data':'D'},{'type':'text','text':'Yes'}]"));
    }

    @Test
    void emptyMessagesAndBlankTextsAreNeverSent() {
        JsonNode body = sent(Claude.OLD, """
                {'messages':[{'role':'system','content':' '},{'role':'user','content':'A'},
                  {'role':'assistant','content':''},{'role':'user','content':[{'type':'text','text':' \\n'},
                  {'type':'text','text':'B '}]},{'role':'assistant','content':'Well, \\n'}]}""");

        assertThat(body.has("system")).isFalse();
        assertThat(body.get("messages"))
                .isEqualTo(json("[{'role':'user','content':[{'type':'text','text':'A'},{'type':'text','text':'B '}]},"
                        + "{'role':'assistant','content':[{'type':'text','text':'Well,'}]}]"));
        assertThatThrownBy(() -> sent(Claude.OLD, "{'messages':[{'role':'user','content':' '}]}"))
                .isInstanceOf(BadPayload.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'type':'image_url','image_url':{'url':'data:application/pdf;base64,QUJD'}} | {'type':'document','source':{'type':'base64','media_type':'application/pdf','data':'QUJD'}}",
                "{'type':'image_url','image_url':{'url':'data:IMAGE/JPG;base64,QUJD'}} | {'type':'image','source':{'type':'base64','media_type':'image/jpeg','data':'QUJD'}}",
                "{'type':'file','file':{'filename':'a.txt','file_data':'data:text/markdown;base64,QUJD'}} | {'type':'document','source':{'type':'text','media_type':'text/plain','data':'ABC'},'title':'a.txt'}",
                "{'type':'file','file':{'file_id':'file_1'}} | {'type':'document','source':{'type':'file','file_id':'file_1'}}",
                "{'type':'file','file':{'file_id':'https://example.com/a.pdf'}} | {'type':'document','source':{'type':'url','url':'https://example.com/a.pdf'}}"
            })
    void filesAndPicturesFindTheirBlock(String part, String block) {
        JsonNode body = sent(Claude.OLD, "{'messages':[{'role':'user','content':[" + part + "]}]}");

        assertThat(body.get("messages").get(0).get("content").get(0)).isEqualTo(json(block));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'filename':'a.pdf'}", "{'file_data':'data:text/plain;base64,Q'}"})
    void aFileWithoutUsableDataIsRefused(String file) {
        assertThatThrownBy(() -> sent(
                        Claude.OLD, "{'messages':[{'role':'user','content':[{'type':'file','file':" + file + "}]}]}"))
                .isInstanceOf(BadPayload.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'tools':[] | {'type':'tool','name':'json_tool_call','disable_parallel_tool_use':true}",
                "'tools':[TOOL] | {'type':'any','disable_parallel_tool_use':true}",
                "'tools':[TOOL],'tool_choice':'auto' | {'type':'any','disable_parallel_tool_use':true}",
                "'tools':[TOOL],'tool_choice':'none' | {'type':'tool','name':'json_tool_call','disable_parallel_tool_use':true}",
                "'tools':[TOOL],'tool_choice':{'type':'function','function':{'name':'f'}},'parallel_tool_calls':true | {'type':'tool','name':'f','disable_parallel_tool_use':true}"
            })
    void aJsonSchemaBecomesAToolWithoutOverridingTheClientsChoice(String members, String choice) {
        JsonNode body = sentWith(Claude.BUDGETS, members.replace("TOOL", TOOL) + "," + SCHEMA);

        assertThat(body.get("tool_choice")).isEqualTo(json(choice));
        assertThat(body.get("tools").get(body.get("tools").size() - 1).get("input_schema"))
                .isEqualTo(json("{'type':'object','title':'T'}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'type':'bash_20250124','name':'bash'} | {'type':'bash_20250124','name':'bash'}",
                "{'type':'tool_search_tool_regex','name':'s'} | {'type':'tool_search_tool_regex','name':'s'}",
                "{'type':'mcp_toolset','mcp_server_name':'m'} | {'type':'mcp_toolset','mcp_server_name':'m'}",
                "{'name':'g','input_schema':{'type':'object'}} | {'name':'g','input_schema':{'type':'object'}}",
                "{'type':'web_search'} | {'type':'web_search_20250305','name':'web_search'}",
                "{'type':'web_search_preview','user_location':{'type':'approximate','city':'Bern','region':null}} | {'type':'web_search_20250305','name':'web_search','user_location':{'type':'approximate','city':'Bern'}}"
            })
    void builtInToolsAreAnthropicsOwnOrTranslated(String tool, String expected) {
        assertThat(sentWith(Claude.BUDGETS, "'tools':[" + tool + "]")
                        .get("tools")
                        .get(0))
                .isEqualTo(json(expected));
    }

    @Test
    void webSearchOptionsBecomeTheSearchTool() {
        JsonNode body =
                sentWith(Claude.BUDGETS, "'web_search_options':{'user_location':{'approximate':{'country':'CH'}}}");

        assertThat(body.get("tools"))
                .isEqualTo(json("[{'type':'web_search_20250305','name':'web_search',"
                        + "'user_location':{'type':'approximate','country':'CH'}}]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file_search", "code_interpreter", "image_generation"})
    void toolsOfOtherProvidersAreRefusedByName(String type) {
        assertThatThrownBy(() -> sentWith(Claude.BUDGETS, "'tools':[{'type':'" + type + "'}]"))
                .isInstanceOf(BadPayload.class)
                .hasMessageContaining(type);
    }
}
