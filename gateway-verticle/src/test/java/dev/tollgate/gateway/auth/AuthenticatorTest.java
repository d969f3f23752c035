package dev.tollgate.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.GeneralSettings;
import dev.tollgate.protocol.Secret;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Test;

class AuthenticatorTest {
    private static final GeneralSettings KEYED =
            new GeneralSettings(Secret.of("sk-1234"), null, 1, true, false, false, null);

    private static Authentication with(String header, String value) {
        return new Authenticator(KEYED)
                .authenticate(MultiMap.caseInsensitiveMultiMap().add(header, value));
    }

    @Test
    void takes_the_key_from_each_of_litellms_headers() {
        for (String header : new String[] {"x-litellm-api-key", "api-key", "x-api-key", "x-goog-api-key"}) {
            assertThat(with(header, "sk-1234")).as(header).isInstanceOf(Authentication.Known.class);
        }
        assertThat(with("Authorization", "Bearer sk-1234")).isInstanceOf(Authentication.Known.class);
    }

    @Test
    void a_wrong_first_header_is_not_skipped() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap()
                .add("x-litellm-api-key", "wrong")
                .add("Authorization", "Bearer sk-1234");
        assertThat(new Authenticator(KEYED).authenticate(headers)).isInstanceOf(Authentication.Refused.class);
    }

    @Test
    void does_not_repeat_the_key_it_refuses() {
        Authentication.Refused refused = (Authentication.Refused) with("Authorization", "Bearer sk-mistyped-secret");
        assertThat(refused.failure().message()).doesNotContain("mistyped").contains("authorization");
        assertThat(refused.failure().status()).isEqualTo(401);
    }

    @Test
    void without_a_master_key_anyone_may_call() {
        assertThat(new Authenticator(GeneralSettings.DEFAULT).authenticate(MultiMap.caseInsensitiveMultiMap()))
                .isInstanceOf(Authentication.Known.class);
    }
}
