package dev.tollgate.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One epoch of configuration: everything the rooms read, immutable, swapped whole.
 *
 * @param epoch ascending number of this configuration on this node, from 1
 * @param source what it was read from, for people: a file's path, or {@code (found)}
 * @param models deployments and the names they answer to
 * @param router router settings
 * @param general server settings
 * @param virtualKeys keys of the gateway that stand in the file
 * @param cluster how the node finds others, or null: it stands alone; read once, at the start
 * @param storing what is said about models of the admin API
 * @param partial whether models of the admin API are still to come: the store has not answered yet
 * @param warnings oddities that did not prevent loading
 */
public record Snapshot(
        long epoch,
        String source,
        ModelTable models,
        RouterSettings router,
        GeneralSettings general,
        List<VirtualKey> virtualKeys,
        @Nullable ClusterSettings cluster,
        StoringSettings storing,
        boolean partial,
        List<Problem> warnings) {

    /** Nothing is configured. */
    public static final Snapshot EMPTY =
            new Snapshot(0, "(none)", ModelTable.empty(), RouterSettings.DEFAULT, GeneralSettings.DEFAULT, List.of());

    /** Without keys in the file, alone and complete. */
    public Snapshot(
            long epoch,
            String source,
            ModelTable models,
            RouterSettings router,
            GeneralSettings general,
            List<Problem> warnings) {
        this(epoch, source, models, router, general, List.of(), null, StoringSettings.DEFAULT, false, warnings);
    }

    public Snapshot {
        virtualKeys = List.copyOf(virtualKeys);
        warnings = List.copyOf(warnings);
    }

    /** The same configuration under another epoch number. */
    public Snapshot withEpoch(long newEpoch) {
        return new Snapshot(
                newEpoch, source, models, router, general, virtualKeys, cluster, storing, partial, warnings);
    }

    /** The same configuration, of which models of the admin API are still to come or not. */
    public Snapshot partial(boolean toCome) {
        return new Snapshot(epoch, source, models, router, general, virtualKeys, cluster, storing, toCome, warnings);
    }

    /** The same configuration with other models, and what is said to name them. */
    Snapshot withModels(ModelTable newModels, RouterSettings newRouter, List<Problem> newWarnings) {
        return new Snapshot(
                epoch, source, newModels, newRouter, general, virtualKeys, cluster, storing, partial, newWarnings);
    }
}
