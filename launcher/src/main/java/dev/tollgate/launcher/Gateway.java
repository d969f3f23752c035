package dev.tollgate.launcher;

import dev.tollgate.cluster.Drainable;
import dev.tollgate.cluster.Keyring;
import dev.tollgate.cluster.Lane;
import dev.tollgate.cluster.LoadExchange;
import dev.tollgate.cluster.LocalBus;
import dev.tollgate.cluster.LocalLoadBoard;
import dev.tollgate.cluster.ModelShelf;
import dev.tollgate.cluster.NoPeers;
import dev.tollgate.cluster.Node;
import dev.tollgate.cluster.NodeLoads;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Role;
import dev.tollgate.cluster.Room;
import dev.tollgate.cluster.hazelcast.HazelcastPeers;
import dev.tollgate.config.ClusterSettings;
import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.ConfigWatcher;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.Sources;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.transport.Transport;
import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The running program: a Vert.x instance, its lanes with every room on each, and the configuration that they share. */
final class Gateway {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration LONGEST_START = Duration.ofSeconds(30);

    /** How long a changed configuration waits for nodes that have not read it yet: Kubernetes may take a minute to bring it to a pod. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** How long bringing the last spend to the store and leaving the cluster may take after calls under way have ended. */
    private static final Duration LEAVING = Duration.ofSeconds(25);

    private final Node node;
    private final NodeLoads loads;
    private final Peers peers;
    private final @Nullable LoadExchange exchange;
    private final List<Room> rooms;
    private final List<PlacedLane> lanes = new CopyOnWriteArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final InForce inForce;
    private final @Nullable ClusterSettings cluster;
    private final Agreement agreement;
    private @Nullable ConfigWatcher watcher;

    private record PlacedLane(Lane lane, Context context, List<Deployable> verticles) {
        Future<Void> drain(Duration grace) {
            List<Future<Void>> drained = new ArrayList<>();
            for (Deployable verticle : verticles) {
                if (verticle instanceof Drainable drainable) {
                    drained.add(drainable.drain(grace));
                }
            }
            return Future.join(drained).mapEmpty();
        }
    }

    Gateway(LoadResult.Loaded file, Node.ServerOptions options, int laneCount, Path data) {
        Vertx vertx = Vertx.builder()
                .with(new VertxOptions()
                        .setEventLoopPoolSize(Math.max(laneCount, 1))
                        .setPreferNativeTransport(true))
                .withTransport(transport())
                .build();
        this.cluster = file.snapshot().cluster();
        this.peers = peers(cluster, options);
        this.node = new Node(
                vertx,
                laneCount,
                data,
                options,
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                new Keyring(),
                peers,
                new ModelShelf(),
                began());
        boolean shared = laneCount > 1 || cluster != null;
        this.loads = new NodeLoads(laneCount, shared);
        this.inForce = new InForce(file, node.shelf(), this::switchTo);
        node.shelf().composer(inForce);
        this.exchange = shared
                ? new LoadExchange(
                        vertx,
                        peers,
                        loads,
                        () -> inForce.current().router().latency().samples())
                : null;
        this.agreement = new Agreement(vertx, peers, file.sources().identity(), PATIENCE, this::reloaded);
        this.rooms = Rooms.of(cluster);
    }

    /** Whether clients can reach this node. */
    boolean serves() {
        return rooms.stream().anyMatch(room -> room.role() == Role.GATEWAY);
    }

    private static Peers peers(@Nullable ClusterSettings cluster, Node.ServerOptions options) {
        return cluster == null
                ? new NoPeers(options.host() + ":" + options.port(), options.version())
                : new HazelcastPeers(cluster, Rooms.roles(cluster), options.version());
    }

    /** When the process was made; a script that did much before it became this process does not count. */
    private static long began() {
        long now = System.nanoTime();
        return ProcessHandle.current()
                .info()
                .startInstant()
                .map(start -> Duration.between(start, Instant.now()))
                .filter(age -> age.compareTo(LONGEST_START) < 0)
                .map(age -> now - age.toNanos())
                .orElse(now);
    }

    /** io_uring where the kernel lets us (15 to 25 % less CPU), else epoll, else what Java has. */
    private static Transport transport() {
        if (Transport.IO_URING != null && Transport.IO_URING.available()) {
            return Transport.IO_URING;
        }
        return Transport.EPOLL != null && Transport.EPOLL.available() ? Transport.EPOLL : Transport.NIO;
    }

    /** Starts everything; returns why it could not, or null when it is up. */
    @Nullable String start() {
        // Said before all else: a second start by mistake finds the data folder in use too, which is not what is wrong.
        String taken = ListenCheck.of(serves() ? node.options() : null, cluster);
        if (taken != null) {
            node.vertx().close();
            return taken;
        }
        try {
            open().await(60, TimeUnit.SECONDS);
            if (exchange != null) {
                exchange.start();
            }
            agreement.start();
            if (!serves() && cluster != null && cluster.healthPort() != null) {
                new HealthPort(node).open(cluster.healthPort()).await(LOOK.toSeconds() * 10, TimeUnit.SECONDS);
            }
            // After HTTP: to find the others takes some seconds, and calls need not wait for it.
            if (peers instanceof HazelcastPeers joining) {
                joining.start();
            }
            Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "tollgate-stop"));
            return null;
        } catch (TimeoutException _) {
            node.vertx().close();
            return "Tollgate did not start within 60 s";
        } catch (Exception e) {
            // await throws whatever the future failed with, checked or not: a port in use is an IOException.
            node.vertx().close();
            return reason(e);
        }
    }

    private String reason(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        boolean bind = failure instanceof BindException
                || failure.getCause() instanceof BindException
                || message.contains("bind(");
        if (bind) {
            return ListenCheck.explained(node.options(), message);
        }
        return "Tollgate cannot start: " + failure.getMessage();
    }

    private Future<?> open() {
        List<Future<Void>> opened = new ArrayList<>();
        rooms.forEach(room -> opened.add(room.open(node)));
        // The first lane alone: what keeps it from starting, such as a port in use, is then said once.
        return Future.all(opened).compose(_ -> lane(0)).compose(_ -> {
            List<Future<String>> deployed = new ArrayList<>();
            for (int i = 1; i < node.lanes(); i++) {
                deployed.add(lane(i));
            }
            return Future.all(deployed);
        });
    }

    private Future<String> lane(int number) {
        return node.vertx().deployVerticle(new LaneVerticle(number), new DeploymentOptions());
    }

    /** All rooms on one event loop. */
    private final class LaneVerticle implements Deployable {
        private final int number;
        private final List<Deployable> verticles = new ArrayList<>();

        LaneVerticle(int number) {
            this.number = number;
        }

        @Override
        public Future<?> deploy(Context context) {
            PlacedLane placed = inForce.begin(config -> {
                PlacedLane made = new PlacedLane(lane(config), context, verticles);
                lanes.add(made);
                return made;
            });
            Future<?> chain = Future.succeededFuture();
            for (Room room : rooms) {
                Deployable verticle = room.onLane(placed.lane());
                verticles.add(verticle);
                chain = chain.compose(_ -> placed(verticle, context));
            }
            return chain;
        }

        private Lane lane(Snapshot config) {
            Vertx vertx = node.vertx();
            LocalLoadBoard board = new LocalLoadBoard(vertx, number, loads);
            if (exchange != null) {
                exchange.add(vertx.getOrCreateContext(), board);
            }
            return new Lane(node, number, new LocalBus(vertx, number), board, config);
        }

        private static Future<?> placed(Deployable verticle, Context context) {
            try {
                return verticle.deploy(context);
            } catch (Exception e) {
                return Future.failedFuture(e);
            }
        }

        @Override
        public Future<?> undeploy(Context context) {
            Future<?> chain = Future.succeededFuture();
            for (Deployable verticle : verticles.reversed()) {
                chain = chain.transform(_ -> removed(verticle, context));
            }
            return chain;
        }

        private static Future<Object> removed(Deployable verticle, Context context) {
            try {
                return verticle.undeploy(context).mapEmpty();
            } catch (Exception e) {
                return Future.failedFuture(e);
            }
        }
    }

    /** Looks at the files from now on, and reads them anew on SIGHUP. */
    void watch(ConfigLoader loader, Path file, Sources sources) {
        ConfigWatcher watching = new ConfigWatcher(node.vertx(), loader, file, sources, agreement::read);
        watcher = watching;
        watching.start(LOOK);
        Signals.onHangup(watching::reloadNow);
    }

    /** One after the other, and not on an event loop: all models of the admin API are read with the file. */
    private void reloaded(LoadResult result) {
        node.vertx().<Void>executeBlocking(() -> {
            inForce.reloaded(result);
            return null;
        });
    }

    /** Completes when all lanes have gone over to it. */
    private Future<Void> switchTo(Snapshot next) {
        List<Future<Void>> switched = new ArrayList<>();
        for (PlacedLane placed : lanes) {
            Promise<Void> done = Promise.promise();
            placed.context().runOnContext(_ -> {
                try {
                    placed.lane().switchTo(next);
                    done.complete();
                } catch (RuntimeException e) {
                    done.fail(e);
                }
            });
            switched.add(done.future());
        }
        return Future.join(switched).mapEmpty();
    }

    int port() {
        Integer bound = node.vertx()
                .sharedData()
                .<String, Integer>getLocalMap("tollgate")
                .get("port");
        return bound == null ? node.options().port() : bound;
    }

    Node node() {
        return node;
    }

    private Future<?> drained(Duration grace) {
        List<Future<Void>> drained = new ArrayList<>();
        for (PlacedLane placed : lanes) {
            Promise<Void> done = Promise.promise();
            placed.context().runOnContext(_ -> placed.drain(grace).onComplete(done));
            drained.add(done.future());
        }
        return Future.join(drained);
    }

    private Future<?> undeployed() {
        List<Future<Void>> undeployed = new ArrayList<>();
        node.vertx().deploymentIDs().forEach(id -> undeployed.add(node.vertx().undeploy(id)));
        return Future.join(undeployed);
    }

    /** Calls under way get their time first, then everything is taken down; once. */
    void stop() {
        if (stopped.getAndSet(true)) {
            return;
        }
        Duration grace = inForce.current().general().drain();
        try {
            if (watcher != null) {
                watcher.close();
            }
            drained(grace)
                    .transform(_ -> undeployed())
                    .transform(_ -> {
                        List<Future<Void>> closed = new ArrayList<>();
                        rooms.forEach(room -> closed.add(room.close(node)));
                        return Future.join(closed);
                    })
                    .transform(_ -> peers.leave())
                    .await(grace.plus(LEAVING).toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            Logs.LOG.warn("Stopping took too long or failed: {}", e.toString());
        }
    }
}
