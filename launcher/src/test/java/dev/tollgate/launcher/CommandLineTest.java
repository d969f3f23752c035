package dev.tollgate.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.ConfigSchema;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command line up to where a gateway would start. */
class CommandLineTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    private String file(String text) throws IOException {
        return Files.writeString(folder.resolve("config.yaml"), text).toString();
    }

    @Test
    void printsItsVersionAndItsHelp() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).isEqualTo("Tollgate " + Main.VERSION + System.lineSeparator());
        for (String[] asked : List.of(
                new String[] {"-v"}, new String[] {"-V"}, new String[] {"check", "-v"}, new String[] {"schema", "-V"
                })) {
            out.getBuffer().setLength(0);
            assertThat(run(asked)).isZero();
            assertThat(out.toString()).as("%s", List.of(asked)).startsWith("Tollgate " + Main.VERSION);
        }
        assertThat(run("help", "check")).isZero();
        assertThat(out.toString()).contains("Usage: tollgate check");
        assertThat(run("--help")).isZero();
        String help = out.toString().substring(out.toString().indexOf("Usage: tollgate ["));
        out.getBuffer().setLength(0);
        assertThat(run("help")).isZero();
        assertThat(out.toString()).isEqualTo(help);
        assertThat(help)
                .contains("--config", "--port", "--num_workers", "--detailed_debug", "check", "schema")
                .doesNotContain("--run_gunicorn", "train");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void theHelpNamesVariablesAndTheProgramReadsEachOfThem() throws IOException {
        assertThat(run("--help")).isZero();
        String variables = out.toString().substring(out.toString().indexOf("Environment ("));
        List<String> names = Pattern.compile("(?<![._A-Z])[A-Z]+(_[A-Z]+)+|\\b(HOST|PORT)\\b")
                .matcher(variables)
                .results()
                .map(MatchResult::group)
                .toList();
        assertThat(names)
                .contains("LITELLM_MASTER_KEY", "LITELLM_SALT_KEY", "DATABASE_URL", "SERVER_ROOT_PATH", "PORT");
        StringBuilder sources = new StringBuilder();
        for (String room : List.of("config", "launcher")) {
            try (Stream<Path> files = Files.walk(Path.of("..", room, "src", "main", "java"))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    sources.append(Files.readString(file)).append('\n');
                }
            }
        }
        String providers =
                Files.readString(Path.of("..", "config/src/main/resources/dev/tollgate/config/providers.csv"));
        assertThat(names).allSatisfy(name -> {
            if (name.endsWith("_API_KEY")) {
                assertThat(providers).contains("," + name);
            } else {
                assertThat(sources).contains("\"" + name + "\"");
            }
        });
        out.getBuffer().setLength(0);
        assertThat(run("check", "--help")).isZero();
        assertThat(out.toString()).doesNotContain("Environment (");
    }

    /** Against a server that is not there: that the sums are right or not is tested where they are kept. */
    @Test
    void spendVerifySaysWhatKeepsItFromLooking() throws IOException {
        String config = file("""
                general_settings: {database_url: "postgres://me:secret@127.0.0.1:1/d?connect_timeout=2"}
                """);
        assertThat(run("spend", "verify", "--config", config)).isEqualTo(1);
        assertThat(run("spend", "reprice", "--since", "2026-01-01", "--dry-run", "--config", config))
                .isEqualTo(1);
        assertThat(run("spend", "reprice", "--since", "2026-01-01", "--config", config))
                .as("neither --dry-run nor --apply")
                .isEqualTo(2);
        assertThat(run("spend", "reprice", "--since", "2026-01-01", "--dry-run", "--apply", "--config", config))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("PostgreSQL at 127.0.0.1:1/d cannot be reached", "is the server running")
                .doesNotContain("secret", "me:");
        err.getBuffer().setLength(0);
        assertThat(run("spend", "verify", "--config", file("general_settings: {database_url: nonsense}")))
                .isEqualTo(2);
        assertThat(err.toString()).contains("config.yaml:1:34", "postgresql://");
    }

    @Test
    void explainAnswersFromTheConfigurationAlone() throws IOException {
        String config = file("""
                model_list:
                  - {model_name: main, litellm_params: {model: echo/a, weight: 3, tags: [eu]}, model_info: {id: one}}
                  - {model_name: main, litellm_params: {model: echo/b, weight: 1, tags: [eu]}, model_info: {id: two}}
                  - {model_name: main, litellm_params: {model: echo/c, api_key: sk-secret}, model_info: {id: three}}
                router_settings: {enable_tag_filtering: true, model_group_alias: {other: main}}
                """);
        assertThat(run("explain", "other", "--config", config, "--tags", "eu"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains(
                        "\"resolved_by\" : \"alias\"",
                        "\"chance\" : 0.75",
                        "\"chance\" : 0.25",
                        "\"verdict\" : \"tags\"")
                .doesNotContain("sk-secret");
        assertThat(run("explain", "nobody", "--config", config)).isEqualTo(1);
        assertThat(err.toString()).contains("model=nobody");
    }

    @Test
    void explainSaysWhyItDoesNotKnowTheStoresModelsAndGoesOnWithoutThem() throws IOException {
        String config = file("""
                model_list: [{model_name: main, litellm_params: {model: echo/a}}]
                general_settings: {database_url: "postgres://me:secret@127.0.0.1:1/d?connect_timeout=2"}
                """);
        assertThat(run("explain", "main", "--config", config)).isZero();
        assertThat(out.toString()).contains("\"main\"");
        assertThat(err.toString())
                .contains("Left out of what the admin API made: everything", "PostgreSQL at 127.0.0.1:1/d")
                .doesNotContain("secret");
    }

    @Test
    void printsTheSchema() {
        assertThat(run("schema")).isZero();
        assertThat(out.toString()).isEqualTo(ConfigSchema.json());
    }

    @Test
    void checkPrintsEachModelAndNoSecret() throws IOException {
        String config = file("""
                general_settings: {master_key: sk-master-secret}
                model_list:
                  - model_name: main
                    litellm_params:
                      model: openai/gpt-4o
                      api_key: sk-secret-1
                      api_base: "https://user:sk-secret-2@gate.example.com/v1?token=sk-secret-3&version=1"
                      extra_headers: {x-key: sk-secret-4}
                      rpm: 5
                      temperature: 0.2
                  - {model_name: free, litellm_params: {model: echo/x, wieght: 1}}
                router_settings: {fallbacks: [{main: [free]}], model_group_alias: {other: main}}
                """);
        assertThat(run("check", config)).isZero();
        assertThat(out.toString().lines())
                .anyMatch(line -> line.matches(
                        "main +openai/gpt-4o +https://\\*\\*\\*@gate\\.example\\.com/v1\\?token=\\*\\*\\*&version=\\*\\*\\*"
                                + " +\\*\\*\\* +rpm 5; sets temperature"))
                .anyMatch(line -> line.matches("free +echo/x +- +none +sets wieght"))
                .contains("alias     other -> main", "fallback  main -> free")
                .anyMatch(line -> line.startsWith("note      this is the file alone"))
                .anyMatch(line -> line.startsWith("warning   " + config + ":11:")
                        && line.endsWith("unknown parameter `wieght`; did you mean `weight`?"));
        assertThat(out.toString() + err).doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "--config"})
    void aBadFileEndsWithTwoAndThePlaceOfEachMistake(String verb) throws IOException {
        String config =
                file("model_list:\n  - {model_name: a, litellm_params: {model: opena/x}}\nrouter_settings: 5\n");
        assertThat(run(verb, config)).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactlyInAnyOrder(
                        config + ":2:45: unknown provider `opena` in `opena/x`; did you mean `openai`?",
                        config + ":3:18: `router_settings` must be a mapping, not a number");
        assertThat(run(verb, folder.resolve("none.yaml").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("Config file not found: " + folder.resolve("none.yaml"));
    }

    @Test
    void aCheckWarnsBesideMistakesToo() throws IOException {
        String config = file(
                "model_list:\n  - {model_name: a, litellm_params: {model: echo/x, wieght: 1}}\nrouter_settings: 5\ngeneral_setings: {}\n");
        assertThat(run("check", config)).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        config + ":3:18: `router_settings` must be a mapping, not a number",
                        "warning   " + config + ":2:53: unknown parameter `wieght`; did you mean `weight`?",
                        "warning   " + config
                                + ":4:1: unknown key `general_setings`; did you mean `general_settings`?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "--config"})
    void mistakesAreToldInTheOrderOfTheFile(String verb) throws IOException {
        String config = file("""
                router_settings: {num_retries: many, fallbacks: [{a: [nobody]}]}
                general_settings:
                  master_key: [1]
                litellm_settings: {request_timeout: soon}
                model_list:
                  - {model_name: a, litellm_params: {model: opena/x, rpm: x}}
                  - {model_name: 5x, litellm_params: {model: opena/y}}
                """);
        assertThat(run(verb, config)).isEqualTo(2);
        List<String> places = err.toString()
                .lines()
                .filter(line -> line.startsWith(config))
                .map(line -> line.substring(0, line.indexOf(": ")))
                .toList();
        assertThat(places)
                .extracting(place -> place.substring(config.length() + 1))
                .containsExactly("1:32", "1:51", "3:15", "4:37", "6:45", "6:59", "7:46");
    }

    @Test
    void badUsageEndsWithTwoAndSaysWhy() {
        assertThat(run("--prot", "4000")).isEqualTo(2);
        assertThat(err.toString()).contains("Unknown option", "--prot");
        assertThat(run("--port", "many")).isEqualTo(2);
        assertThat(run("--model", "echo/x", "--port", "70000")).isEqualTo(2);
        assertThat(err.toString()).contains("not 70000");
        assertThat(run("--model", "nobody/x")).isEqualTo(2);
        assertThat(err.toString()).contains("--model nobody/x: ").doesNotContain("tollgate-model-");
    }

    @Test
    void takesLitellmsOptionsAndNamesThoseWithoutEffect() throws IOException {
        String bad = file("model_list: 5\n");
        int code = run(
                "--run_gunicorn",
                "--keepalive_timeout",
                "75",
                "--use_prisma_db_push",
                "--max_tokens=5",
                "--telemetry",
                "False",
                "--ssl_keyfile_path",
                "key.pem",
                "--validate_config",
                "--detailed_debug",
                "--num_workers",
                "2",
                "-c",
                bad);
        assertThat(code).as("the file is bad, not the options").isEqualTo(2);
        assertThat(err.toString()).contains("a model must be a mapping").doesNotContain("Unknown option");
        assertThat(out.toString())
                .contains("--run_gunicorn", "--keepalive_timeout", "--use_prisma_db_push", "--max_tokens")
                .contains("--telemetry", "--ssl_keyfile_path", "--validate_config", "plain HTTP")
                .doesNotContain("--num_workers", "--detailed_debug", "75");
    }

    @Test
    void takesEveryOptionThatLitellmHas() {
        List<String> plain = List.of(
                "--save",
                "--debug",
                "--detailed_debug",
                "--drop_params",
                "--add_function_to_prompt",
                "--setup",
                "--health",
                "--test",
                "--test_async",
                "--use_queue",
                "--iam_token_db_auth",
                "--azure_postgresql_auth",
                "--run_gunicorn",
                "--run_hypercorn",
                "--run_granian",
                "--use_prisma_db_push",
                "--skip_server_startup",
                "--use_v2_migration_resolver",
                "--use_legacy_migration_resolver",
                "--reload",
                "--local");
        List<String> valued = List.of(
                "--config",
                "-c",
                "--port",
                "--host",
                "--num_workers",
                "--model",
                "-m",
                "--alias",
                "--add_key",
                "--api_base",
                "--api_version",
                "--headers",
                "--temperature",
                "--max_tokens",
                "--request_timeout",
                "--max_budget",
                "--log_config",
                "--num_requests",
                "--granian_threads",
                "--ssl_keyfile_path",
                "--ssl_certfile_path",
                "--ciphers",
                "--keepalive_timeout",
                "--timeout_worker_healthcheck",
                "--max_requests_before_restart",
                "--max_requests_before_restart_jitter",
                "--limit_concurrency",
                "--prometheus_metrics_port",
                "--telemetry");
        CommandLine line = Main.commandLine();
        assertThat(plain)
                .allSatisfy(name ->
                        assertThat(line.parseArgs(name).hasMatchedOption(name)).isTrue());
        assertThat(valued)
                .allSatisfy(name -> assertThat(line.parseArgs(name, "1").hasMatchedOption(name))
                        .isTrue());
    }

    @Test
    void checkLooksForConfigYamlWhenNoFileIsNamed() {
        assertThat(run("check")).isEqualTo(2);
        assertThat(err.toString().strip()).isEqualTo("Config file not found: config.yaml");
    }
}
