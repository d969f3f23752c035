package dev.tollgate.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.cluster.Keyring;
import dev.tollgate.config.GeneralSettings;
import dev.tollgate.protocol.Authentication;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Secret;
import io.vertx.core.MultiMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class AuthenticatorTest {
    private static final GeneralSettings KEYED =
            new GeneralSettings(Secret.of("sk-1234"), null, 1, true, false, false, null);
    private static final String HASH = "826c139c00309fc1dc998a9592fcbea4195061b8f2ab52360377e62bff3f2e80";
    private static final Keyring KEYS = new Keyring();

    private static Authentication with(String header, String value) {
        return new Authenticator(KEYED, KEYS)
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
        assertThat(new Authenticator(KEYED, KEYS).authenticate(headers)).isInstanceOf(Authentication.Refused.class);
    }

    @Test
    void other_keys_are_looked_up_by_their_hash() {
        Caller anna = Caller.ofKey(HASH, List.of());
        Keyring ring = new Keyring();
        assertThat(refusal(new Authenticator(KEYED, ring), "sk-annas-key").status())
                .as("before the keys are there")
                .isEqualTo(503);
        ring.fill(hash -> hash.equals(HASH)
                ? new Authentication.Known(anna)
                : new Authentication.Refused(Failure.of(FailureKind.AUTHENTICATION, "no such key")));
        Authenticator authenticator = new Authenticator(KEYED, ring);
        assertThat(authenticator.authenticate(key("sk-annas-key"))).isEqualTo(new Authentication.Known(anna));
        assertThat(refusal(authenticator, "sk-bobs-key").status()).isEqualTo(401);
    }

    private static Failure refusal(Authenticator authenticator, String key) {
        return ((Authentication.Refused) authenticator.authenticate(key(key))).failure();
    }

    private static MultiMap key(String key) {
        return MultiMap.caseInsensitiveMultiMap().add("Authorization", "Bearer " + key);
    }

    @Test
    void on_an_open_gateway_a_key_that_exists_counts_and_others_are_anyone() {
        Caller anna = Caller.ofKey(HASH, List.of());
        Keyring ring = new Keyring();
        Authenticator open = new Authenticator(GeneralSettings.DEFAULT, ring);
        Authentication.Known anyone = new Authentication.Known(Caller.ANYONE);
        assertThat(open.authenticate(key("sk-annas-key")))
                .as("while there are no keys")
                .isEqualTo(anyone);
        ring.anyKeys(() -> true);
        assertThat(refusal(open, "sk-annas-key").status())
                .as("before they are there: it may be blocked")
                .isEqualTo(503);
        assertThat(open.authenticate(key("none"))).as("no such key can be").isEqualTo(anyone);
        assertThat(open.authenticate(MultiMap.caseInsensitiveMultiMap())).isEqualTo(anyone);
        Failure unknown = Failure.of(FailureKind.AUTHENTICATION, "no such key").withType("token_not_found_in_db");
        ring.fill(hash -> hash.equals(HASH) ? new Authentication.Known(anna) : new Authentication.Refused(unknown));
        assertThat(open.authenticate(key("sk-annas-key"))).isEqualTo(new Authentication.Known(anna));
        assertThat(open.authenticate(key("sk-bobs-key"))).isEqualTo(anyone);
        assertThat(open.authenticate(MultiMap.caseInsensitiveMultiMap())).isEqualTo(anyone);
        ring.fill(_ -> new Authentication.Refused(Failure.of(FailureKind.AUTHENTICATION, "Key is blocked")));
        assertThat(refusal(open, "sk-annas-key").message()).isEqualTo("Key is blocked");
    }

    @Test
    void without_a_master_key_anyone_may_call() {
        assertThat(new Authenticator(GeneralSettings.DEFAULT, KEYS).authenticate(MultiMap.caseInsensitiveMultiMap()))
                .isInstanceOf(Authentication.Known.class);
    }
}
