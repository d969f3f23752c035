package dev.tollgate.launcher;

import dev.tollgate.cluster.InStore;
import dev.tollgate.cluster.Room;
import dev.tollgate.config.Composed;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.StoredModels;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** Adds the models of the store to a configuration that was read, for verbs that run beside the gateway; the store is only looked at. */
final class StoreModels {
    private StoreModels() {}

    /** The configuration with them. What is left out, or why none is known, goes to {@code err}. */
    static Snapshot with(LoadResult.Loaded loaded, Path data, PrintWriter err) {
        List<StoredModels.Entry> models = new ArrayList<>();
        List<StoredModels.Entry> credentials = new ArrayList<>();
        for (Room room : ServiceLoader.load(Room.class)) {
            InStore found = room.stored(loaded.snapshot(), data);
            found.troubles().forEach(trouble -> err.println("Left out of what the admin API made: " + trouble));
            models.addAll(found.stored().models());
            credentials.addAll(found.stored().credentials());
        }
        Composed composed = loaded.basis().with(new StoredModels(models, credentials));
        composed.leftOut()
                .forEach(entry -> entry.problems()
                        .forEach(problem -> err.println("Left out of what the admin API made: " + problem)));
        err.flush();
        return composed.snapshot();
    }
}
