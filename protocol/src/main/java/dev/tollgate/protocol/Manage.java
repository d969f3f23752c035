package dev.tollgate.protocol;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request of the admin API: gateway to accounting, answered with {@link Managed}.
 *
 * @param method HTTP method, upper case
 * @param path path without {@code SERVER_ROOT_PATH}, decoded; no slash at its end
 * @param parameters query parameters, each with its values in order
 * @param body the body, or null when there was none
 * @param caller who asks
 * @param changedBy {@code litellm-changed-by} header: on whose behalf, or null
 */
public record Manage(
        String method,
        String path,
        Map<String, List<String>> parameters,
        @Nullable Buffer body,
        Caller caller,
        @Nullable String changedBy) {

    /** The last value of a parameter, or null. */
    public @Nullable String parameter(String name) {
        List<String> values = parameters.get(name);
        return values == null || values.isEmpty() ? null : values.getLast();
    }
}
