package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Three nodes on one PostgreSQL that are stopped, killed, halted and started again, each always at its own ports and in its own folder. */
final class Three implements AutoCloseable {
    static final int COUNT = 3;
    static final String KEY = "sk-master-of-three";
    private static final Duration SOON = Duration.ofSeconds(300);

    private final Path folder;
    private final String config;
    private final Postgres postgres;
    private final List<Place> places = new ArrayList<>();
    private final List<Tollgate> nodes = new CopyOnWriteArrayList<>();
    private final List<Tollgate> launched = new CopyOnWriteArrayList<>();

    private record Place(int http, int members, int bus) {}

    private Three(Path folder, String config, Postgres postgres) throws IOException {
        this.folder = folder;
        this.config = config;
        this.postgres = postgres;
        for (int i = 0; i < COUNT; i++) {
            places.add(new Place(Nodes.lastingPort(), Nodes.lastingPort(), Nodes.lastingPort()));
        }
    }

    /** Starts the first, then the others, and waits until they are together. */
    static Three start(Path folder, String config) throws Exception {
        Three three = new Three(folder, config, Postgres.start());
        try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
            three.nodes.add(three.launch(0));
            Future<Tollgate> second = starters.submit(() -> three.launch(1));
            Future<Tollgate> third = starters.submit(() -> three.launch(2));
            three.nodes.add(second.get());
            three.nodes.add(third.get());
            three.together();
            return three;
        } catch (Exception | Error e) {
            three.close();
            throw e;
        }
    }

    private Tollgate launch(int i) throws Exception {
        Place place = places.get(i);
        String others = String.join(
                ",",
                IntStream.range(0, COUNT)
                        .filter(other -> other != i)
                        .mapToObj(other -> "127.0.0.1:" + places.get(other).members())
                        .toList());
        Tollgate node = new Tollgate.Setup(Files.createDirectories(home(i)))
                .jvm("-Xmx192m", "-XX:TieredStopAtLevel=1")
                .env("TOLLGATE_CLUSTER_HOST", "127.0.0.1")
                .env("TOLLGATE_CLUSTER_PORT", Integer.toString(place.members()))
                .env("TOLLGATE_CLUSTER_BUS_PORT", Integer.toString(place.bus()))
                .env("TOLLGATE_CLUSTER_SECRET", "of-three")
                .env("DATABASE_URL", postgres.url())
                .flags("--join", others, "--port", Integer.toString(place.http()))
                .config(config)
                .start();
        launched.add(node);
        return node;
    }

    private Path home(int i) {
        return folder.resolve("node" + i);
    }

    /** Starts one again that has ended. */
    Tollgate again(int i) throws Exception {
        Tollgate started = launch(i);
        nodes.set(i, started);
        return started;
    }

    /** Asks it to stop and waits until it has. By a signal: Java would close what it prints its last words to. */
    void stop(int i) throws IOException, InterruptedException {
        signal(i, "TERM");
        get(i).process().onExit().orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
    }

    /** Ends it in the middle of whatever it does. */
    void kill(int i) {
        get(i).kill();
    }

    /** It stands still until it is told to go on: to the others that is a network that is cut. */
    void signal(int i, String name) throws IOException, InterruptedException {
        String command = "kill -" + name + " " + get(i).process().pid();
        assertThat(new ProcessBuilder("sh", "-c", command).start().waitFor()).isZero();
    }

    void loseDisk(int i) throws IOException {
        try (Stream<Path> files = Files.walk(home(i).resolve("data"))) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    /** Waits until every node is ready and sees all. */
    void together() {
        await().atMost(SOON).until(() -> nodes.stream().allMatch(node -> Nodes.seenBy(node) == COUNT));
    }

    Tollgate get(int i) {
        return nodes.get(i);
    }

    List<Integer> ports() {
        return places.stream().map(Place::http).toList();
    }

    Postgres postgres() {
        return postgres;
    }

    /** Asks a node's admin API for something that must work. */
    JsonObject admin(int i, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> answer = new Http(get(i).url(), KEY, Http.LONG_PATIENCE).post(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    /** How often, so far, a node has seen that another was lost, or itself: twice for one that was killed, as two are left to see it. */
    int losses() {
        return (int) launched.stream()
                .flatMap(node -> node.lines().stream())
                .filter(line ->
                        line.contains(" has left the cluster") || line.contains("no member of the cluster any more"))
                .count();
    }

    /** What all of them printed, for a failure that has to be understood. */
    String story() {
        StringBuilder story = new StringBuilder();
        for (int i = 0; i < nodes.size(); i++) {
            story.append("--- node ")
                    .append(i)
                    .append('\n')
                    .append(String.join("\n", nodes.get(i).lines()))
                    .append('\n');
        }
        return story.toString();
    }

    @Override
    public void close() throws IOException {
        try (ExecutorService stopping = Executors.newVirtualThreadPerTaskExecutor()) {
            launched.forEach(node -> stopping.execute(node::close));
        }
        postgres.close();
    }
}
