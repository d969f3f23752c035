package dev.tollgate.launcher;

import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.LocalBus;
import dev.tollgate.cluster.LocalLoadBoard;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.NodeLoads;
import dev.tollgate.cluster.Role;
import dev.tollgate.cluster.Room;
import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.DotEnv;
import dev.tollgate.config.Environment;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.QueryResult;
import dev.tollgate.protocol.Surface;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Says how a call to a model would be routed, and why: asks a running gateway, or a router of its own that has read the same
 * configuration and has seen no call yet.
 */
@Command(name = "explain", description = "Tell how a call to a model would be routed, and why.")
final class Explain implements Callable<Integer> {
    private static final int PATIENCE_MILLIS = 10_000;

    @Spec
    @Nullable CommandSpec spec;

    @Mixin
    StandardFlags standard = new StandardFlags();

    @Parameters(paramLabel = "MODEL", description = "The model that would be asked for.")
    String model = "";

    @Option(
            names = {"--config", "-c"},
            paramLabel = "FILE",
            description = "config.yaml when none is named; not read with --url. The store's models are known, too.")
    Path file = Path.of("config.yaml");

    @Option(names = "--tags", paramLabel = "TAGS", split = ",", description = "Tags of the call.")
    List<String> tags = new ArrayList<>();

    @Option(names = "--stream", description = "Ask for a stream.")
    boolean stream;

    @Option(names = "--url", paramLabel = "URL", description = "Ask the gateway there, with its figures of now.")
    @Nullable String url;

    @Option(names = "--key", paramLabel = "KEY", description = "Key for it; LITELLM_MASTER_KEY when none is given.")
    @Nullable String key;

    @Override
    public Integer call() throws Exception {
        Logs.errorsOnly();
        PrintWriter err = Terminal.err(spec);
        Environment environment = DotEnv.under(System.getenv(), Path.of(".env"), new ArrayList<>());
        if (url != null) {
            return running(url, environment);
        }
        return switch (new ConfigLoader(environment).load(file)) {
            case LoadResult.Rejected rejected -> {
                rejected.problems().forEach(err::println);
                err.flush();
                yield 2;
            }
            case LoadResult.Loaded loaded -> configured(StoreModels.with(loaded, Serve.data(environment), err));
        };
    }

    private int running(String base, Environment environment) {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create(base + "/route/explain").toURL().openConnection();
            connection.setConnectTimeout(PATIENCE_MILLIS);
            connection.setReadTimeout(PATIENCE_MILLIS);
            String credential = key == null ? environment.get("LITELLM_MASTER_KEY") : key;
            if (credential != null) {
                connection.setRequestProperty("Authorization", "Bearer " + credential);
            }
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setDoOutput(true);
            connection.getOutputStream().write(asked().toBuffer().getBytes());
            int status = connection.getResponseCode();
            try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                return told(in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8), status < 400);
            }
        } catch (IOException | IllegalArgumentException e) {
            PrintWriter err = Terminal.err(spec);
            err.println("No gateway answers at " + base + ": " + e.getMessage());
            err.flush();
            return 1;
        }
    }

    private JsonObject asked() {
        return new JsonObject()
                .put("model", model)
                .put("stream", stream)
                .put("messages", new JsonArray())
                .put("tags", new JsonArray(tags));
    }

    private int told(String text, boolean good) {
        PrintWriter out = good ? Terminal.out(spec) : Terminal.err(spec);
        out.println(good ? new JsonObject(text).encodePrettily() : text);
        out.flush();
        return good ? 0 : 1;
    }

    private int configured(Snapshot snapshot) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            Promise<QueryResult> answered = Promise.promise();
            vertx.deployVerticle(new Asking(vertx, snapshot, answered)).onFailure(answered::tryFail);
            QueryResult result = answered.future().await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            Buffer json = result.json();
            if (json != null) {
                return told(json.toString(), true);
            }
            return told(result.failure() == null ? "" : result.failure().message(), false);
        } finally {
            vertx.close().await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** A lane with nothing but a router on it. */
    private final class Asking implements Deployable {
        private final Vertx vertx;
        private final Snapshot snapshot;
        private final Promise<QueryResult> answered;

        Asking(Vertx vertx, Snapshot snapshot, Promise<QueryResult> answered) {
            this.vertx = vertx;
            this.snapshot = snapshot;
            this.answered = answered;
        }

        @Override
        public Future<?> deploy(Context context) throws Exception {
            Node node = new Node(
                    vertx,
                    1,
                    Path.of("."),
                    new Node.ServerOptions("", 0, "", Main.VERSION),
                    new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                    System.nanoTime());
            Lane lane =
                    new Lane(node, 0, new LocalBus(vertx, 0), new LocalLoadBoard(vertx, 0, new NodeLoads(1)), snapshot);
            Future<?> chain = Future.succeededFuture();
            for (Room room : ServiceLoader.load(Room.class)) {
                if (room.role() == Role.ROUTER) {
                    Deployable router = room.onLane(lane);
                    chain = router.deploy(context);
                }
            }
            return chain.onSuccess(_ -> lane.bus()
                    .<Call, QueryResult>ask(Addresses.EXPLAIN, explained())
                    .onComplete(answered));
        }

        private Call explained() {
            Envelope envelope = new Envelope(
                    model,
                    null,
                    1,
                    true,
                    stream,
                    false,
                    null,
                    0,
                    null,
                    tags,
                    List.of(),
                    List.of(),
                    Envelope.Overrides.NONE);
            return new Call("explain", Surface.CHAT, Caller.ANYONE, envelope, Map.of(), Buffer.buffer(), 0);
        }
    }
}
