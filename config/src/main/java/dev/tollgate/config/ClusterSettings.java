package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code cluster}: how this node finds the others and is found. Read once, at the start.
 *
 * @param join other nodes, each as {@code host:port}; empty for one that the others join
 * @param dns a name whose addresses are the nodes', or null
 * @param host this node's own address, or null: it is found out
 * @param port where members meet
 * @param busPort where calls and streams between nodes arrive
 * @param secret what all nodes know and nobody else
 * @param roles what this node does
 * @param healthPort where a node without the gateway's role says how it is, or null
 * @param openWhenCutOff whether a node that is cut off from most others goes on as if budgets and limits were its own
 */
public record ClusterSettings(
        List<String> join,
        @Nullable String dns,
        @Nullable String host,
        int port,
        int busPort,
        Secret secret,
        Roles roles,
        @Nullable Integer healthPort,
        boolean openWhenCutOff) {
    /** Where members meet, unless told otherwise. */
    public static final int PORT = 5701;

    /** Where calls between nodes arrive, unless told otherwise. */
    public static final int BUS_PORT = 5702;

    /** Of a node that does everything. */
    public ClusterSettings(
            List<String> join, @Nullable String dns, @Nullable String host, int port, int busPort, Secret secret) {
        this(join, dns, host, port, busPort, secret, Roles.ALL, null, false);
    }

    public ClusterSettings {
        join = List.copyOf(join);
    }
}
