package dev.tollgate.cluster.hazelcast;

import com.hazelcast.config.Config;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.NetworkConfig;
import dev.tollgate.cluster.Role;
import dev.tollgate.config.ClusterSettings;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How a Hazelcast member of ours is set up: no multicast, no calls home, few threads, and nothing deserialized but what is expected. */
final class MemberConfig {
    static final String ROLES = "tollgate.roles";
    static final String VERSION = "tollgate.version";
    /** The node's id, the same in all its memberships. */
    static final String PEER = "tollgate.node";

    private MemberConfig() {}

    static Config of(ClusterSettings settings, ClusterSecret secret, Set<Role> roles, String version) {
        Config config = new Config();
        config.setClusterName(secret.clusterName());
        config.getMemberAttributeConfig()
                .setAttribute(ROLES, roles.stream().map(Role::name).sorted().collect(Collectors.joining(",")))
                .setAttribute(VERSION, version);
        properties(config);
        network(config.getNetworkConfig(), settings);
        config.getMetricsConfig().setEnabled(false);
        // Vert.x's own maps, with one backup each, as its documentation asks for.
        config.addMultiMapConfig(new MultiMapConfig("__vertx.subs")
                .setBackupCount(1)
                .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET));
        config.addMapConfig(new MapConfig("__vertx.haInfo").setBackupCount(1));
        config.addMapConfig(new MapConfig("__vertx.nodeInfo").setBackupCount(1));
        JavaSerializationFilterConfig filter = new JavaSerializationFilterConfig();
        filter.getWhitelist()
                .addPrefixes(
                        "java.lang.", "java.util.", "[", "com.hazelcast.", "io.vertx.spi.cluster.", "dev.tollgate.");
        config.getSerializationConfig().setJavaSerializationFilterConfig(filter);
        return config;
    }

    private static void properties(Config config) {
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.diagnostics.enabled", "false");
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.shutdownhook.enabled", "false");
        config.setProperty("hazelcast.wait.seconds.before.join", "1");
        config.setProperty("hazelcast.operation.thread.count", "2");
        config.setProperty("hazelcast.operation.generic.thread.count", "2");
        config.setProperty("hazelcast.io.thread.count", "1");
        config.setProperty("hazelcast.event.thread.count", "1");
        // A member that is gone without a word, such as a machine that lost power, is missed within ten seconds.
        config.setProperty("hazelcast.heartbeat.interval.seconds", "1");
        config.setProperty("hazelcast.max.no.heartbeat.seconds", "10");
        // Halves of a cluster that was cut in two find each other again soon.
        config.setProperty("hazelcast.merge.first.run.delay.seconds", "5");
        config.setProperty("hazelcast.merge.next.run.delay.seconds", "5");
        // Leaving must not take longer than a pod is given.
        config.setProperty("hazelcast.graceful.shutdown.max.wait", "10");
    }

    private static void network(NetworkConfig network, ClusterSettings settings) {
        network.setPort(settings.port()).setPortAutoIncrement(false);
        String own = settings.host();
        if (own != null) {
            network.setPublicAddress(own + ":" + settings.port());
            String local = local(own);
            if (local != null) {
                network.getInterfaces().setEnabled(true).addInterface(local);
            }
        }
        JoinConfig join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        String dns = settings.dns();
        if (dns != null) {
            join.getKubernetesConfig()
                    .setEnabled(true)
                    .setProperty("service-dns", dns)
                    .setProperty("service-port", Integer.toString(settings.port()));
        } else {
            join.getTcpIpConfig().setEnabled(true);
            settings.join().forEach(join.getTcpIpConfig()::addMember);
        }
    }

    /** The address that the name stands for if it is one of this machine, else null: it is then another's that leads here. */
    static @Nullable String local(String host) {
        try {
            InetAddress address = InetAddress.getByName(host);
            return NetworkInterface.getByInetAddress(address) == null ? null : address.getHostAddress();
        } catch (UnknownHostException | SocketException _) {
            return null;
        }
    }
}
