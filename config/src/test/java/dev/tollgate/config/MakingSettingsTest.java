package dev.tollgate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MakingSettingsTest {
    private static final String MODELS = "model_list: [{model_name: m, litellm_params: {model: echo/x}}]\n";

    @TempDir
    Path folder;

    @Test
    void whatIsSaidAboutNewKeysIsKeptAsItStands() throws IOException {
        Loading loading = new Loading(folder, Map.of("MOST", "100"));
        MakingSettings said = loading.good(MODELS + """
                        litellm_settings:
                          default_key_generate_params: {max_budget: 1.50, models: [m], duration: null}
                          upperbound_key_generate_params: {max_budget: os.environ/MOST, duration: 30d}
                        """).general().making();
        assertThat(said.key()).isEqualTo("{\"max_budget\":1.50,\"models\":[\"m\"],\"duration\":null}");
        assertThat(said.keyCeilings()).isEqualTo("{\"max_budget\":\"100\",\"duration\":\"30d\"}");
        assertThat(said.user()).isEqualTo("{}");
        assertThat(loading.good(MODELS).general().making()).isEqualTo(MakingSettings.NONE);
    }

    @Test
    void aCeilingThatCannotBeReadIsAnErrorAndNotNoCeiling() throws IOException {
        assertThat(new Loading(folder, Map.of()).problems(MODELS + """
                        litellm_settings:
                          upperbound_key_generate_params: {max_budget: much, rpm_limit: -1, duration: long}
                          default_team_params: 5
                        """))
                .anySatisfy(line -> assertThat(line).contains("config.yaml:3:", "max_budget", "must be a number"))
                .anySatisfy(line -> assertThat(line).contains("rpm_limit", "must not be negative"))
                .anySatisfy(line -> assertThat(line).contains("upperbound_key_generate_params.duration"))
                .anySatisfy(line -> assertThat(line).contains("config.yaml:4:", "must be a mapping"));
    }
}
