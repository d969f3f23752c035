package dev.tollgate.launcher;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** LiteLLM's flags that mean nothing here, or not yet. Accepted, so that start scripts keep working, and said in one line. */
final class IgnoredFlags {
    private final List<String> given = new ArrayList<>();

    @Option(
            names = {
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
                "--test_async"
            },
            hidden = true)
    void flag(boolean on) {
        if (on) {
            given.add("a flag of LiteLLM's Python server");
        }
    }

    @Option(
            names = {
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
                "--num_requests",
                "--validate_config"
            },
            hidden = true)
    void option(@Nullable String value) {
        if (value != null) {
            given.add("an option of LiteLLM's Python server");
        }
    }

    void notice(PrintWriter out) {
        if (!given.isEmpty()) {
            out.println("Note: " + given.size() + " LiteLLM option(s) given that have no effect in Tollgate");
            out.flush();
        }
    }
}
