package dev.tollgate.accounting.desk;

import dev.tollgate.protocol.Manage;
import dev.tollgate.protocol.Managed;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The table of the admin API: which path and method does what, and who may enter. */
final class Endpoints {
    /** The open part of a path such as {@code /key/…/regenerate} or {@code /credentials/…}. */
    private static final String OPEN = "/*";

    private final Map<String, Map<String, Endpoint>> byPath = new HashMap<>();
    private final List<String> open = new ArrayList<>();

    /**
     * One of them.
     *
     * @param access who may enter
     * @param reads whether nothing is changed by it
     * @param handler what it does
     */
    record Endpoint(Access access, boolean reads, Asked.Handler handler) {}

    /**
     * An endpoint that was found.
     *
     * @param path as the table has it, without anything secret
     * @param named the open part of the path that was asked for, or empty
     */
    record Found(Endpoint endpoint, String path, String named) {}

    /** One that only shows. */
    Endpoints get(String path, Access access, Asked.Handler handler) {
        return add(path, Set.of("GET"), new Endpoint(access, true, handler));
    }

    /** One that only shows, and takes a body. */
    Endpoints look(String path, Access access, Asked.Handler handler) {
        return add(path, Set.of("POST"), new Endpoint(access, true, handler));
    }

    /** One that changes something. */
    Endpoints post(String path, Access access, Asked.Handler handler) {
        return add(path, Set.of("POST"), new Endpoint(access, false, handler));
    }

    /** One that changes something, by LiteLLM's present method or the one of its older versions. */
    Endpoints either(String method, String path, Access access, Asked.Handler handler) {
        return add(path, Set.of("POST", method), new Endpoint(access, false, handler));
    }

    /** One that changes something, by this method alone. */
    Endpoints change(String method, String path, Access access, Asked.Handler handler) {
        return add(path, Set.of(method), new Endpoint(access, false, handler));
    }

    private Endpoints add(String path, Set<String> methods, Endpoint endpoint) {
        if (path.contains(OPEN) && !open.contains(path)) {
            open.add(path);
        }
        methods.forEach(
                method -> byPath.computeIfAbsent(path, _ -> new HashMap<>()).put(method, endpoint));
        return this;
    }

    /** The endpoint of a request. */
    Found find(Manage manage) throws NotHere {
        String path = manage.path();
        String named = "";
        Map<String, Endpoint> methods = byPath.get(path);
        String pattern = path;
        if (methods == null) {
            pattern = pattern(path);
            methods = pattern == null ? null : byPath.get(pattern);
            named = pattern == null
                    ? ""
                    : path.substring(pattern.indexOf('*'), path.length() - pattern.length() + pattern.indexOf('*') + 1);
        }
        if (methods == null || pattern == null) {
            throw new NotHere(404, "Not Found");
        }
        Endpoint endpoint = methods.get(manage.method());
        if (endpoint == null) {
            throw new NotHere(405, "Method Not Allowed");
        }
        return new Found(endpoint, pattern, named);
    }

    private @Nullable String pattern(String path) {
        for (String pattern : open) {
            int star = pattern.indexOf('*');
            String begin = pattern.substring(0, star);
            String end = pattern.substring(star + 1);
            if (path.length() > begin.length() + end.length() && path.startsWith(begin) && path.endsWith(end)) {
                return pattern;
            }
        }
        return null;
    }

    /** Each path with its methods, for those who want to know all. */
    Map<String, Map<String, Endpoint>> all() {
        return byPath;
    }

    /** There is no such path, or not by this method: FastAPI's answer. */
    static final class NotHere extends Exception {
        private static final long serialVersionUID = 1;
        private final int status;

        NotHere(int status, String detail) {
            super(detail, null, false, false);
            this.status = status;
        }

        Managed answer() {
            return new Managed.Done(
                    status, new JsonObject().put("detail", getMessage()).toBuffer());
        }
    }
}
