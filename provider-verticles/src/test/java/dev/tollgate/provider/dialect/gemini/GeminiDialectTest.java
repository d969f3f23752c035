package dev.tollgate.provider.dialect.gemini;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Surface;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.dialect.Samples;
import dev.tollgate.provider.dialect.openai.OpenAiEmbeddingsWire;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.EmbeddingCodec;
import dev.tollgate.provider.wire.Endpoint;
import dev.tollgate.provider.wire.Json;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeminiDialectTest {
    private static final GeminiDialect DIALECT = new GeminiDialect();

    @ParameterizedTest
    @CsvSource({
        "http://h,gemini-2.5-flash,CHAT,false,http://h/v1beta/models/gemini-2.5-flash:generateContent",
        "http://h,gemini-2.5-flash,MESSAGES,true,http://h/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
        "http://h/v1alpha,models/x,COMPLETIONS,false,http://h/v1alpha/models/x:generateContent",
        "http://h/v1,tunedModels/x,CHAT,false,http://h/v1/tunedModels/x:generateContent",
        "http://h,../x?key,CHAT,false,http://h/v1beta/models/..%2Fx%3Fkey:generateContent",
        "http://h,gemini-embedding-001,EMBEDDINGS,false,http://h/v1beta/models/gemini-embedding-001:batchEmbedContents"
    })
    void callsGoToTheModelsOwnAddress(String base, String model, Surface surface, boolean stream, String url) {
        Endpoint endpoint = DIALECT.endpoint(Samples.deployment("gemini", model, base), surface, stream, Map.of());
        assertThat(endpoint.url()).isEqualTo(url);
        assertThat(endpoint.headers()).containsExactly(Map.entry("x-goog-api-key", "s3cret"));
    }

    @Test
    void aSpentQuotaSaysHowLongToWaitAndLeavesTheHeadersAlone() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        Failure failure = DIALECT.failure("gemini", 429, headers, Buffer.buffer("""
                {"error": {"code": 429, "message": "You exceeded your current quota", "status": "RESOURCE_EXHAUSTED", "details": [
                  {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []},
                  {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "53.5s"}]}}
                """));
        assertThat(failure.kind()).isEqualTo(FailureKind.RATE_LIMIT);
        assertThat(failure.retryAfter()).isEqualTo(Duration.ofMillis(53_500));
        assertThat(failure.code()).isEqualTo("RESOURCE_EXHAUSTED");
        assertThat(failure.message()).isEqualTo("You exceeded your current quota");
        assertThat(headers.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            400 | {"error": {"message": "API key not valid.", "details": [{"reason": "API_KEY_INVALID"}]}}        | UPSTREAM_AUTHENTICATION | 401
            400 | {"error": {"message": "The input token count (9) exceeds the maximum number of tokens allowed"}} | CONTEXT_WINDOW          | 400
            400 | [{"error": {"message": "Invalid JSON payload", "status": "INVALID_ARGUMENT"}}]                   | BAD_REQUEST             | 400
            403 | {"error": {"message": "no", "status": "PERMISSION_DENIED"}}                                      | UPSTREAM_AUTHENTICATION | 403
            404 | {"error": {"message": "models/x is not found", "status": "NOT_FOUND"}}                           | NOT_FOUND               | 404
            503 | {"error": {"message": "The model is overloaded.", "status": "UNAVAILABLE"}}                      | OVERLOADED              | 503
            502 | <html>Bad gateway</html>                                                                         | BAD_GATEWAY             | 502
            500 | {}                                                                                               | UPSTREAM_ERROR          | 500
            """)
    void errorsAreTakenForWhatTheyMean(int status, String body, FailureKind kind, int shown) {
        Failure failure = DIALECT.failure("gemini", status, MultiMap.caseInsensitiveMultiMap(), Buffer.buffer(body));
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.status()).isEqualTo(shown);
        assertThat(failure.message()).isNotEmpty();
    }

    @Test
    void anErrorInsideAStreamEndsIt() {
        assertThat(Samples.read(() -> DIALECT.chat().decoder(), """
                        data: {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}

                        """))
                .singleElement()
                .isInstanceOfSatisfying(ChatEvent.Broken.class, broken -> {
                    assertThat(broken.failure().kind()).isEqualTo(FailureKind.OVERLOADED);
                    assertThat(broken.failure().message()).isEqualTo("The model is overloaded.");
                });
        assertThat(Samples.read(() -> DIALECT.chat().decoder(), "data: {\"error\": {\"code\": 13}}\n\n"))
                .singleElement()
                .isInstanceOfSatisfying(
                        ChatEvent.Broken.class,
                        broken -> assertThat(broken.failure().status()).isEqualTo(500));
    }

    @Test
    void embeddingsAreOneRequestAText() {
        EmbeddingCodec codec = Objects.requireNonNull(DIALECT.embeddings());
        var request = new OpenAiEmbeddingsWire().read(Samples.json("{\"input\": [\"a\", \"ü\"], \"dimensions\": 2}"));
        assertThat(Json.readObject(
                        codec.encode(request, Samples.deployment("gemini", "gemini-embedding-001", "http://h"))))
                .isEqualTo(Samples.json("""
                        {"requests": [
                          {"model": "models/gemini-embedding-001", "content": {"parts": [{"text": "a"}]}, "outputDimensionality": 2},
                          {"model": "models/gemini-embedding-001", "content": {"parts": [{"text": "ü"}]}, "outputDimensionality": 2}]}
                        """));
        var response = codec.decode(Buffer.buffer("{\"embeddings\": [{\"values\": [0.5, -1]}, {\"values\": [2, 3]}],"
                + " \"usageMetadata\": {\"promptTokenCount\": 3}}"));
        assertThat(response.vectors()).containsExactly(new float[] {0.5f, -1}, new float[] {2, 3});
        assertThat(response.usage().prompt()).isEqualTo(3);
        assertThatThrownBy(() -> codec.decode(Buffer.buffer("{}"))).isInstanceOf(BadPayload.class);
    }
}
