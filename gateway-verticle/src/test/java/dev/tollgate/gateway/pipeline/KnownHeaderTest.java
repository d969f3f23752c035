package dev.tollgate.gateway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownHeaderTest {
    private static MultiMap set(KnownHeader header, String value) {
        MultiMap headers = HttpHeaders.headers();
        header.set(headers, value);
        return headers;
    }

    @Test
    void eachAnswerHasItsOwnValueHoweverOftenOneIsRepeated() {
        KnownHeader header = KnownHeader.of("x-ratelimit-team-remaining-requests");
        for (String value : List.of("9", "9", "9", "8", "9", "", "", "7")) {
            MultiMap headers = set(header, value);
            assertThat(headers.getAll("X-RateLimit-Team-Remaining-Requests")).containsExactly(value);
            assertThat(headers.size()).isEqualTo(1);
        }
    }

    @Test
    void aNumberIsSetInTheSameWay() {
        KnownHeader header = KnownHeader.of("x-ratelimit-team-remaining-requests");
        for (String value : List.of("9", "9", "8", "9")) {
            MultiMap headers = HttpHeaders.headers().add("x-ratelimit-team-remaining-requests", "old");
            header.setPlain(headers, value);
            assertThat(headers.getAll("X-RateLimit-Team-Remaining-Requests")).containsExactly(value);
        }
    }

    @Test
    void whatAHeaderMayNotHoldIsReplacedTheFirstTimeAndEveryTime() {
        KnownHeader header = KnownHeader.of("x-litellm-key-alias");
        for (int i = 0; i < 3; i++) {
            assertThat(set(header, "a\r\nb: ü").get("x-litellm-key-alias")).isEqualTo("a??b: ?");
        }
    }

    @Test
    void aProvidersRateLimitsAreToldUnderTheirOwnNameToo() {
        MultiMap headers = set(KnownHeader.of("llm_provider-X-RateLimit-Remaining-Tokens"), "12");
        assertThat(headers.get("x-ratelimit-remaining-tokens")).isEqualTo("12");
        assertThat(headers.get("llm_provider-x-ratelimit-remaining-tokens")).isEqualTo("12");
        assertThat(headers.size()).isEqualTo(2);
        assertThat(set(KnownHeader.of("llm_provider-x-request-id"), "r").size()).isEqualTo(1);
        assertThat(set(KnownHeader.of("x-other-x-ratelimit-x"), "r").size()).isEqualTo(1);
    }
}
