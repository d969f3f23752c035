package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Six kinds of provider in one list, each in its own language, called through both official SDKs. */
class ManyProvidersIT {
    private static final String CONFIG = """
            model_list:
              - model_name: llama
                litellm_params:
                  model: ollama/llama3.1
                  api_base: OLLAMA
              - model_name: gpt
                litellm_params:
                  model: openai/gpt-4o-mini
                  api_base: OPENAI/v1
                  api_key: os.environ/OPENAI_API_KEY
              - model_name: gemini
                litellm_params:
                  model: gemini/gemini-2.5-flash
                  api_base: GEMINI
                  api_key: os.environ/GEMINI_API_KEY
              - model_name: claude
                litellm_params:
                  model: anthropic/claude-sonnet-4-5
                  api_base: ANTHROPIC
                  api_key: os.environ/ANTHROPIC_API_KEY
              - model_name: zephyr
                litellm_params:
                  model: huggingface/HuggingFaceH4/zephyr-7b-beta
                  api_base: HUGGING/v1
                  api_key: os.environ/HF_TOKEN
              - model_name: studio
                litellm_params:
                  model: openai/local-model
                  api_base: STUDIO/v1
            router_settings:
              fallbacks: [{llama: [gpt]}]
              routing_strategy: simple-shuffle
              num_retries: 2
              timeout: 60
              allowed_fails: 3
            general_settings:
              set_verbose: true
              json_logs: true
            """;

    @TempDir
    static Path folder;

    private static final Map<String, Upstream> UPSTREAMS = new HashMap<>();
    private static Tollgate tollgate;
    private static OpenAIClient openAi;
    private static AnthropicClient anthropic;

    @BeforeAll
    static void start() throws Exception {
        UPSTREAMS.put("OLLAMA", Upstream.answering(Scripts.ollama()));
        UPSTREAMS.put("OPENAI", Upstream.answering(Scripts.openAi("OpenAI")));
        UPSTREAMS.put("GEMINI", Upstream.answering(Scripts.gemini()));
        UPSTREAMS.put("ANTHROPIC", Upstream.answering(Scripts.anthropic()));
        UPSTREAMS.put("HUGGING", Upstream.answering(Scripts.openAi("HuggingFace")));
        UPSTREAMS.put("STUDIO", Upstream.answering(Scripts.openAi("LM Studio")));
        String config = CONFIG;
        for (var upstream : UPSTREAMS.entrySet()) {
            config = config.replace(
                    "api_base: " + upstream.getKey(),
                    "api_base: " + upstream.getValue().url());
        }
        tollgate = new Tollgate.Setup(folder)
                .config(config)
                .env("OPENAI_API_KEY", "sk-openai")
                .env("GEMINI_API_KEY", "gemini-key")
                .env("ANTHROPIC_API_KEY", "anthropic-key")
                .env("HF_TOKEN", "hf-key")
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
        UPSTREAMS.values().forEach(Upstream::close);
    }

    @ParameterizedTest
    @CsvSource({
        "llama,Hello from Ollama",
        "gpt,Hello from OpenAI",
        "gemini,Hello from Gemini",
        "claude,Hello from Anthropic",
        "zephyr,Hello from HuggingFace",
        "studio,Hello from LM Studio"
    })
    void everyProviderAnswersOpenAisSdk(String model, String text) {
        var request = ChatCompletionCreateParams.builder()
                .model(model)
                .addUserMessage("Hi")
                .build();

        var whole = openAi.chat().completions().create(request);
        assertThat(whole.choices().getFirst().message().content()).contains(text);
        assertThat(whole.model()).isEqualTo(model);
        assertThat(whole.usage().orElseThrow().promptTokens()).isEqualTo(12);
        assertThat(whole.usage().orElseThrow().completionTokens()).isEqualTo(5);

        try (var stream = openAi.chat().completions().createStreaming(request)) {
            List<ChatCompletionChunk> chunks = stream.stream().toList();
            assertThat(chunks.stream()
                            .flatMap(chunk -> chunk.choices().stream())
                            .flatMap(choice -> choice.delta().content().stream())
                            .collect(Collectors.joining()))
                    .isEqualTo(text);
            assertThat(chunks.stream()
                            .flatMap(chunk -> chunk.choices().stream())
                            .flatMap(choice -> choice.finishReason().stream()))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "llama,Hello from Ollama",
        "gpt,Hello from OpenAI",
        "gemini,Hello from Gemini",
        "claude,Hello from Anthropic",
        "zephyr,Hello from HuggingFace",
        "studio,Hello from LM Studio"
    })
    void everyProviderAnswersAnthropicsSdk(String model, String text) {
        var request = MessageCreateParams.builder()
                .model(model)
                .maxTokens(100)
                .addUserMessage("Hi")
                .build();

        Message whole = anthropic.messages().create(request);
        assertThat(whole.content().getFirst().asText().text()).isEqualTo(text);
        assertThat(whole.model().toString()).isEqualTo(model);
        assertThat(whole.usage().inputTokens()).isEqualTo(12);
        assertThat(whole.usage().outputTokens()).isEqualTo(5);

        try (StreamResponse<RawMessageStreamEvent> stream = anthropic.messages().createStreaming(request)) {
            List<RawMessageStreamEvent> events = stream.stream().toList();
            assertThat(events.getFirst().isMessageStart()).isTrue();
            assertThat(events.getLast().isMessageStop()).isTrue();
            assertThat(events.stream()
                            .filter(RawMessageStreamEvent::isContentBlockDelta)
                            .map(event ->
                                    event.asContentBlockDelta().delta().asText().text())
                            .collect(Collectors.joining()))
                    .isEqualTo(text);
            var end = events.stream()
                    .filter(RawMessageStreamEvent::isMessageDelta)
                    .toList();
            assertThat(end).hasSize(1);
            assertThat(end.getFirst().asMessageDelta().usage().outputTokens()).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"claude", "gpt", "llama"})
    void tokensAreCounted(String model) {
        var counted = anthropic
                .messages()
                .countTokens(MessageCountTokensParams.builder()
                        .model(model)
                        .addUserMessage("How many tokens are in this sentence, roughly?")
                        .build());

        assertThat(counted.inputTokens()).isBetween(8L, 30L);
    }

    @Test
    void keysGoOnlyToTheirOwners() throws Exception {
        Http http = new Http(tollgate.url());
        for (String model : List.of("llama", "gpt", "gemini", "claude", "zephyr", "studio")) {
            assertThat(http.post("/v1/chat/completions", Http.chat(model)).statusCode())
                    .isEqualTo(200);
        }

        assertThat(UPSTREAMS.get("OPENAI").last().headers().get("authorization"))
                .isEqualTo("Bearer sk-openai");
        assertThat(UPSTREAMS.get("GEMINI").last().headers().get("x-goog-api-key"))
                .isEqualTo("gemini-key");
        assertThat(UPSTREAMS.get("ANTHROPIC").last().headers().get("x-api-key")).isEqualTo("anthropic-key");
        assertThat(UPSTREAMS.get("HUGGING").last().headers().get("authorization"))
                .isEqualTo("Bearer hf-key");
        assertThat(UPSTREAMS.get("STUDIO").last().headers().get("authorization"))
                .isNull();
        assertThat(UPSTREAMS.get("OLLAMA").last().headers().get("authorization"))
                .isNull();
    }

    @Test
    void anAnthropicBodyReachesAnthropicWithWhatWeDoNotKnow() throws Exception {
        var answer = new Http(tollgate.url())
                .post(
                        "/v1/messages",
                        "{\"model\":\"claude\",\"max_tokens\":9,\"messages\":[],\"parameter_of_the_future\":{\"a\":[1]}}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(UPSTREAMS.get("ANTHROPIC").last().text())
                .contains("\"parameter_of_the_future\":{\"a\":[1]}")
                .contains("\"model\":\"claude-sonnet-4-5\"");
    }

    @Test
    void embeddingsComeFromOllamaToo() {
        var answer = openAi.embeddings()
                .create(EmbeddingCreateParams.builder()
                        .model("llama")
                        .input("Hi")
                        .encodingFormat(EmbeddingCreateParams.EncodingFormat.FLOAT)
                        .build());

        assertThat(answer.data().getFirst().embedding()).containsExactly(0.5f, -0.25f);
    }

    @Test
    void theLogIsJson() {
        assertThat(tollgate.lines().stream().filter(line -> line.startsWith("{")))
                .isNotEmpty();
    }

    @Test
    void whenOllamaStopsTheFallbackAnswers() throws Exception {
        String config = CONFIG;
        for (var upstream : UPSTREAMS.entrySet()) {
            config = config.replace(
                    "api_base: " + upstream.getKey(),
                    "api_base: " + upstream.getValue().url());
        }
        Upstream dying = Upstream.answering(Scripts.ollama());
        Path other = folder.resolve("other");
        try (Tollgate second = new Tollgate.Setup(other)
                .config(config.replace(UPSTREAMS.get("OLLAMA").url(), dying.url()))
                .env("OPENAI_API_KEY", "sk-openai")
                .env("GEMINI_API_KEY", "gemini-key")
                .env("ANTHROPIC_API_KEY", "anthropic-key")
                .env("HF_TOKEN", "hf-key")
                .start()) {
            Http http = new Http(second.url());
            assertThat(Http.content(http.post("/v1/chat/completions", Http.chat("llama"))))
                    .isEqualTo("Hello from Ollama");

            dying.close();

            var answer = http.post("/v1/chat/completions", Http.chat("llama"));
            assertThat(Http.content(answer)).isEqualTo("Hello from OpenAI");
            assertThat(answer.headers().firstValue("x-litellm-attempted-fallbacks"))
                    .contains("1");
            var streamed = http.post("/v1/chat/completions", Http.streamedChat("llama"));
            assertThat(streamed.body()).contains("OpenAI").endsWith("data: [DONE]\n\n");
        }
    }
}
