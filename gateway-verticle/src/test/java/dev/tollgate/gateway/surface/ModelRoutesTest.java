package dev.tollgate.gateway.surface;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.protocol.Surface;
import org.junit.jupiter.api.Test;

class ModelRoutesTest {
    private final ModelRoutes routes = new ModelRoutes();

    @Test
    void finds_every_spelling_of_a_path() {
        assertThat(routes.find("/v1/chat/completions")).isEqualTo(new ModelRoutes.Route(Surface.CHAT, null));
        assertThat(routes.find("/chat/completions")).isEqualTo(new ModelRoutes.Route(Surface.CHAT, null));
        assertThat(routes.find("/v1/messages/count_tokens"))
                .isEqualTo(new ModelRoutes.Route(Surface.COUNT_TOKENS, null));
    }

    @Test
    void takes_the_model_from_the_path_with_slashes_and_escapes() {
        assertThat(routes.find("/openai/deployments/my%20model/chat/completions"))
                .isEqualTo(new ModelRoutes.Route(Surface.CHAT, "my model"));
        assertThat(routes.find("/engines/openai/gpt-4o/completions"))
                .isEqualTo(new ModelRoutes.Route(Surface.COMPLETIONS, "openai/gpt-4o"));
        assertThat(routes.find("/engines/a/embeddings")).isEqualTo(new ModelRoutes.Route(Surface.EMBEDDINGS, "a"));
    }

    @Test
    void leaves_other_paths_alone() {
        assertThat(routes.find("/v1/models")).isNull();
    }
}
