package dev.tollgate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Surface;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

class ErrorsTest {

    @Test
    void writes_openais_shape_with_the_code_as_a_string() {
        Failure failure = Failure.upstream(FailureKind.RATE_LIMIT, 429, "openai", "slow \"down\"");
        assertThat(new JsonObject(Errors.json(Surface.CHAT, failure, "id")))
                .isEqualTo(new JsonObject()
                        .put(
                                "error",
                                new JsonObject()
                                        .put("message", "litellm.RateLimitError: openai - slow \"down\"")
                                        .put("type", "throttling_error")
                                        .putNull("param")
                                        .put("code", "429")));
    }

    @Test
    void writes_anthropics_shape_on_anthropics_surface() {
        Failure failure = Failure.of(FailureKind.AUTHENTICATION, "no key");
        JsonObject json = new JsonObject(Errors.json(Surface.MESSAGES, failure, "id"));
        assertThat(json.getString("type")).isEqualTo("error");
        assertThat(json.getJsonObject("error").getString("type")).isEqualTo("authentication_error");
    }

    @Test
    void every_kind_has_a_type_and_a_class() {
        for (FailureKind kind : FailureKind.values()) {
            Failure failure = Failure.upstream(kind, kind.status(), "p", "m");
            assertThat(Errors.json(Surface.CHAT, failure, null).toString()).contains("litellm.");
            assertThat(Errors.event(Surface.MESSAGES, failure).toString()).startsWith("event: error\ndata: {");
        }
    }
}
