package dev.tollgate.config;

import dev.tollgate.config.StoreUrl.Tls;
import dev.tollgate.protocol.Secret;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of a {@link StoreUrl}; those that it was not asked for are left. */
final class StoreUrlParameters {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration STATEMENT = Duration.ofSeconds(30);

    /** Parameters about pools: there is one connection, used by one thread. */
    private static final List<String> POOL = List.of("connection_limit", "pool_timeout", "statement_cache_size");

    private final Map<String, String> left;

    StoreUrlParameters(Map<String, String> parameters) {
        this.left = new LinkedHashMap<>(parameters);
    }

    private @Nullable String take(String... names) {
        String found = null;
        for (String name : names) {
            String value = left.remove(name);
            found = found == null || found.isEmpty() ? value : found;
        }
        return found == null || found.isEmpty() ? null : found;
    }

    StoreUrl url(StoreUrl.Kind kind, String host, int port, String database, Secret user, Secret password) {
        String schema = take("schema");
        if (schema != null && !schema.matches("[A-Za-z0-9_-]{1,40}")) {
            throw new IllegalArgumentException("has a `schema` that is no plain name of at most 40 characters");
        }
        Tls tls = tls();
        Duration connect = seconds("connect_timeout", CONNECT);
        Duration statement = seconds("socket_timeout", STATEMENT);
        boolean pooled = "true".equalsIgnoreCase(take("pgbouncer"));
        POOL.forEach(this::take);
        return new StoreUrl(
                kind,
                host,
                port,
                database,
                user,
                password,
                schema == null ? "" : schema,
                tls,
                connect,
                statement,
                pooled,
                new ArrayList<>(left.keySet()));
    }

    private Duration seconds(String name, Duration usual) {
        String given = take(name);
        long value = given == null ? 0 : StoreUrl.whole("a `" + name + "`", given, 0, 3_600);
        // 0 means without an end to Prisma; the thread that waits has other things to do.
        return value == 0 ? usual : Duration.ofSeconds(value);
    }

    private Tls tls() {
        String asked = take("sslmode", "ssl-mode", "sslMode", "ssl_mode");
        String root = take("sslrootcert", "ssl-ca", "sslca", "serverSslCert");
        String certificate = take("sslcert", "ssl-cert");
        String key = take("sslkey", "ssl-key");
        boolean strict = "strict".equals(take("sslaccept"));
        if (certificate != null && key == null) {
            // Prisma's name for the authority; to libpq it is our own certificate, and then its key is named as
            // well.
            root = root == null ? certificate : root;
            certificate = null;
        }
        Tls.Mode mode = strict ? Tls.Mode.VERIFY_FULL : mode(asked == null ? "prefer" : asked);
        // As libpq does it: who names an authority wants it asked.
        mode = mode == Tls.Mode.REQUIRE && root != null ? Tls.Mode.VERIFY_CA : mode;
        return new Tls(mode, readable(root), readable(certificate), readable(key));
    }

    private static @Nullable String readable(@Nullable String file) {
        try {
            if (file == null || Files.isReadable(Path.of(file))) {
                return file;
            }
        } catch (InvalidPathException _) {
            // Cannot be read either.
        }
        throw new IllegalArgumentException("names the certificate file " + file + ", which cannot be read");
    }

    private static Tls.Mode mode(String asked) {
        return switch (asked.toLowerCase(Locale.ROOT).replace('_', '-')) {
            case "disable", "disabled", "false" -> Tls.Mode.DISABLE;
            case "allow", "prefer", "preferred" -> Tls.Mode.PREFER;
            case "require", "required", "trust", "true" -> Tls.Mode.REQUIRE;
            case "verify-ca" -> Tls.Mode.VERIFY_CA;
            case "verify-full", "verify-identity" -> Tls.Mode.VERIFY_FULL;
            default ->
                throw new IllegalArgumentException(
                        "has an `sslmode` that is none of disable, prefer, require, verify-ca, verify-full");
        };
    }
}
