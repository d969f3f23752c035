package dev.tollgate.router;

import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.FailureKind;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which groups are tried when one has failed. The client's own list for the kind of failure wins, then its
 * plain one; then the list for the kind of failure; then the plain
 * list for the name that was asked for, for the group it stands for, for the name without its provider prefix, for {@code *};
 * then the default list.
 *
 * <p>In LiteLLM a configured {@code context_window_fallbacks} without an entry for the group hides {@code fallbacks}; here it does
 * not, because its documentation does not say so and nobody would want it.
 */
final class Fallbacks {
    private Fallbacks() {}

    static List<String> after(
            FailureKind kind, String requested, String group, Envelope.Overrides asked, RouterSettings settings) {
        if (asked.disableFallbacks() || !falls(kind)) {
            return List.of();
        }
        List<String> special = special(kind, requested, group, asked, settings);
        if (special != null) {
            return special;
        }
        if (asked.fallbacks() != null) {
            return asked.fallbacks();
        }
        List<String> plain = named(settings.fallbacks(), requested, group);
        return plain != null ? plain : settings.defaultFallbacks();
    }

    /** The list for this kind of failure alone, or null when the plain one counts. */
    static @Nullable List<String> special(
            FailureKind kind, String requested, String group, Envelope.Overrides asked, RouterSettings settings) {
        if (asked.disableFallbacks()) {
            return null;
        }
        List<String> own = switch (kind) {
            case CONTEXT_WINDOW -> asked.special().contextWindowFallbacks();
            case CONTENT_POLICY -> asked.special().contentPolicyFallbacks();
            default -> null;
        };
        if (own != null || asked.fallbacks() != null) {
            return own;
        }
        return switch (kind) {
            case CONTEXT_WINDOW -> named(settings.contextWindowFallbacks(), requested, group);
            case CONTENT_POLICY -> named(settings.contentPolicyFallbacks(), requested, group);
            default -> null;
        };
    }

    /** How many groups a call may fall back to. */
    static int most(Envelope.Overrides asked, RouterSettings settings) {
        Integer own = asked.special().maxFallbacks();
        return own == null ? settings.maxFallbacks() : own;
    }

    /** A call that no upstream can ever serve is not tried elsewhere. */
    static boolean falls(FailureKind kind) {
        return switch (kind) {
            case AUTHENTICATION,
                    PERMISSION,
                    REQUEST_TOO_LARGE,
                    METHOD_NOT_ALLOWED,
                    BUDGET,
                    CLIENT_GONE,
                    INTERNAL,
                    ROLE_MISSING -> false;
            default -> true;
        };
    }

    private static @Nullable List<String> named(Map<String, List<String>> table, String requested, String group) {
        if (table.isEmpty()) {
            return null;
        }
        for (String name : RouterSettings.fallbackNames(requested, group)) {
            List<String> found = table.get(name);
            if (found != null) {
                return found;
            }
        }
        return null;
    }
}
