package dev.tollgate.accounting.stored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.accounting.book.Kind;
import dev.tollgate.protocol.Secret;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class SealTest {
    private static final int FEW = 10;
    private static final Secret SALT = Secret.of("sk-salt-Ä");
    private static final Secret MASTER = Secret.of("sk-master");
    private static final String CLEAR = "{\"api_key\":\"sk-verysecret-ü\"}";

    @Test
    void whatIsSealedOpensOnlyUnderItsKeyAndAsItsOwnEntry() throws Seal.Broken {
        Seal seal = Seal.of(SALT, FEW);
        String sealed = seal.close(Kind.MODEL, "m-1", CLEAR);
        assertThat(Seal.of(SALT, FEW).open(Kind.MODEL, "m-1", sealed)).isEqualTo(CLEAR);
        assertThat(seal.close(Kind.MODEL, "m-1", CLEAR))
                .as("a nonce is used once")
                .isNotEqualTo(sealed);
        assertThat(new String(Base64.getUrlDecoder().decode(sealed))).doesNotContain("verysecret");
        assertThat(Seal.fingerprintOf(sealed)).isEqualTo(seal.fingerprint()).hasSize(8);
        assertThatThrownBy(() -> seal.open(Kind.MODEL, "m-2", sealed)).hasMessageContaining("another entry's");
        assertThatThrownBy(() -> seal.open(Kind.CREDENTIAL, "m-1", sealed)).isInstanceOf(Seal.Broken.class);
        assertThatThrownBy(() -> Seal.of(MASTER, FEW).open(Kind.MODEL, "m-1", sealed))
                .isInstanceOf(Seal.Broken.class);
    }

    @Test
    void aSingleBitIsMissed() {
        Seal seal = Seal.of(SALT, FEW);
        byte[] whole = Base64.getUrlDecoder().decode(seal.close(Kind.MODEL, "m", "x"));
        for (int i = 0; i < whole.length * Byte.SIZE; i++) {
            byte[] other = whole.clone();
            other[i / Byte.SIZE] ^= (byte) (1 << i % Byte.SIZE);
            String text = Base64.getUrlEncoder().withoutPadding().encodeToString(other);
            boolean fingerprint = i >= Byte.SIZE && i < 5 * Byte.SIZE;
            if (!fingerprint) {
                assertThatThrownBy(() -> seal.open(Kind.MODEL, "m", text))
                        .as("bit %d", i)
                        .isInstanceOf(Seal.Broken.class);
            }
        }
        for (String text : new String[] {"", "AQ", "*", Base64.getUrlEncoder().encodeToString(new byte[20])}) {
            assertThatThrownBy(() -> seal.open(Kind.MODEL, "m", text)).isInstanceOf(Seal.Broken.class);
        }
    }

    @Test
    void theSaltKeySealsAndTheMasterKeyStillOpensItsOwn() throws Seal.Broken {
        String old = new Seals(null, MASTER, FEW).close(Kind.MODEL, "m", CLEAR);
        Seals both = new Seals(SALT, MASTER, FEW);
        assertThat(both.open(Kind.MODEL, "m", old)).isEqualTo(CLEAR);
        String fresh = both.close(Kind.MODEL, "m", CLEAR);
        assertThat(new Seals(SALT, null, FEW).open(Kind.MODEL, "m", fresh)).isEqualTo(CLEAR);
        assertThatThrownBy(() -> new Seals(null, MASTER, FEW).open(Kind.MODEL, "m", fresh))
                .hasMessageContaining(
                        "sealed with another key (fingerprint " + Seal.fingerprintOf(fresh) + "; the master key is ")
                .hasMessageNotContaining("sk-");
        assertThatThrownBy(() -> new Seals(null, null, FEW).open(Kind.MODEL, "m", fresh))
                .hasMessageContaining("neither LITELLM_SALT_KEY nor a master key");
        assertThat(new Seals(null, null, FEW).close(Kind.MODEL, "m", CLEAR)).isNull();
    }
}
