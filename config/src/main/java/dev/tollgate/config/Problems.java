package dev.tollgate.config;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what is wrong and what is odd while a configuration is read, so that all of it can be shown at once, each thing once, in the
 * order of the file. It is found in another: sections are read as others need them.
 */
final class Problems {
    private final Set<Problem> errors = new LinkedHashSet<>();
    private final Set<Problem> unset = new LinkedHashSet<>();
    private final Set<Problem> warnings = new LinkedHashSet<>();

    void error(@Nullable Origin origin, String message) {
        errors.add(new Problem(origin, message));
    }

    /** A variable that is needed here and not set. */
    void unset(@Nullable Origin origin, String variable) {
        Problem problem = new Problem(
                origin, "the environment variable " + variable + " is not set; set it or write the value here");
        unset.add(problem);
        errors.add(problem);
    }

    /** Whether a value is unknown for want of its variable: then nothing can be said of names that seem to lead nowhere. */
    boolean anyUnset() {
        return !unset.isEmpty();
    }

    /** Whether anything but variables is wrong. */
    boolean anyBesidesUnset() {
        return errors.size() > unset.size();
    }

    void warn(@Nullable Origin origin, String message) {
        warnings.add(new Problem(origin, message));
    }

    List<Problem> errors() {
        return errors.stream().sorted(Problem.BY_PLACE).toList();
    }

    List<Problem> warnings() {
        return warnings.stream().sorted(Problem.BY_PLACE).toList();
    }
}
