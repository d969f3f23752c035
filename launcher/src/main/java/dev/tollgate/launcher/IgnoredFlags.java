package dev.tollgate.launcher;

import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** LiteLLM's flags that mean nothing here, or not yet. Accepted, so that start scripts keep working, and named in one line. */
final class IgnoredFlags {
    private static final List<String> PLAIN = List.of(
            "--run_gunicorn",
            "--run_hypercorn",
            "--run_granian",
            "--use_prisma_db_push",
            "--iam_token_db_auth",
            "--azure_postgresql_auth",
            "--use_queue",
            "--local",
            "--reload",
            "--save",
            "--setup",
            "--drop_params",
            "--add_function_to_prompt",
            "--skip_server_startup",
            "--use_v2_migration_resolver",
            "--use_legacy_migration_resolver",
            "--virtual-keys",
            "--virtual_keys",
            "--test_async");

    private static final List<String> WITH_VALUE = List.of(
            "--granian_threads",
            "--keepalive_timeout",
            "--timeout_worker_healthcheck",
            "--max_requests_before_restart",
            "--max_requests_before_restart_jitter",
            "--limit_concurrency",
            "--prometheus_metrics_port",
            "--log_config",
            "--ciphers",
            "--ssl_keyfile_path",
            "--ssl_certfile_path",
            "--telemetry",
            "--headers",
            "--temperature",
            "--max_tokens",
            "--request_timeout",
            "--max_budget",
            "--add_key",
            "--api_version",
            "--num_requests");

    /** With or without a value. */
    private static final List<String> EITHER = List.of("--validate_config");

    private IgnoredFlags() {}

    static void addTo(CommandSpec spec) {
        PLAIN.forEach(
                name -> spec.addOption(option(name, "0").type(boolean.class).build()));
        WITH_VALUE.forEach(
                name -> spec.addOption(option(name, "1").type(String.class).build()));
        EITHER.forEach(
                name -> spec.addOption(option(name, "0..1").type(String.class).build()));
    }

    /** One option a name: picocli takes several names of one option for a repetition. */
    private static OptionSpec.Builder option(String name, String arity) {
        return OptionSpec.builder(name).arity(arity).hidden(true);
    }

    static void notice(ParseResult given, PrintWriter out) {
        List<String> names = given.matchedOptions().stream()
                .map(OptionSpec::longestName)
                .filter(name -> Stream.of(PLAIN, WITH_VALUE, EITHER).anyMatch(known -> known.contains(name)))
                .toList();
        if (!names.isEmpty()) {
            out.println("Note: no effect in Tollgate: " + String.join(", ", names)
                    + (names.stream().anyMatch(name -> name.startsWith("--ssl_"))
                            ? ". It serves plain HTTP: put a proxy in front of it for TLS"
                            : ""));
            out.flush();
        }
    }
}
