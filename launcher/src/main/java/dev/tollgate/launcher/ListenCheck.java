package dev.tollgate.launcher;

import dev.tollgate.cluster.Node;
import dev.tollgate.config.ClusterSettings;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Whether the gateway's address can be had, tried before anything is opened; and what to do when it cannot. */
final class ListenCheck {
    private ListenCheck() {}

    /** Why an address cannot be had, or null. Any other trouble is left to the server itself to find. {@code options}: null without clients. */
    static @Nullable String of(Node.@Nullable ServerOptions options, @Nullable ClusterSettings cluster) {
        String refused = options == null ? null : refused(new InetSocketAddress(options.host(), options.port()));
        if (options != null && refused != null) {
            return explained(options, refused);
        }
        if (cluster == null) {
            return null;
        }
        String members = port(cluster.host(), cluster.port(), "TOLLGATE_CLUSTER_PORT");
        if (members != null) {
            return members;
        }
        String bus = port(cluster.host(), cluster.busPort(), "TOLLGATE_CLUSTER_BUS_PORT");
        return bus != null || options != null || cluster.healthPort() == null
                ? bus
                : port(null, cluster.healthPort(), "TOLLGATE_HEALTH_PORT");
    }

    /** An address of another machine that leads here cannot be tried. */
    private static @Nullable String port(@Nullable String host, int port, String variable) {
        InetSocketAddress address = host == null ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
        String refused = refused(address);
        return refused == null || refused.toLowerCase(Locale.ROOT).contains("assign")
                ? null
                : "Cannot listen on port " + port + " for "
                        + (variable.contains("HEALTH") ? "health checks" : "the other nodes") + ": " + refused
                        + ". Stop what uses it, or choose another with " + variable;
    }

    private static @Nullable String refused(InetSocketAddress address) {
        if (address.getPort() == 0 || address.isUnresolved()) {
            return null;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
            return null;
        } catch (BindException e) {
            return String.valueOf(e.getMessage());
        } catch (IOException _) {
            return null;
        }
    }

    /** The system's reason with the way out of it. */
    static String explained(Node.ServerOptions options, String reason) {
        String said = reason.toLowerCase(Locale.ROOT);
        String advice;
        if (said.contains("permission")) {
            advice = "Ports below 1024 are for the system: choose a higher one with --port";
        } else if (said.contains("assign")) {
            advice = "No network of this machine has that address: choose another with --host";
        } else {
            advice = "Something listens on port " + options.port()
                    + " already, perhaps another Tollgate. Stop what uses it, or choose another with --port";
        }
        return "Cannot listen on " + options.host() + ":" + options.port() + ": " + reason + ". " + advice;
    }
}
