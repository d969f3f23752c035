package dev.tollgate.provider.dialect.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClaudeFamilyTest {
    @ParameterizedTest
    @CsvSource({
        // name, version, usual limit, thinks at all, adaptive, budgets refused, thinks unasked, always thinks
        "claude-2.1, 201, 4096, false, false, false, false, false",
        "claude-3-haiku-20240307, 300, 4096, false, false, false, false, false",
        "claude-3-5-sonnet-20241022, 305, 8192, false, false, false, false, false",
        "claude-3-7-sonnet-latest, 307, 32000, true, false, false, false, false",
        "claude-opus-4-20250514, 400, 32000, true, false, false, false, false",
        "claude-opus-4-1-20250805, 401, 32000, true, false, false, false, false",
        "claude-haiku-4-5@20251001, 405, 64000, true, false, false, false, false",
        "claude-sonnet-4-6, 406, 64000, true, true, false, false, false",
        "us.anthropic.claude-opus-4-7-v1:0, 407, 64000, true, true, true, false, false",
        "anthropic/claude-4.8-opus, 408, 64000, true, true, true, false, false",
        "claude-sonnet-5, 500, 64000, true, true, true, true, false",
        "claude-fable-5, 500, 64000, true, true, true, true, true",
        "claude-opus-5-5, 505, 64000, true, true, true, true, true",
        "claude-mythos-preview, 500, 64000, true, true, true, true, true",
        "MiniMax-M2, 0, 4096, true, false, false, false, false"
    })
    void theNameTellsWhatAModelTakes(
            String name,
            int version,
            int limit,
            boolean thinks,
            boolean adaptive,
            boolean refusesBudgets,
            boolean unasked,
            boolean always) {
        ClaudeFamily family = ClaudeFamily.named(name);

        assertThat(family.version()).isEqualTo(version);
        assertThat(family.usualMaxTokens()).isEqualTo(limit);
        assertThat(family.canThink()).isEqualTo(thinks);
        assertThat(family.adaptive()).isEqualTo(adaptive);
        assertThat(family.refusesBudgets()).isEqualTo(refusesBudgets);
        assertThat(family.refusesSampling()).isEqualTo(refusesBudgets);
        assertThat(family.thinksUnasked()).isEqualTo(unasked);
        assertThat(family.alwaysThinks()).isEqualTo(always);
    }

    @Test
    void anAliasIsLookedUpByItsBaseModel() {
        Deployment.Info info = new Deployment.Info(null, "claude-opus-4-7", null, true, "{}");

        assertThat(ClaudeFamily.of(Claude.deployment("our-model", "k", Map.of(), info))
                        .version())
                .isEqualTo(407);
    }
}
