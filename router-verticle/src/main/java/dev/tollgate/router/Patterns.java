package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The compiled {@code tag_regex} of one configuration. */
final class Patterns {
    private final Map<String, Pattern> compiled = new HashMap<>();

    /** Whether one of the deployment's patterns is found in {@code User-Agent: …}. */
    boolean recognise(Deployment member, @Nullable String userAgent) {
        if (userAgent == null) {
            return false;
        }
        String header = "User-Agent: " + userAgent;
        for (String pattern : member.routing().fit().tagRegex()) {
            if (compiled.computeIfAbsent(pattern, Pattern::compile)
                    .matcher(header)
                    .find()) {
                return true;
            }
        }
        return false;
    }
}
