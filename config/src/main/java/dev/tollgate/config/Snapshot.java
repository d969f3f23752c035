package dev.tollgate.config;

import java.util.List;

/**
 * One epoch of configuration: everything the rooms read, immutable, swapped whole.
 *
 * @param epoch ascending number of this configuration on this node, from 1
 * @param source what it was read from, for people: a file's path, or {@code (found)}
 * @param models deployments and the names they answer to
 * @param router router settings
 * @param general server settings
 * @param virtualKeys keys of the gateway that stand in the file
 * @param warnings oddities that did not prevent loading
 */
public record Snapshot(
        long epoch,
        String source,
        ModelTable models,
        RouterSettings router,
        GeneralSettings general,
        List<VirtualKey> virtualKeys,
        List<Problem> warnings) {

    /** Nothing is configured. */
    public static final Snapshot EMPTY =
            new Snapshot(0, "(none)", ModelTable.empty(), RouterSettings.DEFAULT, GeneralSettings.DEFAULT, List.of());

    /** Without keys in the file. */
    public Snapshot(
            long epoch,
            String source,
            ModelTable models,
            RouterSettings router,
            GeneralSettings general,
            List<Problem> warnings) {
        this(epoch, source, models, router, general, List.of(), warnings);
    }

    public Snapshot {
        virtualKeys = List.copyOf(virtualKeys);
        warnings = List.copyOf(warnings);
    }

    /** The same configuration under another epoch number. */
    public Snapshot withEpoch(long newEpoch) {
        return new Snapshot(newEpoch, source, models, router, general, virtualKeys, warnings);
    }
}
