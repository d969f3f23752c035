package dev.tollgate.provider.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.FailureKind;
import io.vertx.core.MultiMap;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorReaderTest {
    @ParameterizedTest
    @CsvSource({
        "400, Output blocked by content filtering policy, CONTENT_POLICY, 400",
        "403, Flagged as potentially violating, CONTENT_POLICY, 400",
        "400, prompt is too long: 9 tokens, CONTEXT_WINDOW, 400",
        "413, maximum context length is 8, CONTEXT_WINDOW, 400",
        "500, too many tokens, CONTEXT_WINDOW, 400",
        "429, too many tokens, RATE_LIMIT, 429",
        "529, Overloaded, OVERLOADED, 529"
    })
    void phrasesTellWhatAStatusDoesNot(int status, String message, FailureKind kind, int shown) {
        var failure = ErrorReader.failure("p", status, message, null, null, MultiMap.caseInsensitiveMultiMap());

        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.status()).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({
        "bad key sk-ant-api03-abcdef!, bad key ***!",
        "key=AIzaSyA1234567890_abcdefghijklmnopqrstu&x, key=***&x",
        "gsk_abcdefgh, ***",
        "AIzaShort and sk-no stay, AIzaShort and sk-no stay"
    })
    void keysAreMasked(String message, String shown) {
        assertThat(ErrorReader.clean(message)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({"retry-after, 1.5, 1500", "retry-after, soon,", "retry-after-ms, 20, 20", "retry-after, -1,"})
    void theWaitAskedForIsRead(String header, String value, @Nullable Long millis) {
        var headers = MultiMap.caseInsensitiveMultiMap().add(header, value);

        assertThat(ErrorReader.retryAfter(headers)).isEqualTo(millis == null ? null : Duration.ofMillis(millis));
    }
}
