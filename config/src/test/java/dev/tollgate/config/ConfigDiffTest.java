package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigDiffTest {
    @TempDir
    Path folder;

    private Snapshot good(String yaml) throws IOException {
        return new Loading(folder, Map.of()).good(yaml);
    }

    @Test
    void namesWhatIsAddedRemovedAndChangedButNoSecret() throws IOException {
        Snapshot before = good("""
                model_list:
                  - {model_name: same, litellm_params: {model: openai/same, api_key: sk-same}}
                  - {model_name: key, litellm_params: {model: openai/key, api_key: sk-old}}
                  - {model_name: info, litellm_params: {model: echo/info}, model_info: {mode: chat}}
                  - {model_name: gone, litellm_params: {model: echo/gone}}
                """);
        Snapshot after = good("""
                # A line that moves everything
                general_settings: {master_key: sk-master}
                router_settings: {num_retries: 7, model_group_alias: {x: same}}
                model_list:
                  - {model_name: info, litellm_params: {model: echo/info}, model_info: {mode: embedding}}
                  - {model_name: new, litellm_params: {model: echo/new}}
                  - {model_name: key, litellm_params: {model: openai/key, api_key: sk-new}}
                  - {model_name: same, litellm_params: {model: openai/same, api_key: sk-same}}
                """);
        assertThat(ConfigDiff.describe(before, after))
                .containsExactlyInAnyOrder(
                        "model changed: info (echo/info)",
                        "model added: new (echo/new)",
                        "model added: key (openai/key)",
                        "model removed: key (openai/key)",
                        "model removed: gone (echo/gone)",
                        "aliases changed",
                        "router settings changed",
                        "general settings changed")
                .noneMatch(line -> line.contains("sk-"));
    }

    @Test
    void seesNoChangeInOrderPlaceCommentOrSpelling() throws IOException {
        Snapshot before = good("""
                model_list:
                  - {model_name: a, litellm_params: {model: openai/a, api_key: k, rpm: 5}}
                  - {model_name: b, litellm_params: {model: echo/b}}
                """);
        Snapshot after = good("""
                model_list:
                  # moved
                  - model_name: "b"
                    litellm_params: {model: echo/b}
                  - model_name: a
                    litellm_params: {rpm: 5, api_key: "k", model: openai/a}
                """);
        assertThat(ConfigDiff.describe(before, after)).isEmpty();
        assertThat(ConfigDiff.describe(before, before.withEpoch(9))).isEmpty();
    }
}
