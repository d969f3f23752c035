package dev.tollgate.provider.dialect.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Surface;
import dev.tollgate.provider.wire.Endpoint;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnthropicDialectTest {
    private final AnthropicDialect dialect = new AnthropicDialect();

    @Test
    void betasOfDeploymentAndClientAreJoined() {
        Endpoint endpoint = endpoint(
                "sk-ant-api",
                Map.of("Anthropic-Beta", "a, b", "X-Team", "t"),
                Map.of("anthropic-beta", "b,c", "anthropic-version", "2024-01-01"));

        assertThat(endpoint.url()).isEqualTo("https://api.anthropic.com/v1/messages");
        assertThat(endpoint.headers())
                .isEqualTo(Map.of(
                        "x-api-key", "sk-ant-api",
                        "x-team", "t",
                        "anthropic-version", "2024-01-01",
                        "anthropic-beta", "a,b,c"));
    }

    @Test
    void subscriptionTokensAreBearersWithTheirBeta() {
        assertThat(endpoint("sk-ant-oat01-x", Map.of(), Map.of("anthropic-beta", "c"))
                        .headers())
                .isEqualTo(Map.of(
                        "authorization", "Bearer sk-ant-oat01-x",
                        "anthropic-version", "2023-06-01",
                        "anthropic-beta", "oauth-2025-04-20,c"));
    }

    @Test
    void aBlockedAnswerIsAMatterOfContentPolicy() {
        Failure failure = dialect.failure(
                "anthropic",
                400,
                MultiMap.caseInsensitiveMultiMap(),
                Buffer.buffer("{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
                        + "\"message\":\"Output blocked by content filtering policy\"}}"));

        assertThat(failure.kind()).isEqualTo(FailureKind.CONTENT_POLICY);
        assertThat(failure.status()).isEqualTo(400);
    }

    private Endpoint endpoint(String key, Map<String, String> extra, Map<String, String> forwarded) {
        return dialect.endpoint(
                Claude.deployment(Claude.OLD, key, extra, Deployment.Info.NONE), Surface.CHAT, false, forwarded);
    }
}
