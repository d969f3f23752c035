package dev.tollgate.launcher;

import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.Problem;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets nodes go over to a changed configuration together. Each node reads its own files, which reach the nodes one after the other;
 * it goes over when all that have the same configuration in force have read and accepted the same new one, and one that cannot take
 * it keeps all of them from it. Nodes whose files were others before are not waited for. When one has still not read it after some
 * time, the others go over without it, and say so.
 *
 * <p>Everybody tells everybody and decides alone, so there is nobody whose loss could leave a change half done. Runs on one event loop.
 */
final class Agreement {
    private static final String TOPIC = "config";
    private static final long AGAIN_MILLIS = 1_000;
    private static final Duration LONGEST_ASKING = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final Context context;
    private final Peers peers;
    private final Duration patience;
    private final Consumer<LoadResult> reloaded;
    private final Map<String, Said> others = new HashMap<>();
    private String inForce;
    private String refused = "";
    private String reason = "";
    private LoadResult.@Nullable Loaded candidate;
    private String candidateIs = "";
    private long sinceNanos;
    private int readings;
    private String obstacle = "";

    /**
     * What a node said last.
     *
     * @param inForce the configuration that it works by
     * @param ready one that it has read and could go over to; empty for none
     * @param refused one that it has read and cannot take; empty for none
     * @param reason why not
     */
    private record Said(String inForce, String ready, String refused, String reason) {}

    /** {@code inForce}: what this node began with; {@code reloaded} takes what is decided. */
    Agreement(Vertx vertx, Peers peers, String inForce, Duration patience, Consumer<LoadResult> reloaded) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.peers = peers;
        this.inForce = inForce;
        this.patience = patience;
        this.reloaded = reloaded;
    }

    /** Begins to listen to the others. */
    void start() {
        peers.receive(TOPIC, letter -> {
            Promise<Letter> answer = Promise.promise();
            context.runOnContext(_ -> {
                heard(letter.members());
                answer.complete(new Letter(TOPIC, said()));
            });
            return answer.future();
        });
        peers.onChange(() -> context.runOnContext(_ -> {
            others.keySet().retainAll(peers.all().stream().map(Peer::id).toList());
            tell();
            decide();
        }));
    }

    /** The files hold something new, good or not. */
    void read(LoadResult result) {
        context.runOnContext(_ -> {
            readings++;
            switch (result) {
                case LoadResult.Rejected rejected -> rejected(rejected);
                case LoadResult.Loaded loaded -> accepted(loaded);
            }
        });
    }

    private void rejected(LoadResult.Rejected rejected) {
        candidate = null;
        candidateIs = "";
        refused = rejected.sources().identity();
        reason = rejected.problems().stream().findFirst().map(Problem::toString).orElse("");
        tell();
        reloaded.accept(rejected);
    }

    private void accepted(LoadResult.Loaded loaded) {
        refused = "";
        if (loaded.sources().identity().equals(inForce)) {
            // Asked for by hand, or changed back.
            candidate = null;
            candidateIs = "";
            tell();
            reloaded.accept(loaded);
            return;
        }
        candidate = loaded;
        candidateIs = loaded.sources().identity();
        sinceNanos = System.nanoTime();
        obstacle = "";
        tell();
        decide();
        again();
    }

    /** Letters may be lost, and patience may end. */
    private void again() {
        int waiting = readings;
        if (candidate != null) {
            vertx.setTimer(
                    AGAIN_MILLIS,
                    _ -> context.runOnContext(_ -> {
                        if (waiting == readings && candidate != null) {
                            tell();
                            decide();
                            again();
                        }
                    }));
        }
    }

    private JsonObject said() {
        return new JsonObject()
                .put("node", peers.self())
                .put("in_force", inForce)
                .put("ready", candidateIs)
                .put("refused", refused)
                .put("reason", reason);
    }

    /** Tells all others how it stands here; their answers say how it stands there. */
    private void tell() {
        Letter letter = new Letter(TOPIC, said());
        for (Peer peer : peers.all()) {
            if (!peer.id().equals(peers.self())) {
                peers.ask(peer.id(), letter, LONGEST_ASKING)
                        .onSuccess(answer -> context.runOnContext(_ -> heard(answer.members())));
            }
        }
    }

    private void heard(JsonObject said) {
        others.put(
                said.getString("node", ""),
                new Said(
                        said.getString("in_force", ""),
                        said.getString("ready", ""),
                        said.getString("refused", ""),
                        said.getString("reason", "")));
        decide();
    }

    private void decide() {
        LoadResult.Loaded next = candidate;
        if (next == null) {
            return;
        }
        List<String> missing = new ArrayList<>();
        for (Peer peer : peers.all()) {
            Said said = peer.id().equals(peers.self()) ? null : others.get(peer.id());
            if (said != null && said.refused().equals(candidateIs)) {
                hinder("The changed configuration stays out of force: " + peer.name() + " cannot take it: "
                        + said.reason());
                return;
            }
            if (!peer.id().equals(peers.self()) && !goes(said)) {
                missing.add(peer.name());
            }
        }
        if (missing.isEmpty()) {
            goOver(next);
        } else if (System.nanoTime() - sinceNanos > patience.toNanos()) {
            Logs.LOG.warn("The changed configuration comes into force though {} did not read it yet", missing);
            goOver(next);
        } else {
            hinder("The changed configuration waits for " + missing);
        }
    }

    /** Whether a node needs not be waited for: it is as far, further, or has files of its own. */
    private boolean goes(@Nullable Said said) {
        return said != null
                && (said.ready().equals(candidateIs)
                        || said.inForce().equals(candidateIs)
                        || !said.inForce().equals(inForce));
    }

    private void hinder(String why) {
        if (!why.equals(obstacle)) {
            obstacle = why;
            Logs.LOG.info("{}", why);
        }
    }

    private void goOver(LoadResult.Loaded next) {
        inForce = candidateIs;
        candidate = null;
        candidateIs = "";
        tell();
        reloaded.accept(next);
    }
}
