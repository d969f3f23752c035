package dev.tollgate.cluster;

import java.util.Set;

/**
 * One node of the cluster.
 *
 * @param id made anew at each start
 * @param name {@code host:port}, for people
 * @param roles what it does
 * @param version its version of Tollgate
 */
public record Peer(String id, String name, Set<Role> roles, String version) {
    public Peer {
        roles = Set.copyOf(roles);
    }
}
