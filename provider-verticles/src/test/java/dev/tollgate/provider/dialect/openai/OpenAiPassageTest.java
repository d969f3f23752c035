package dev.tollgate.provider.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Passage;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiPassageTest {
    private final OpenAiPassage passage = new OpenAiPassage();

    private Passage.Whole whole(String body) {
        return passage.whole(Buffer.buffer(body), "my \"é\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{'model':'gpt-4o','id':1}|{'model':'my \\'é\\'','id':1}",
                "{'id':1 , 'model' : 'gpt-4o' }|{'id':1 , 'model' : 'my \\'é\\'' }",
                "{'choices':[{'model':'x','message':{'content':'model'}}],'model':'gpt-4o'}"
                        + "|{'choices':[{'model':'x','message':{'content':'model'}}],'model':'my \\'é\\''}",
                "{'mod\\u0065l':'g\\u0070t-4o'}|{'mod\\u0065l':'my \\'é\\''}",
                "{'ü':'é','model':'gpt-4o'}|{'ü':'é','model':'my \\'é\\''}",
                "{'model':null,'id':1}|{'model':null,'id':1}",
                "{'id':1}|{'id':1}",
                "{}|{}",
            })
    void onlyTheTopLevelModelIsRenamed(String body, String expected) {
        Passage.Whole whole = whole(body.replace('\'', '"'));
        assertThat(whole.body().toString()).isEqualTo(expected.replace('\'', '"'));
        assertThat(whole.upstreamModel()).isEqualTo(body.contains("4o") ? "gpt-4o" : null);
    }

    @Test
    void aSliceOfALargerBufferPassesAsWell() {
        Buffer large = Buffer.buffer("xxxxx{\"a\":1,\"model\":\"gpt\",\"b\":2}yy");
        Passage.Whole whole = passage.whole(large.slice(5, large.length() - 2), "m");
        assertThat(whole.body().toString()).isEqualTo("{\"a\":1,\"model\":\"m\",\"b\":2}");
    }

    /** {@code prompt read write audio | completion reasoning audio}, as the answer's usage comes out. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{'prompt_tokens':10,'completion_tokens':5,'total_tokens':15}|10 0 0 0|5 0 0",
                "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':4,'audio_tokens':3},"
                        + "'completion_tokens_details':{'reasoning_tokens':2,'audio_tokens':1}}|10 4 0 3|5 2 1",
                "{'prompt_tokens':10,'prompt_cache_hit_tokens':7,'prompt_cache_miss_tokens':3,'completion_tokens':1}|10 7 0 0|1 0 0",
                "{'prompt_tokens':10,'completion_tokens':1,'cache_read_input_tokens':2,'cache_creation_input_tokens':3,"
                        + "'prompt_tokens_details':{'cached_tokens':2,'cache_creation_tokens':3}}|10 2 3 0|1 0 0",
                "{'input_tokens':10,'output_tokens':5,'input_tokens_details':{'cached_tokens':1},"
                        + "'output_tokens_details':{'reasoning_tokens':4}}|10 1 0 0|5 4 0",
                "{'prompt_tokens':10,'completion_tokens':5,'total_tokens':65,'completion_tokens_details':{'reasoning_tokens':50}}"
                        + "|10 0 0 0|55 50 0",
                "{'prompt_tokens':10,'completion_tokens':60,'total_tokens':70,'completion_tokens_details':{'reasoning_tokens':50}}"
                        + "|10 0 0 0|60 50 0",
                "{'prompt_tokens':10.0,'completion_tokens':-5,'prompt_tokens_details':null,'x':{'prompt_tokens':99}}|10 0 0 0|0 0 0",
                "{'prompt_tokens':1e400,'completion_tokens':99999999999999999999}|0 0 0 0|0 0 0",
            })
    void usageIsReadInEveryDialect(String usage, String prompt, String completion) {
        Usage read = whole("{'model':'m','usage':".replace('\'', '"') + usage.replace('\'', '"') + "}")
                .usage();
        assertThat(read.reported()).isTrue();
        assertThat(read.prompt() + " " + read.cacheRead() + " " + read.cacheWrite() + " " + read.audioPrompt())
                .isEqualTo(prompt);
        assertThat(read.completion() + " " + read.reasoning() + " " + read.audioCompletion())
                .isEqualTo(completion);
    }

    /** {@code prompt | completion}, the tokens of pictures in them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'image_tokens':4},"
                        + "'completion_tokens_details':{'image_tokens':3,'reasoning_tokens':1}}|4|3",
                "{'input_tokens':10,'output_tokens':5,'input_tokens_details':{'image_tokens':4,'text_tokens':6},"
                        + "'output_tokens_details':{'image_tokens':3}}|4|3",
                "{'prompt_tokens':10,'completion_tokens':5,'image_tokens':7,'x':{'image_tokens':7}}|0|0",
            })
    void tokensOfPicturesAreReadInEveryDialect(String usage, long prompt, long completion) {
        Usage read = whole("{'model':'m','usage':".replace('\'', '"') + usage.replace('\'', '"') + "}")
                .usage();
        assertThat(read.imagePrompt()).isEqualTo(prompt);
        assertThat(read.imageCompletion()).isEqualTo(completion);
        assertThat(OpenAiUsage.of(OpenAiUsage.write(read)))
                .as("written and read")
                .isEqualTo(read);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "{}", "[]", "7", "\"many\"", "{\"prompt_tokens\":null}", "{\"cost\":{\"x\":1}}"})
    void usageWithoutAFigureIsNone(String usage) {
        assertThat(whole("{\"usage\":" + usage + ",\"model\":\"m\"}").usage()).isEqualTo(Usage.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "nonsense", "{\"model\":\"gpt", "{\"a\":1", "<html>"})
    void whatIsNoJsonObjectIsRefused(String body) {
        assertThatThrownBy(() -> whole(body)).isInstanceOf(BadPayload.class);
    }
}
