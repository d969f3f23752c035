package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A team's agents reach OpenAI and Ollama through nginx at {@code /api/llm/} with one key. */
class TeamBehindNginxIT {
    private static final String KEY = "sk-team-1234";
    private static final String CONFIG = """
            model_list:
              - model_name: openai/main
                litellm_params:
                  model: openai/gpt-4o
                  api_key: os.environ/OPENAI_API_KEY
              - model_name: local/llama3.1-8b
                litellm_params:
                  model: ollama/llama3.1:8b
                  api_base: %s
            model_groups:
              - name: chat-default
                models: [openai/main]
                fallback: true
            """;

    @TempDir
    static Path folder;

    private static Upstream openAi;
    private static Upstream ollama;
    private static Tollgate tollgate;
    private static Nginx nginx;
    private static OpenAIClient client;

    @BeforeAll
    static void start() throws Exception {
        openAi = Upstream.answering(Scripts.openAi("OpenAI"));
        ollama = Upstream.answering(Scripts.ollama());
        tollgate = new Tollgate.Setup(folder)
                .config(CONFIG.formatted(ollama.url()))
                .env("OPENAI_API_KEY", "sk-upstream")
                .env("OPENAI_API_BASE", openAi.url() + "/v1")
                .env("LITELLM_PROXY_KEY", KEY)
                .env("SERVER_ROOT_PATH", "/api/llm")
                .start();
        nginx = Nginx.start(folder.resolve("nginx"), """
                %s
                location /stripped/ {
                    proxy_pass http://127.0.0.1:%d/;
                    proxy_http_version 1.1;
                }
                """.formatted(shipped(tollgate.port()), tollgate.port()));
        client = OpenAIOkHttpClient.builder()
                .baseUrl(nginx.url() + "/api/llm/v1")
                .apiKey(KEY)
                .maxRetries(0)
                .build();
    }

    /** The location that we ship, for the port of this gateway. */
    private static String shipped(int port) throws IOException {
        String file = Files.readString(Path.of("..", "deploy", "nginx", "tollgate.conf"));
        assertThat(file).contains("proxy_pass http://127.0.0.1:4000;");
        return file.replace(":4000;", ":" + port + ";");
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        nginx.close();
        tollgate.close();
        openAi.close();
        ollama.close();
    }

    private static ChatCompletionCreateParams.Builder chat(String model) {
        return ChatCompletionCreateParams.builder().model(model).addUserMessage("Hi");
    }

    @Test
    void aChatReachesTheModelBehindItsName() {
        ChatCompletion answer =
                client.chat().completions().create(chat("openai/main").build());

        assertThat(answer.choices().getFirst().message().content()).contains("Hello from OpenAI");
        assertThat(answer.model()).isEqualTo("openai/main");
        assertThat(answer.usage().orElseThrow().totalTokens()).isEqualTo(17);
        assertThat(openAi.last().path()).isEqualTo("/v1/chat/completions");
        assertThat(openAi.last().headers().get("authorization")).isEqualTo("Bearer sk-upstream");
        assertThat(openAi.last().body().getString("model")).isEqualTo("gpt-4o");
    }

    @Test
    void theGroupOfNamesAnswersToo() {
        ChatCompletion answer =
                client.chat().completions().create(chat("chat-default").build());

        assertThat(answer.choices().getFirst().message().content()).contains("Hello from OpenAI");
    }

    @Test
    void whatTheGatewayDoesNotKnowComesThrough() throws Exception {
        var answer = new Http(nginx.url(), KEY)
                .post(
                        "/api/llm/v1/chat/completions",
                        "{\"model\":\"openai/main\",\"messages\":[],\"parameter_of_the_future\":{\"a\":[1]}}");

        assertThat(openAi.last().text()).contains("\"parameter_of_the_future\":{\"a\":[1]}");
        assertThat(answer.body()).contains("\"member_of_the_future\":7");
    }

    @Test
    void aStreamArrivesWithUsageWhenAsked() {
        List<ChatCompletionChunk> chunks;
        try (StreamResponse<ChatCompletionChunk> stream = client.chat()
                .completions()
                .createStreaming(chat("openai/main")
                        .streamOptions(ChatCompletionStreamOptions.builder()
                                .includeUsage(true)
                                .build())
                        .build())) {
            chunks = stream.stream().toList();
        }

        assertThat(text(chunks)).isEqualTo("Hello from OpenAI");
        assertThat(chunks).allMatch(chunk -> chunk.model().equals("openai/main"));
        assertThat(chunks.getLast().usage().orElseThrow().totalTokens()).isEqualTo(17);
    }

    @Test
    void aStreamHasNoUsageWhenNotAskedThoughTheGatewayAsksForItself() {
        List<ChatCompletionChunk> chunks;
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(chat("openai/main").build())) {
            chunks = stream.stream().toList();
        }

        assertThat(openAi.last().text()).contains("include_usage");
        assertThat(chunks).allMatch(chunk -> chunk.usage().isEmpty());
        assertThat(text(chunks)).isEqualTo("Hello from OpenAI");
    }

    private static String text(List<ChatCompletionChunk> chunks) {
        return chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .flatMap(choice -> choice.delta().content().stream())
                .collect(Collectors.joining());
    }

    @Test
    void ollamaAnswersUnderItsOwnName() {
        ChatCompletion answer =
                client.chat().completions().create(chat("local/llama3.1-8b").build());

        assertThat(answer.choices().getFirst().message().content()).contains("Hello from Ollama");
        assertThat(answer.usage().orElseThrow().promptTokens()).isEqualTo(12);
        assertThat(ollama.last().path()).isEqualTo("/api/chat");
        assertThat(ollama.last().body().getString("model")).isEqualTo("llama3.1:8b");
        assertThat(ollama.last().headers().get("authorization")).isNull();
    }

    @Test
    void ollamaStreams() {
        List<ChatCompletionChunk> chunks;
        try (StreamResponse<ChatCompletionChunk> stream = client.chat()
                .completions()
                .createStreaming(chat("local/llama3.1-8b").build())) {
            chunks = stream.stream().toList();
        }

        assertThat(text(chunks)).isEqualTo("Hello from Ollama");
    }

    @Test
    void aWrongKeyIsRefused() {
        OpenAIClient stranger = OpenAIOkHttpClient.builder()
                .baseUrl(nginx.url() + "/api/llm/v1")
                .apiKey("sk-other")
                .maxRetries(0)
                .build();

        assertThatThrownBy(() ->
                        stranger.chat().completions().create(chat("openai/main").build()))
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageNotContaining("sk-other");
        stranger.close();
    }

    @Test
    void anUnknownModelSaysWhatThereIs() {
        assertThatThrownBy(() ->
                        client.chat().completions().create(chat("openai/mian").build()))
                .isInstanceOfAny(NotFoundException.class, com.openai.errors.BadRequestException.class)
                .hasMessageContaining("openai/mian");
    }

    @Test
    void modelsAreListed() {
        assertThat(client.models().list().data().stream().map(model -> model.id()))
                .contains("openai/main", "local/llama3.1-8b", "chat-default");
    }

    @Test
    void aProxyThatStripsThePrefixWorksAsWell() throws Exception {
        assertThat(Http.content(
                        new Http(nginx.url(), KEY).post("/stripped/v1/chat/completions", Http.chat("openai/main"))))
                .isEqualTo("Hello from OpenAI");
    }

    @Test
    void theFrontPageNamesTheAddressThatTheVisitorUsed() throws Exception {
        assertThat(new Http(nginx.url()).get("/api/llm/").body())
                .contains("curl " + nginx.url() + "/api/llm/v1/chat/completions")
                .contains("href=\"/api/llm/health/readiness\"");
    }

    @Test
    void theHealthCheckProbesEveryDeployment() throws Exception {
        var health = new Http(nginx.url(), KEY).get("/api/llm/health");

        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body()).contains("\"healthy_count\":2").contains("\"unhealthy_count\":0");
        assertThat(new Http(nginx.url()).get("/api/llm/health").statusCode()).isEqualTo(401);
        assertThat(new Http(nginx.url()).get("/api/llm/health/liveliness").statusCode())
                .isEqualTo(200);
    }
}
