package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code DATABASE_URL}, taken apart: {@code postgresql://user:password@host:port/database?sslmode=require}, as Prisma and so LiteLLM
 * writes it, or the same with {@code mysql://}. It prints as host, port and database; user and password never leave it as text.
 *
 * @param kind which database
 * @param host name or address, an IPv6 address without its brackets
 * @param port port
 * @param database name of the database
 * @param user login, percent-decoded
 * @param password password, percent-decoded; empty when there is none
 * @param schema {@code schema} of Prisma's URLs: where LiteLLM's tables are; empty when it says none
 * @param tls how the connection is secured
 * @param connectTimeout how long connecting may take
 * @param statementTimeout how long one statement may take
 * @param pooled whether a pooler that shares connections between transactions (PgBouncer) stands in between
 * @param ignored parameters that mean nothing to us
 */
public record StoreUrl(
        Kind kind,
        String host,
        int port,
        String database,
        Secret user,
        Secret password,
        String schema,
        Tls tls,
        Duration connectTimeout,
        Duration statementTimeout,
        boolean pooled,
        List<String> ignored) {
    private static final String SCHEMES = "postgresql://, postgres://, mysql:// or mariadb://";

    private static final String ENCODE = " (special characters of a password must be percent-encoded)";

    /** Databases that can hold spend. */
    public enum Kind {
        POSTGRESQL("PostgreSQL", 5432),
        MYSQL("MySQL", 3306);

        private final String label;
        private final int usualPort;

        Kind(String label, int usualPort) {
            this.label = label;
            this.usualPort = usualPort;
        }

        /** Its name, for people. */
        public String label() {
            return label;
        }
    }

    /**
     * How the connection is secured.
     *
     * @param mode what is asked of the server
     * @param rootCertificate PEM file of the authorities to trust, or null: those that Java trusts
     * @param certificate PEM file of our own certificate, or null
     * @param key PEM file of its key, or null
     */
    public record Tls(
            Mode mode,
            @Nullable String rootCertificate,
            @Nullable String certificate,
            @Nullable String key) {

        /** libpq's modes; MySQL's have the same meanings under names of their own. */
        public enum Mode {
            DISABLE,
            PREFER,
            REQUIRE,
            VERIFY_CA,
            VERIFY_FULL
        }
    }

    public StoreUrl {
        ignored = List.copyOf(ignored);
    }

    /**
     * Takes a URL apart.
     *
     * @throws IllegalArgumentException when it is none; the message holds nothing secret
     */
    public static StoreUrl parse(String url) {
        int scheme = url.indexOf("://");
        Kind kind = kind(scheme < 0 ? "" : url.substring(0, scheme).strip().toLowerCase(Locale.ROOT));
        String rest = url.strip().substring(url.strip().indexOf("://") + 3);
        int query = rest.indexOf('?');
        Map<String, String> parameters = parameters(query < 0 ? "" : rest.substring(query + 1));
        String place = query < 0 ? rest : rest.substring(0, query);
        // A password may hold an @ or a slash that nobody encoded: the host begins behind the last @.
        int at = place.lastIndexOf('@');
        String[] login = (at < 0 ? "" : place.substring(0, at)).split(":", 2);
        String[] target = place.substring(at + 1).split("/", 2);
        if (target.length < 2 || target[1].isBlank()) {
            throw new IllegalArgumentException("names no database: write one behind the host, as in …@host/database");
        }
        String host = host(target[0]);
        return new StoreUrlParameters(parameters)
                .url(
                        kind,
                        host,
                        port(target[0], kind),
                        decoded(target[1]),
                        Secret.of(decoded(login[0])),
                        Secret.of(login.length < 2 ? "" : decoded(login[1])));
    }

    private static Kind kind(String scheme) {
        return switch (scheme) {
            case "postgresql", "postgres" -> Kind.POSTGRESQL;
            case "mysql", "mariadb" -> Kind.MYSQL;
            case "" -> throw new IllegalArgumentException("is no URL: it begins with " + SCHEMES);
            default ->
                throw new IllegalArgumentException("names a store that we cannot use: it begins with " + SCHEMES);
        };
    }

    private static String host(String address) {
        if (address.startsWith("[")) {
            int end = address.indexOf(']');
            if (end < 0) {
                throw new IllegalArgumentException("has a host that begins with [ and does not end with ]");
            }
            return address.substring(1, end);
        }
        int colon = address.indexOf(':');
        String host = decoded(colon < 0 ? address : address.substring(0, colon));
        return host.isEmpty() ? "localhost" : host;
    }

    private static int port(String address, Kind kind) {
        int colon = address.indexOf(':', address.lastIndexOf(']') + 1);
        if (colon < 0 || colon == address.length() - 1) {
            return kind.usualPort;
        }
        return (int) whole("a port", address.substring(colon + 1), 1, 65_535);
    }

    static long whole(String what, String text, long least, long most) {
        try {
            long value = Long.parseLong(text.strip());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException _) {
            // Said below; the text itself may be part of a password that nobody encoded.
        }
        throw new IllegalArgumentException("has " + what + " that is no number from " + least + " to " + most + ENCODE);
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String pair : query.split("&")) {
            if (!pair.isEmpty()) {
                String[] parts = pair.split("=", 2);
                if (!parts[0].matches("[A-Za-z0-9_.-]+")) {
                    // Perhaps the rest of a password with a question mark in it: not to be shown as a name.
                    throw new IllegalArgumentException("has a parameter without a plain name" + ENCODE);
                }
                found.put(parts[0], parts.length < 2 ? "" : decoded(parts[1]));
            }
        }
        return found;
    }

    /** Percent signs only: a plus is a plus. What is no encoding stands for itself. */
    private static String decoded(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            int high = bytes[i] == '%' && i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(bytes[i + 2], 16);
            if (low < 0) {
                bytes[length++] = bytes[i];
            } else {
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            }
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** Host, port and database: what may be shown. */
    @Override
    public String toString() {
        String shown = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return kind.label + " at " + shown + ":" + port + "/" + database;
    }
}
