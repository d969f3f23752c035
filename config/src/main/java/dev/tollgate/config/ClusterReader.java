package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads {@code cluster} and the variables that say the same. Variables come first: they may differ where all nodes have one file. */
public final class ClusterReader {
    private static final int LAST_PORT = 65_535;

    private final Section section;
    private final Environment environment;
    private final Problems problems;
    private final boolean written;
    private final @Nullable Origin place;

    ClusterReader(Section root, Environment environment, Problems problems) {
        this.section = root.section("cluster");
        this.written = root.has("cluster");
        this.place = root.keyOrigin("cluster");
        this.environment = environment;
        this.problems = problems;
        section.warnUnknownExcept(KnownKeys.of("cluster"), "cluster setting");
    }

    /** Of variables alone. {@code wrong} gets what is wrong with them. */
    public static @Nullable ClusterSettings of(
            Environment environment, @Nullable Secret masterKey, List<Problem> wrong) {
        Problems problems = new Problems();
        ClusterSettings settings =
                new ClusterReader(new Section("", null, problems), environment, problems).read(masterKey);
        wrong.addAll(problems.errors());
        return settings;
    }

    /** The settings, or null when this node stands alone. */
    @Nullable ClusterSettings read(@Nullable Secret masterKey) {
        List<String> join = join();
        String dns = text("dns", "TOLLGATE_CLUSTER_DNS");
        // Its mistakes were said when the file was taken apart.
        Roles roles = Roles.read(section.reporting(new Problems()), environment, new Problems());
        if (!enabled(!join.isEmpty() || dns != null)) {
            if (roles != Roles.ALL) {
                problems.error(
                        section.origin("roles"),
                        "a node that does not play all roles needs others that do: say `cluster.join` or `cluster.dns`,"
                                + " or --cluster on the first node");
            }
            return null;
        }
        int port = port("port", "TOLLGATE_CLUSTER_PORT", ClusterSettings.PORT);
        int busPort = port("bus_port", "TOLLGATE_CLUSTER_BUS_PORT", ClusterSettings.BUS_PORT);
        if (port == busPort) {
            problems.error(section.origin("bus_port"), "`cluster.port` and `cluster.bus_port` must differ");
        }
        String own = text("secret", "TOLLGATE_CLUSTER_SECRET");
        Secret secret = own != null ? Secret.of(own) : masterKey;
        if (secret == null) {
            if (!section.unset("secret")) {
                problems.error(
                        place,
                        "a cluster needs `cluster.secret` (or TOLLGATE_CLUSTER_SECRET, or a master key), the same on all"
                                + " nodes");
            }
            return null;
        }
        return new ClusterSettings(
                join,
                dns,
                text("host", "TOLLGATE_CLUSTER_HOST"),
                port,
                busPort,
                secret,
                roles,
                healthPort(),
                openWhenCutOff());
    }

    private boolean openWhenCutOff() {
        String policy = text("partition_policy", "TOLLGATE_CLUSTER_PARTITION_POLICY");
        if (policy != null && !policy.equals("open") && !policy.equals("closed")) {
            problems.error(section.origin("partition_policy"), "`cluster.partition_policy` must be closed or open");
        }
        return "open".equals(policy);
    }

    private boolean enabled(boolean others) {
        String variable = environment.get("TOLLGATE_CLUSTER");
        Boolean flag = section.flag("enabled");
        if (variable != null) {
            return List.of("true", "1", "yes", "on").contains(variable.strip().toLowerCase(Locale.ROOT));
        }
        return flag == null ? written || others : flag;
    }

    private List<String> join() {
        String variable = environment.get("TOLLGATE_CLUSTER_JOIN");
        List<String> nodes = variable == null ? section.texts("join") : Arrays.asList(variable.split(","));
        List<String> found = new ArrayList<>();
        for (String node : nodes) {
            String stripped = node.strip();
            if (stripped.isEmpty()) {
                continue;
            }
            if (!addressed(stripped)) {
                problems.error(section.origin("join"), "`" + stripped + "` is no host:port to join");
            }
            found.add(stripped);
        }
        return found;
    }

    private static boolean addressed(String node) {
        int colon = node.lastIndexOf(':');
        if (colon < 0 || node.endsWith("]")) {
            return node.chars().noneMatch(Character::isWhitespace);
        }
        String port = node.substring(colon + 1);
        return colon > 0
                && port.length() <= 5
                && port.chars().allMatch(c -> c >= '0' && c <= '9')
                && !port.isEmpty()
                && Integer.parseInt(port) <= LAST_PORT;
    }

    private @Nullable String text(String key, String variable) {
        String value = environment.get(variable);
        if (value == null || value.isBlank()) {
            value = section.text(key);
        }
        return value == null || value.isBlank() ? null : value.strip();
    }

    private @Nullable Integer healthPort() {
        int port = port("health_port", "TOLLGATE_HEALTH_PORT", 0);
        return port == 0 ? null : (Integer) port;
    }

    private int port(String key, String variable, int usual) {
        String text = environment.get(variable);
        Long value = text == null ? section.whole(key) : whole(text);
        if (value == null) {
            return usual;
        }
        if (value < 1 || value > LAST_PORT) {
            String name = text == null ? "`cluster." + key + "`" : variable;
            problems.error(text == null ? section.origin(key) : null, name + " must be a port from 1 to " + LAST_PORT);
            return usual;
        }
        return value.intValue();
    }

    private static Long whole(String text) {
        try {
            return Long.valueOf(text.strip());
        } catch (NumberFormatException _) {
            return -1L;
        }
    }
}
