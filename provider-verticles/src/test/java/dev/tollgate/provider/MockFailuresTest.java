package dev.tollgate.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MockFailuresTest {
    @ParameterizedTest
    @CsvSource({
        "litellm.RateLimitError, RATE_LIMIT, 429",
        "litellm.InternalServerError, UPSTREAM_ERROR, 500",
        "litellm.ContextWindowExceededError, CONTEXT_WINDOW, 400",
        "litellm.ContentPolicyViolationError, CONTENT_POLICY, 400",
        "Exception: content_filter_policy, CONTENT_POLICY, 400",
        "litellm.Timeout, TIMEOUT, 408",
        "litellm.AuthenticationError, UPSTREAM_AUTHENTICATION, 401",
        "litellm.BadRequestError, BAD_REQUEST, 400",
        "litellm.NotFoundError, NOT_FOUND, 404",
        "litellm.BadGatewayError, BAD_GATEWAY, 502",
        "litellm.ServiceUnavailableError, OVERLOADED, 503",
        "litellm.APIConnectionError, CONNECTION, 500"
    })
    void namesOfLiteLlmsErrorsStandForFailures(String text, FailureKind kind, int status) {
        Failure failure = MockFailures.named(text, "openai");
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.status()).isEqualTo(status);
        assertThat(failure.message()).contains("made up", text);
    }

    @Test
    void anythingElseIsAnAnswer() {
        for (String text : new String[] {"", "hello", "RateLimitError", "litellm.RateLimitError is what I got"}) {
            assertThat(MockFailures.named(text, "openai")).as(text).isNull();
        }
    }
}
