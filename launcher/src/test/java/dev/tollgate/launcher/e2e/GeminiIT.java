package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.BadRequestException;
import com.openai.models.chat.completions.ChatCompletionAudioParam;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gemini's own ways – signed calls, files by link, speech – through both official SDKs. */
class GeminiIT {
    private static final String CONFIG = """
            model_list:
              - model_name: gemini
                litellm_params:
                  model: gemini/gemini-3.8-flash
                  api_base: GEMINI
                  api_key: os.environ/GEMINI_API_KEY
              - model_name: speech
                litellm_params:
                  model: gemini/gemini-3.8-flash-tts
                  api_base: GEMINI
                  api_key: os.environ/GEMINI_API_KEY
            """;
    private static final String CALL = """
            {"functionCall":{"id":"fc1","name":"weather","args":{"city":"Rome"}},"thoughtSignature":"Zm9+/w=="}""";
    private static final String SOUND =
            "{\"inlineData\":{\"mimeType\":\"audio/l16; rate=24000; channels=1\",\"data\":\"AQI=\"}}";

    @TempDir
    static Path folder;

    private static Upstream google;
    private static Tollgate tollgate;
    private static OpenAIClient openAi;
    private static AnthropicClient anthropic;

    @BeforeAll
    static void start() throws Exception {
        google = Upstream.answering((asked, response, _) -> answer(asked, response));
        tollgate = new Tollgate.Setup(folder)
                .config(CONFIG.replace("GEMINI\n", google.url() + "\n"))
                .env("GEMINI_API_KEY", "gemini-key")
                .start();
        openAi = OpenAIOkHttpClient.builder()
                .baseUrl(tollgate.url() + "/v1")
                .apiKey("none needed")
                .maxRetries(0)
                .build();
        anthropic = AnthropicOkHttpClient.builder()
                .baseUrl(tollgate.url())
                .apiKey("none needed")
                .maxRetries(0)
                .build();
    }

    @AfterAll
    static void stop() throws Exception {
        openAi.close();
        anthropic.close();
        tollgate.close();
        google.close();
    }

    /** Calls a tool until it sees a result, and speaks when it is a speech model. */
    private static void answer(Upstream.Asked asked, HttpServerResponse response) {
        boolean done = asked.text().contains("functionResponse");
        String part = asked.path().contains("-tts") ? SOUND : done ? "{\"text\":\"Sunny.\"}" : CALL;
        String answer = "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[" + part + "]},\"index\":0,"
                + "\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":8,\"candidatesTokenCount\":4,"
                + "\"totalTokenCount\":12,\"candidatesTokensDetails\":[{\"modality\":\""
                + (part.equals(SOUND) ? "AUDIO" : "TEXT") + "\",\"tokenCount\":4}]}}";
        if (asked.path().contains(":streamGenerateContent")) {
            response.putHeader("content-type", "text/event-stream").end("data: " + answer + "\r\n\r\n");
        } else {
            response.putHeader("content-type", "application/json").end(answer);
        }
    }

    @Test
    void aStreamedToolConversationOfAnthropicsSdkKeepsTheSignature() {
        MessageCreateParams.Builder conversation = MessageCreateParams.builder()
                .model("gemini")
                .maxTokens(100)
                .addTool(Tool.builder()
                        .name("weather")
                        .inputSchema(Tool.InputSchema.builder().build())
                        .build())
                .addUserMessage("What is the weather in Rome?");
        MessageAccumulator first = MessageAccumulator.create();
        try (var stream = anthropic.messages().createStreaming(conversation.build())) {
            stream.stream().forEach(first::accumulate);
        }
        Message called = first.message();
        String id = called.content().getFirst().asToolUse().id();

        Message last = anthropic
                .messages()
                .create(conversation
                        .addMessage(called)
                        .addUserMessageOfContentBlockParams(
                                List.of(ContentBlockParam.ofToolResult(ToolResultBlockParam.builder()
                                        .toolUseId(id)
                                        .content("blue sky")
                                        .build())))
                        .build());

        assertThat(last.content().getFirst().asText().text()).isEqualTo("Sunny.");
        JsonArray turns = google.last().body().getJsonArray("contents");
        assertThat(turns.getJsonObject(1).getJsonArray("parts").getJsonObject(0))
                .isEqualTo(new JsonObject(CALL));
        assertThat(turns.getJsonObject(2)
                        .getJsonArray("parts")
                        .getJsonObject(0)
                        .getJsonObject("functionResponse")
                        .getString("id"))
                .isEqualTo("fc1");
    }

    @Test
    void speechReachesOpenAisSdk() {
        var answer = openAi.chat()
                .completions()
                .create(ChatCompletionCreateParams.builder()
                        .model("speech")
                        .addUserMessage("Good morning")
                        .modalities(List.of(ChatCompletionCreateParams.Modality.AUDIO))
                        .audio(ChatCompletionAudioParam.builder()
                                .voice("Kore")
                                .format(ChatCompletionAudioParam.Format.PCM16)
                                .build())
                        .build());

        var message = answer.choices().getFirst().message();
        assertThat(message.content()).isEmpty();
        assertThat(message.audio().orElseThrow().data()).isEqualTo("AQI=");
        assertThat(answer.usage()
                        .orElseThrow()
                        .completionTokensDetails()
                        .orElseThrow()
                        .audioTokens())
                .contains(4L);
        JsonObject config = google.last().body().getJsonObject("generationConfig");
        assertThat(config.getJsonArray("responseModalities")).containsExactly("AUDIO");
        assertThat(config.getJsonObject("speechConfig").encode()).contains("\"voiceName\":\"Kore\"");
        assertThat(config.getJsonObject("responseFormat").encode()).contains("AUDIO_L16");
    }

    @Test
    void aFileThatGoogleCannotReadIsRefusedBeforeItIsAsked() {
        int before = google.asked().size();
        var image = ChatCompletionContentPart.ofImageUrl(ChatCompletionContentPartImage.builder()
                .imageUrl(ChatCompletionContentPartImage.ImageUrl.builder()
                        .url("gs://bucket/picture.png")
                        .build())
                .build());

        assertThatThrownBy(() -> openAi.chat()
                        .completions()
                        .create(ChatCompletionCreateParams.builder()
                                .model("gemini")
                                .addUserMessageOfArrayOfContentParts(List.of(image))
                                .build()))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("signed https link");
        assertThat(google.asked()).hasSize(before);
    }
}
