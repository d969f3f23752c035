package dev.tollgate.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gathers what is wrong and what is odd while a configuration is read, so that all of it can be shown at once. */
final class Problems {
    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    void error(@Nullable Origin origin, String message) {
        errors.add(new Problem(origin, message));
    }

    void warn(@Nullable Origin origin, String message) {
        warnings.add(new Problem(origin, message));
    }

    List<Problem> errors() {
        return errors;
    }

    List<Problem> warnings() {
        return warnings;
    }
}
