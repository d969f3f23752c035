package dev.tollgate.accounting.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Kind;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Managed;
import dev.tollgate.protocol.Secret;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models and credentials of the admin API. */
class ModelDeskTest {
    private final Counter counter = new Counter();

    @AfterEach
    void close() {
        counter.close();
    }

    private Deployment served(String id) {
        return counter.lane.inForce().models().byId(id);
    }

    private String refusal(String request, String body) {
        return counter.refusal(Counter.MASTER, request, body);
    }

    @Test
    void aModelIsMadeServedChangedAndEnded() {
        JsonObject made = counter.ok(
                "POST /model/new",
                "{'model_name': 'm', 'litellm_params': {'model': 'openai/gpt-4o', 'api_key': 'sk-very-secret-0001',"
                        + " 'rpm': 5, 'aws_session_token': 'short', 'extra_headers': {'x-token': 'another-very-secret-1'}},"
                        + " 'model_info': {'mode': 'chat', 'access_groups': ['g']}}");
        String id = made.getString("model_id");
        assertThat(id).hasSize(36);
        assertThat(made.getJsonObject("litellm_params"))
                .isEqualTo(new JsonObject("{\"model\": \"openai/gpt-4o\", \"api_key\": \"sk****01\", \"rpm\": 5,"
                        + " \"aws_session_token\": \"****\", \"extra_headers\": {\"x-token\": \"an****-1\"}}"));
        assertThat(made.getJsonObject("model_info").getBoolean("db_model")).isTrue();
        assertThat(made.getJsonObject("model_info").getString("id")).isEqualTo(id);
        assertThat(made.getString("created_by")).isEqualTo("default_user_id");
        assertThat(counter.book.all())
                .doesNotContain("secret", "short", "gpt-4o")
                .contains("sealed");
        assertThat(served(id).apiKey()).isEqualTo(Secret.of("sk-very-secret-0001"));
        assertThat(served(id).origin()).hasToString("model " + id + " of the admin API");
        assertThat(served("f-1").apiKey()).isEqualTo(Secret.of("sk-of-the-file-0000"));

        // What comes back as it was shown, and null, say nothing.
        JsonObject updated = counter.ok(
                "POST /model/update",
                "{'litellm_params': {'model': 'openai/gpt-5', 'api_key': 'sk****01', 'rpm': null},"
                        + " 'model_info': {'id': '" + id + "', 'base_model': 'gpt-4o'}}");
        assertThat(updated.getJsonObject("litellm_params").getInteger("rpm")).isEqualTo(5);
        assertThat(served(id).upstreamModel()).isEqualTo("gpt-5");
        assertThat(served(id).apiKey()).isEqualTo(Secret.of("sk-very-secret-0001"));
        assertThat(served(id).info().baseModel()).isEqualTo("gpt-4o");
        assertThat(served(id).info().mode()).isEqualTo("chat");

        counter.ok("PATCH /model/" + id + "/update", "{'model_name': 'n', 'litellm_params': {'rpm': null}}");
        assertThat(served(id).group()).isEqualTo("n");
        assertThat(served(id).routing().rpm()).isNull();
        counter.ok("PATCH /model/" + id + "/update", "{'blocked': true}");
        assertThat(served(id)).isNull();
        assertThat(counter.ok("POST /model/unblock", "{'model_id': '" + id + "'}")
                        .getBoolean("blocked"))
                .isFalse();
        assertThat(served(id).group()).isEqualTo("n");
        assertThat(counter.ok("POST /model/block", "{'model_id': '" + id + "'}").encode())
                .contains("\"blocked\":true")
                .doesNotContain("secret");
        assertThat(served(id)).isNull();
        assertThat(counter.ok("POST /model/delete", "{'id': '" + id + "'}").getString("message"))
                .isEqualTo("Model: " + id + " deleted successfully");
        assertThat(counter.book.entries(Kind.MODEL)).isEmpty();
    }

    private List<String> unreached(String request, String body) {
        Managed.Done done = (Managed.Done) counter.ask(Counter.MASTER, request, body);
        assertThat(done.status()).isEqualTo(200);
        return done.unreached();
    }

    @Test
    void whoChangesAModelThatALaneOfThisNodeDoesNotTakeIsTold() {
        String model = "{'model_name': 'm', 'litellm_params': {'model': 'echo/x'}, 'model_info': {'id': 'mine'}}";
        assertThat(unreached("POST /model/new", model)).isEmpty();
        counter.lane.stuck = true;
        assertThat(unreached("POST /model/update", "{'model_info': {'id': 'mine'}, 'model_name': 'n'}"))
                .containsExactly("this node");
        assertThat(unreached("POST /credentials", "{'credential_name': 'c', 'credential_values': {'api_key': 'k'}}"))
                .containsExactly("this node");
        assertThat(unreached("POST /model/delete", "{'id': 'mine'}")).containsExactly("this node");
        assertThat(served("mine")).as("it is written, and not in force").isNotNull();
        counter.lane.stuck = false;
        assertThat(unreached("POST /model/new", model.replace("mine", "next"))).isEmpty();
        assertThat(served("mine")).isNull();
    }

    /** Nothing is written, and what the file would be told is said. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST /model/new | {'litellm_params': {}} | 422 {\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"model_name\"]",
                "POST /model/new | {'model_name': 'm', 'litellm_params': {'model': 'opnai/x'}} | 400 bad_request_error unknown provider `opnai` in `opnai/x`; did you mean `openai`?",
                "POST /model/new | {'model_name': 'm', 'litellm_params': {'model': 'openai/x', 'litellm_credential_name': 'of-the-fil'}} | 400 bad_request_error no credential `of-the-fil`; did you mean `of-the-file`?",
                "POST /model/new | {'model_name': 'm', 'litellm_params': {'model': 'echo/x', 'rpm': -1}} | 400 bad_request_error `litellm_params.rpm` must not be negative",
                "POST /model/new | {'model_name': 'm', 'litellm_params': {'model': 'echo/x'}, 'model_info': {'id': 'f-1'}} | 400 auth_error Model with id=f-1 stands in the configuration",
                "POST /model/new | {'model_name': 'm', 'litellm_params': {'model': 'echo/x'}, 'model_info': {'id': 'mine'}} | 400 auth_error Model with id=mine exists already",
                "POST /model/new | {'model_name': 'm', 'litellm_params': {'model': 'echo/x'}, 'model_info': {'team_id': 't'}} | 403 auth_error Models of a team",
                "POST /model/update | {'litellm_params': {}} | 400 auth_error Authentication Error, model_info not provided",
                "POST /model/update | {'model_info': {'id': 'nobody'}} | 400 auth_error Authentication Error, model not found",
                "POST /model/update | {'model_info': {'id': 'f-1'}} | 400 auth_error Can't edit model. Model in config.",
                "POST /model/block | {'model_id': 'f-1'} | 400 auth_error Can't edit model. Model in config.",
                "POST /model/block | {'model_id': 'nobody'} | 404 not_found_error Model nobody not found on proxy.",
                "POST /model/unblock | {} | 422 {\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"model_id\"]",
                "POST /model/update | {'model_info': {'id': 'mine'}, 'litellm_params': {'model': 'x'}} | 400 bad_request_error no provider in `x`",
                "PATCH /model/nobody/update | {} | 404 not_found_error Model nobody not found on proxy.",
                "POST /model/delete | {'id': 'nobody'} | 400 auth_error Model with id=nobody not found in db",
                "POST /model/delete | {'id': 'f-1'} | 400 auth_error Model with id=f-1 not found in db; it stands in the configuration: at ",
                "POST /credentials | {'credential_name': 'of-the-file', 'credential_values': {}} | 400 bad_request_error The credential of-the-file stands in the configuration file",
                "POST /credentials | {'credential_name': 'c'} | 400 bad_request_error Credential values are required.",
                "POST /credentials | {'credential_name': 'used', 'credential_values': {}} | 409 conflict_error Credential used already exists",
                "POST /credentials | {'credential_name': 'c', 'credential_values': {'api_key': [1]}} | 400 bad_request_error `credential_values.api_key` must be text, not a list",
                "PATCH /credentials/nobody | {} | 404 not_found_error Credential not found in DB.",
                "PATCH /credentials/used | {'credential_values': {'api_base': 'no url'}} | 400 bad_request_error credential used of the admin API: `api_base` must be a URL",
                "PATCH /credentials/used | {'credential_name': 'other'} | 400 bad_request_error A credential keeps its name",
                "DELETE /credentials/used | {} | 400 bad_request_error model mine of the admin API: no credential `used`",
                "GET /credentials/by_name/nobody | {} | 404 not_found_error Credential not found. Got credential name: nobody",
                "GET /credentials/by_model/nobody | {} | 404 not_found_error Model not found",
            })
    void mistakesAreRefused(String request, String body, String answer) {
        counter.ok("POST /credentials", "{'credential_name': 'used', 'credential_values': {'api_key': 'sk-0'}}");
        counter.ok(
                "POST /model/new",
                "{'model_name': 'm', 'litellm_params': {'model': 'openai/x', 'litellm_credential_name': 'used'},"
                        + " 'model_info': {'id': 'mine'}}");
        String before = counter.book.all();
        assertThat(refusal(request, body)).startsWith(answer);
        assertThat(counter.book.all()).isEqualTo(before);
    }

    @Test
    void whatComesBackAsItWasShownStaysWhatItWasInsideToo() {
        JsonObject before = new JsonObject()
                .put("api_key", "sk-very-secret-0001")
                .put(
                        "extra_headers",
                        new JsonObject().put("a", "Bearer very-secret-2").put("b", "old-and-secret-003"))
                .put("list", new JsonArray().add("one-of-many-secrets").add("two-of-many-secrets"));
        JsonObject said = Masked.of(before);
        said.getJsonObject("extra_headers").put("b", "new");
        said.getJsonArray("list").add("three");
        JsonObject merged = before.copy();
        Masked.merge(merged, said, false);
        assertThat(merged.encode())
                .isEqualTo("{\"api_key\":\"sk-very-secret-0001\",\"extra_headers\":{\"a\":\"Bearer very-secret-2\","
                        + "\"b\":\"new\"},\"list\":[\"one-of-many-secrets\",\"two-of-many-secrets\",\"three\"]}");
    }

    @Test
    void credentialsAreShownOnlyByTheirEnds() {
        counter.ok(
                "POST /credentials",
                "{'credential_name': 'a/b', 'credential_values': {'api_key': 'sk-very-secret-0001',"
                        + " 'api_base': 'http://me:word@127.0.0.1:1', 'other': 'os.environ/OTHER'}, 'credential_info': {'d': 'x'}}"
                                .replace(", 'other': 'os.environ/OTHER'", ""));
        JsonObject named = counter.ok("GET /credentials/by_name/a/b", null);
        assertThat(named.encode())
                .isEqualTo("{\"credential_name\":\"a/b\",\"credential_values\":{\"api_key\":\"sk****01\","
                        + "\"api_base\":\"http://****@127.0.0.1:1\"},\"credential_info\":{\"d\":\"x\"}}");
        JsonArray all = counter.ok("GET /credentials", null).getJsonArray("credentials");
        assertThat(all.encode())
                .contains("\"of-the-file\"", "\"a/b\"")
                .doesNotContain("secret", "sk-of-the-file", "word@");
        counter.ok(
                "POST /model/new",
                "{'model_name': 'm', 'litellm_params': {'model': 'openai/x', 'litellm_credential_name': 'a/b'},"
                        + " 'model_info': {'id': 'mine'}}");
        assertThat(counter.ok("GET /credentials/by_model/mine", null).getString("credential_name"))
                .isEqualTo("m-credential-mine");
        counter.ok("PATCH /credentials/a/b", "{'credential_values': {'api_key': 'sk-the-second-0002'}}");
        assertThat(served("mine").apiKey()).isEqualTo(Secret.of("sk-the-second-0002"));
        counter.ok("POST /credentials", "{'credential_name': 'copy', 'model_id': 'mine'}");
        assertThat(counter.ok("GET /credentials/by_name/copy", null)
                        .getJsonObject("credential_values")
                        .getString("api_key"))
                .isEqualTo("sk****02");
        assertThat(counter.book.all()).doesNotContain("sk-the-second", "word");
        counter.ok("POST /model/delete", "{'id': 'mine'}");
        assertThat(counter.ok("DELETE /credentials/a/b", null).getBoolean("success"))
                .isTrue();
        assertThat(counter.book.entries(Kind.CREDENTIAL)).hasSize(1);
    }

    @Test
    void withoutAKeyNothingIsSealedAndSwitchedOffNothingIsMade() {
        String model = "{'model_name': 'm', 'litellm_params': {'model': 'echo/x'}, 'model_info': {'id': 'm-1'}}";
        counter.lane.variables(Map.of());
        assertThat(refusal("POST /model/new", model)).startsWith("400").contains("set LITELLM_SALT_KEY");
        counter.lane.variables(Map.of("STORE_MODEL_IN_DB", "False", "LITELLM_SALT_KEY", "salt"));
        assertThat(refusal("POST /model/new", model))
                .isEqualTo("500 auth_error Set `'STORE_MODEL_IN_DB='True'` in your env to enable this feature.");
        assertThat(counter.book.entries(Kind.MODEL)).isEmpty();
    }

    @Test
    void whatAnotherKeySealedIsLeftOutAndStaysUntilItIsDeleted() {
        counter.ok(
                "POST /model/new",
                "{'model_name': 'm', 'litellm_params': {'model': 'echo/x'}, 'model_info': {'id': 'm-1'}}");
        counter.lane.variables(Map.of("LITELLM_SALT_KEY", "another"));
        counter.ok(
                "POST /model/new",
                "{'model_name': 'n', 'litellm_params': {'model': 'echo/y'}, 'model_info': {'id': 'm-2'}}");
        assertThat(served("m-1")).isNull();
        assertThat(served("m-2")).isNotNull();
        assertThat(refusal("PATCH /model/m-1/update", "{'model_name': 'z'}"))
                .startsWith("400")
                .contains("cannot be opened: it is sealed with another key (fingerprint ", "LITELLM_SALT_KEY is ");
        counter.lane.variables(Map.of("LITELLM_SALT_KEY", "salt"));
        counter.lane.vault.bring();
        assertThat(served("m-1")).isNotNull();
        assertThat(served("m-2")).isNull();
        counter.ok("POST /model/delete", "{'id': 'm-2'}");
        assertThat(counter.book.entries(Kind.MODEL)).hasSize(1);
    }
}
