package dev.tollgate.gateway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.gateway.surface.BodyScan;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Surface;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrantingTest {
    private static Call call(String body) {
        Buffer bytes = Buffer.buffer(body);
        BodyScan.Result.Scanned scanned = (BodyScan.Result.Scanned) BodyScan.scan(bytes, null);
        return new Call("id", Surface.CHAT, Caller.ANYONE, scanned.envelope(), Map.of(), bytes, 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model\":\"m\",\"temperature\":0.10}                | {\"model\":\"m\",\"temperature\":0.10,\"max_completion_tokens\":7}",
                "{\"model\":\"m\",\"max_tokens\":100,\"top_k\":1e-7}   | {\"model\":\"m\",\"max_tokens\":7,\"top_k\":1E-7}",
                "{\"model\":\"m\",\"max_tokens\":3}                    | {\"model\":\"m\",\"max_tokens\":3}",
                "{\"model\":\"m\",\"max_tokens\":8000.0}               | {\"model\":\"m\",\"max_tokens\":7}",
                "{\"model\":\"m\",\"max_completion_tokens\":\"8000\"}  | {\"model\":\"m\",\"max_completion_tokens\":7}",
                "{\"model\":\"m\",\"max_tokens\":null}                 | {\"model\":\"m\",\"max_tokens\":null,\"max_completion_tokens\":7}",
            })
    void noMoreIsGeneratedThanIsPaidFor(String body, String changed) {
        Call granted = Granting.applied(
                call(body), new Admission.Granted(null, new Admission.Cap(7, "max_completion_tokens"), Map.of()));
        assertThat(granted.body()).hasToString(changed);
        assertThat(granted.envelope().maxTokens()).isEqualTo(body.contains(":3}") ? 3 : 7);
        assertThat(granted.envelope().modelSpan()).isNotNull();
    }

    @Test
    void anotherModelIsAskedFor() {
        Call granted = Granting.applied(call("{\"model\":\"mine\"}"), new Admission.Granted("real", null, Map.of()));
        assertThat(granted.envelope().model()).isEqualTo("real");
        assertThat(new JsonObject(granted.body()).getString("model")).isEqualTo("mine");
    }

    @Test
    void anEndUsersRegionHoldsWhateverTheClientSays() {
        Call asked = call("{\"model\":\"m\",\"allowed_model_region\":\"us\"}");
        assertThat(Granting.applied(asked, Admission.Granted.PLAIN.within("eu"))
                        .envelope()
                        .marks()
                        .region())
                .isEqualTo("eu");
        assertThat(Granting.applied(asked, Admission.Granted.PLAIN.within(null))
                        .envelope()
                        .marks()
                        .region())
                .isEqualTo("us");
    }
}
