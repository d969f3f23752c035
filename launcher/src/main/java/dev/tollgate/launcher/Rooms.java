package dev.tollgate.launcher;

import dev.tollgate.cluster.Role;
import dev.tollgate.cluster.Room;
import dev.tollgate.cluster.relay.ProvidersElsewhere;
import dev.tollgate.cluster.relay.ProvidersForOthers;
import dev.tollgate.config.ClusterSettings;
import dev.tollgate.config.Roles;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rooms of a node by its roles, and what stands in for a role that other nodes play. */
final class Rooms {
    private Rooms() {}

    /** What a node does; one that stands alone does everything. */
    static Set<Role> roles(@Nullable ClusterSettings cluster) {
        return switch (cluster == null ? Roles.ALL : cluster.roles()) {
            case ALL -> EnumSet.allOf(Role.class);
            case FRONT -> EnumSet.complementOf(EnumSet.of(Role.PROVIDER));
            case PROVIDER -> EnumSet.of(Role.PROVIDER);
        };
    }

    /** In the order in which they are opened on a lane. */
    static List<Room> of(@Nullable ClusterSettings cluster) {
        Set<Role> roles = roles(cluster);
        List<Room> rooms = new ArrayList<>();
        ServiceLoader.load(Room.class).forEach(room -> {
            if (roles.contains(room.role())) {
                rooms.add(room);
            }
        });
        if (!roles.contains(Role.PROVIDER)) {
            rooms.add(new ProvidersElsewhere());
        } else if (cluster != null) {
            rooms.add(new ProvidersForOthers());
        }
        // Of one role, those that came first stay first: providers before what serves others with them.
        rooms.sort(Comparator.comparing(Room::role));
        return rooms;
    }
}
