package dev.tollgate.launcher;

import dev.tollgate.cluster.Node;
import dev.tollgate.config.Discovery;
import dev.tollgate.config.Environment;
import dev.tollgate.config.LoadResult;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * A training run for the JVM's AOT cache: serves itself some plain and streamed calls of the echo model and ends. Trained under
 * load, the cache makes the first seconds several times faster than one trained by starting alone.
 */
@Command(name = "train", hidden = true, description = "Run a short load for the AOT cache and exit.")
final class Train implements Callable<Integer> {
    private static final int CALLS = 300;

    @Override
    public Integer call() throws Exception {
        Logs.start(false);
        Path data = Files.createTempDirectory("tollgate-train-");
        try {
            train(data);
            return 0;
        } finally {
            delete(data);
        }
    }

    private static void train(Path data) throws IOException, InterruptedException {
        LoadResult.Loaded found = new Discovery(Environment.of(Map.of())).loaded(List.of());
        Gateway gateway = new Gateway(found, new Node.ServerOptions("127.0.0.1", 0, "", Main.VERSION), 1, data);
        String failure = gateway.start();
        if (failure != null) {
            throw new IOException(failure);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int i = 0; i < CALLS; i++) {
                call(client, gateway.port(), i % 3 == 0);
            }
        } finally {
            gateway.stop();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static void call(HttpClient client, int port, boolean stream) throws IOException, InterruptedException {
        String body = "{\"model\":\"echo\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Say a few words, please\"}]}";
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(
                    "The training run was answered with " + response.statusCode() + ": " + response.body());
        }
    }
}
