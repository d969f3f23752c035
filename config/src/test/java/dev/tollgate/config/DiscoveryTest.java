package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DiscoveryTest {
    @Test
    void offersOnlyTheEchoModelWhenNothingIsThere() {
        Snapshot snapshot = new Discovery(Environment.of(Map.of("OPENAI_API_KEY", ""))).found(List.of());
        assertThat(snapshot.models().names()).containsExactly("echo");
        assertThat(snapshot.general()).isEqualTo(GeneralSettings.DEFAULT);
        assertThat(snapshot.router()).isEqualTo(RouterSettings.DEFAULT);
        assertThat(snapshot.warnings()).isEmpty();
    }

    @Test
    void offersWhatKeysAddressesAndALocalOllamaGive() {
        Discovery discovery = new Discovery(Environment.of(Map.of(
                "OPENAI_API_KEY", "sk-1",
                "OPENAI_BASE_URL", "http://127.0.0.1:9/v1//",
                "GROQ_API_KEY", "gsk",
                "OLLAMA_API_BASE", "http://127.0.0.1:11435/",
                "LITELLM_MASTER_KEY", "sk-master")));
        assertThat(discovery.ollamaBase()).isEqualTo("http://127.0.0.1:11435");
        Snapshot snapshot = discovery.found(List.of("llama3.2:3b"));
        assertThat(snapshot.models().names())
                .containsExactly("gpt-4o", "gpt-4o-mini", "openai/*", "groq/*", "llama3.2:3b", "ollama/*", "echo");
        assertThat(snapshot.general().masterKey()).isNotNull();
        ModelTable.Group openai = snapshot.models().resolve("openai/gpt-5");
        assertThat(openai).isNotNull();
        assertThat(openai.deployments().getFirst()).satisfies(deployment -> {
            assertThat(deployment.qualifiedModel()).isEqualTo("openai/gpt-5");
            assertThat(deployment.apiBase()).isEqualTo("http://127.0.0.1:9/v1");
            assertThat(deployment.apiKey()).isNotNull();
        });
        ModelTable.Group llama = snapshot.models().resolve("llama3.2:3b");
        assertThat(llama).isNotNull();
        assertThat(llama.deployments().getFirst().apiBase()).isEqualTo("http://127.0.0.1:11435");
        assertThat(llama.deployments().getFirst().apiKey()).isNull();
    }
}
