package dev.tollgate.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Environment variables, from wherever: one method, so that tests bring their own. */
@FunctionalInterface
public interface Environment {

    /** The variable's value, or null when it is not set or empty. */
    @Nullable String get(String name);

    /** The process environment alone. */
    static Environment system() {
        return of(System.getenv());
    }

    /** A fixed set. */
    static Environment of(Map<String, String> variables) {
        return name -> {
            String value = variables.get(name);
            return value == null || value.isEmpty() ? null : value;
        };
    }

    /** This one, and where it has nothing, the other. */
    default Environment or(Environment other) {
        return name -> {
            String value = get(name);
            return value != null ? value : other.get(name);
        };
    }

    /** The first of these variables that is set, by name, or null: how a provider's usual key and address are found. */
    default @Nullable String firstSet(List<String> names) {
        for (String name : names) {
            if (get(name) != null) {
                return name;
            }
        }
        return null;
    }
}
