package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys in the configuration file. */
class FileKeysIT {
    private static final String MODELS = """
            model_list:
              - {model_name: small, litellm_params: {model: echo/echo}}
              - {model_name: large, litellm_params: {model: echo/echo}, model_info: {access_groups: [dear]}}
            general_settings: {master_key: sk-master}
            """;

    @TempDir
    Path folder;

    private Tollgate tollgate;

    @AfterEach
    void stop() {
        tollgate.close();
    }

    private HttpResponse<String> call(String key, String model) throws Exception {
        return new Http(tollgate.url(), key).post("/v1/chat/completions", Http.chat(model));
    }

    private int status(String key, String model) throws Exception {
        return call(key, model).statusCode();
    }

    private boolean loaded() throws Exception {
        return status("sk-unknown", "small") != 503;
    }

    private void replace(String yaml) throws Exception {
        Path fresh = folder.resolve("config.yaml.new");
        Files.writeString(fresh, yaml);
        Files.move(fresh, folder.resolve("config.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void openWhatTheyMayUseAndChangeWithTheFile() throws Exception {
        tollgate = new Tollgate.Setup(folder)
                .config(MODELS + """
                          virtual_keys:
                            - {key: sk-small, models: [small]}
                            - {key: os.environ/DEAR_KEY, models: [dear]}
                            - {key: sk-blocked, blocked: yes}
                          """)
                .env("DEAR_KEY", "sk-dear-key-of-the-environment")
                .start();
        await().atMost(Duration.ofSeconds(20)).until(this::loaded);
        assertThat(status("sk-small", "small")).isEqualTo(200);
        assertThat(status("sk-dear-key-of-the-environment", "large")).isEqualTo(200);
        assertThat(call("sk-small", "large").body()).contains("key_model_access_denied", "\"403\"");
        assertThat(call("sk-blocked", "small").body()).contains("Key is blocked", "\"401\"");
        assertThat(call("sk-unknown", "small").body()).contains("token_not_found_in_db", "\"401\"");
        assertThat(status("sk-master", "large")).isEqualTo(200);
        replace(MODELS + "virtual_keys: [{key: sk-small, models: [large]}]\n");
        await().atMost(Duration.ofSeconds(20)).until(() -> status("sk-small", "large") == 200);
        assertThat(status("sk-small", "small")).isEqualTo(403);
        assertThat(status("sk-blocked", "small")).isEqualTo(401);
        tollgate.awaitLine("virtual keys changed: there are 1 in the file");
        assertThat(tollgate.lines()).noneMatch(line -> line.contains("sk-small") || line.contains("sk-dear"));
    }

    @Test
    void tagsOfAKeyChooseItsDeploymentsAndAreWrittenDown() throws Exception {
        tollgate = new Tollgate.Setup(folder).config("""
                        model_list:
                          - {model_name: m, litellm_params: {model: echo/echo, tags: [ci]}, model_info: {id: for-ci}}
                          - {model_name: m, litellm_params: {model: echo/echo, tags: [default]}, model_info: {id: usual}}
                        router_settings: {enable_tag_filtering: true}
                        general_settings: {master_key: sk-master}
                        virtual_keys:
                          - {key: sk-of-ci, tags: [ci]}
                          - {key: sk-plain}
                        """).start();
        await().atMost(Duration.ofSeconds(20)).until(() -> status("sk-unknown", "m") != 503);
        HttpResponse<String> tagged = call("sk-of-ci", "m");
        assertThat(tagged.headers().firstValue("x-litellm-model-id")).contains("for-ci");
        assertThat(call("sk-plain", "m").headers().firstValue("x-litellm-model-id"))
                .contains("usual");
        String id = tagged.headers().firstValue("x-litellm-call-id").orElseThrow();
        Http admin = new Http(tollgate.url(), "sk-master");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(
                                admin.get("/spend/logs?request_id=" + id).body())
                        .containsPattern("\"request_tags\": ?\\[\"ci\"]"));
        assertThat(admin.get("/spend/tags").body()).contains("\"ci\"");
    }
}
