package dev.tollgate.launcher;

import dev.tollgate.config.Environment;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** {@code --health} and {@code --test}: asks a gateway that runs on this machine. */
final class RunningGateway {
    private final Environment environment;
    private final PrintWriter out;

    RunningGateway(Environment environment, PrintWriter out) {
        this.environment = environment;
        this.out = out;
    }

    int ask(String what, int port) {
        String base = "http://127.0.0.1:" + port;
        try {
            boolean health = what.equals("health");
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(base + (health ? "/health" : "/v1/chat/completions"))
                            .toURL()
                            .openConnection();
            String key = environment.get("LITELLM_MASTER_KEY");
            if (key != null) {
                connection.setRequestProperty("Authorization", "Bearer " + key);
            }
            if (!health) {
                connection.setDoOutput(true);
                connection.setRequestProperty("Content-Type", "application/json");
                String model = environment.get("TOLLGATE_TEST_MODEL");
                connection
                        .getOutputStream()
                        .write(("{\"model\":\"" + (model == null ? "echo" : model)
                                        + "\",\"messages\":[{\"role\":\"user\",\"content\":\"this is a test request\"}]}")
                                .getBytes(StandardCharsets.UTF_8));
            }
            int status = connection.getResponseCode();
            try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                out.println(in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
            out.flush();
            return status < 400 ? 0 : 1;
        } catch (IOException e) {
            out.println("No gateway answers at " + base + ": " + e.getMessage());
            out.flush();
            return 1;
        }
    }
}
