package dev.tollgate.provider.chat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedIdTest {

    @ParameterizedTest
    @ValueSource(strings = {"c2ln", "+/+/", "Zg==", "Zm8=", "EuYBCuMBAb4+9vv/"})
    void aProofGoesThroughAnIdThatAnthropicAllows(String proof) {
        SignedId id = new SignedId("toolu_1", proof);
        assertThat(id.text()).matches("[a-zA-Z0-9_-]+");
        assertThat(SignedId.read(id.text())).isEqualTo(id);
    }

    @Test
    void anIdWithoutAProofStaysAsItIs() {
        assertThat(new SignedId("call_1", null).text()).isEqualTo("call_1");
        assertThat(SignedId.read("call_1")).isEqualTo(new SignedId("call_1", null));
        assertThat(SignedId.read("call_1__thought__")).isEqualTo(new SignedId("call_1", null));
    }

    @Test
    void anIdOfLiteLlmsIsUnderstood() {
        assertThat(SignedId.read("call_a__thought__Zm9+/w==")).isEqualTo(new SignedId("call_a", "Zm9+/w=="));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Z", "Zm9vY", "EuYBCuMBA"})
    void aProofThatWasCutShortIsNone(String proof) {
        assertThat(SignedId.read("call_a__thought__" + proof)).isEqualTo(new SignedId("call_a", null));
    }
}
