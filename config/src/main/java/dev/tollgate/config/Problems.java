package dev.tollgate.config;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gathers what is wrong and what is odd while a configuration is read, so that all of it can be shown at once, each thing once. */
final class Problems {
    private final Set<Problem> errors = new LinkedHashSet<>();
    private final Set<Problem> warnings = new LinkedHashSet<>();

    void error(@Nullable Origin origin, String message) {
        errors.add(new Problem(origin, message));
    }

    void warn(@Nullable Origin origin, String message) {
        warnings.add(new Problem(origin, message));
    }

    List<Problem> errors() {
        return List.copyOf(errors);
    }

    List<Problem> warnings() {
        return List.copyOf(warnings);
    }
}
