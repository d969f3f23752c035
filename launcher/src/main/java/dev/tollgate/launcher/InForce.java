package dev.tollgate.launcher;

import dev.tollgate.cluster.ModelShelf;
import dev.tollgate.config.Basis;
import dev.tollgate.config.Composed;
import dev.tollgate.config.ConfigDiff;
import dev.tollgate.config.FileCredential;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.Problem;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.StoredModels;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The configuration in force on this node: what the file says together with what the admin API made. Either may change while the other
 * stays; each change has an epoch of its own, and lanes get the epochs in their order.
 */
final class InForce implements ModelShelf.Composer {
    private final ModelShelf shelf;

    /** Brings a configuration to all lanes. */
    private final Function<Snapshot, Future<Void>> lanes;

    private Basis basis;
    private StoredModels stored = StoredModels.NONE;
    private Composed composed;
    private Snapshot current;
    private Future<Void> arrived = Future.succeededFuture();

    /** The file's alone, until the store has answered. */
    InForce(LoadResult.Loaded file, ModelShelf shelf, Function<Snapshot, Future<Void>> lanes) {
        this.basis = file.basis();
        this.composed = new Composed(file.snapshot(), List.of());
        this.current = file.snapshot().partial(file.snapshot().storing().accepted());
        this.shelf = shelf;
        this.lanes = lanes;
    }

    /** Gives a new lane the configuration, so that it misses none that comes later. */
    synchronized <T> T begin(Function<Snapshot, T> lane) {
        return lane.apply(current);
    }

    synchronized Snapshot current() {
        return current;
    }

    /** Takes over what the file says now. */
    synchronized void reloaded(LoadResult result) {
        switch (result) {
            case LoadResult.Rejected rejected -> {
                Logs.LOG.error("The changed configuration is refused; the one before stays in force:");
                rejected.problems().forEach(problem -> Logs.LOG.error("  {}", problem));
            }
            case LoadResult.Loaded loaded -> {
                basis = loaded.basis();
                boolean toCome =
                        current.partial() && loaded.snapshot().storing().accepted();
                compose(List.of());
                switchTo(composed.snapshot().partial(toCome));
            }
        }
    }

    @Override
    public synchronized Future<Composed> bring(StoredModels next) {
        if (current.partial() || !next.equals(stored)) {
            stored = next;
            compose(current.warnings());
            switchTo(composed.snapshot());
        }
        return arrived.map(composed);
    }

    /** Says what is odd, but for what is known, and what is left out that was not before. */
    private void compose(List<Problem> known) {
        Composed made = basis.with(stored);
        Set<Problem> said = new HashSet<>(known);
        made.snapshot().warnings().stream()
                .filter(warning -> !said.contains(warning))
                .forEach(warning -> Logs.LOG.warn("{}", warning));
        for (Composed.LeftOut entry : made.leftOut()) {
            if (!composed.leftOut().contains(entry)) {
                Logs.LOG.error(
                        "The {} {} of the admin API is left out; mend it or delete it there:",
                        entry.what(),
                        entry.id());
                entry.problems().forEach(problem -> Logs.LOG.error("  {}", problem));
            }
        }
        composed = made;
        shelf.mistaken(made.leftOut().size());
    }

    private void switchTo(Snapshot made) {
        List<String> changes = ConfigDiff.describe(current, made);
        // The store had nothing to add: that is no other configuration.
        boolean onlyWhole = current.partial() && !made.partial() && changes.isEmpty();
        current = made.withEpoch(current.epoch() + (onlyWhole ? 0 : 1));
        arrived = lanes.apply(current);
        if (!onlyWhole) {
            Logs.LOG.info("Configuration {} in force: {}", current.epoch(), changes.isEmpty() ? "no changes" : changes);
        }
    }

    @Override
    public Composed tried(StoredModels next) {
        return basis().with(next);
    }

    @Override
    public List<FileCredential> credentials() {
        return basis().credentials();
    }

    private synchronized Basis basis() {
        return basis;
    }
}
