package dev.tollgate.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A mapping read with types. Each getter says at its place in the file what was expected when it finds something else, then acts as
 * if nothing were there. {@code os.environ/NAME} values are already replaced.
 */
final class Section {
    private final String name;
    private final Map<String, ConfigNode.Entry> entries;
    private final Problems problems;

    Section(String name, ConfigNode.@Nullable Mapping mapping, Problems problems) {
        this(mapping == null ? Map.of() : mapping.entries(), name, problems);
    }

    private Section(Map<String, ConfigNode.Entry> entries, String name, Problems problems) {
        this.name = name;
        this.entries = entries;
        this.problems = problems;
    }

    /** The same, saying what is wrong elsewhere. */
    Section reporting(Problems others) {
        return new Section(entries, name, others);
    }

    /** The member as a section; an empty one when it is absent. */
    Section section(String key) {
        ConfigNode node = node(key);
        if (node instanceof ConfigNode.Mapping mapping) {
            return new Section(key, mapping, problems);
        }
        if (node != null) {
            expected(key, node, "a mapping");
        }
        return new Section(key, null, problems);
    }

    boolean has(String key) {
        return node(key) != null;
    }

    Set<String> keys() {
        return entries.keySet();
    }

    /** Whether the member stands there, but its variable is not set: that is said already, so nobody need miss the value. */
    boolean unset(String key) {
        ConfigNode.Entry entry = entries.get(key);
        return entry != null
                && entry.value() instanceof ConfigNode.Scalar scalar
                && scalar.type() == ConfigNode.Type.UNSET;
    }

    /** The member's value, or null when absent, {@code null} or of a variable that is not set. */
    @Nullable ConfigNode node(String key) {
        ConfigNode.Entry entry = entries.get(key);
        if (entry == null || (entry.value() instanceof ConfigNode.Scalar scalar && scalar.empty())) {
            return null;
        }
        return entry.value();
    }

    /** The same, but a value of a variable that is not set, or that is not for this node, is there too. */
    @Nullable ConfigNode written(String key) {
        ConfigNode.Entry entry = entries.get(key);
        return entry != null && entry.value() instanceof ConfigNode.Scalar scalar && scalar.written() != null
                ? scalar
                : node(key);
    }

    @Nullable Origin origin(String key) {
        ConfigNode.Entry entry = entries.get(key);
        return entry == null ? null : entry.value().origin();
    }

    @Nullable Origin keyOrigin(String key) {
        ConfigNode.Entry entry = entries.get(key);
        return entry == null ? null : entry.keyOrigin();
    }

    private void expected(String key, ConfigNode found, String what) {
        problems.error(found.origin(), called(key) + " must be " + what + ", not " + found.kind());
    }

    private String called(String key) {
        return name.isEmpty() ? "`" + key + "`" : "`" + name + "." + key + "`";
    }

    @Nullable String text(String key) {
        ConfigNode node = node(key);
        if (node instanceof ConfigNode.Scalar scalar) {
            return scalar.text();
        }
        if (node != null) {
            expected(key, node, "text");
        }
        return null;
    }

    @Nullable BigDecimal number(String key) {
        ConfigNode node = node(key);
        if (node == null) {
            return null;
        }
        if (node instanceof ConfigNode.Scalar scalar) {
            try {
                BigDecimal value = new BigDecimal(scalar.text().strip().replace("_", ""));
                if (value.signum() < 0) {
                    problems.error(node.origin(), called(key) + " must not be negative");
                    return null;
                }
                return value;
            } catch (NumberFormatException _) {
                // Said below, together with values that are no scalar at all.
            }
        }
        expected(key, node, "a number");
        return null;
    }

    @Nullable Integer integer(String key) {
        Long value = whole(key);
        return value == null ? null : (Integer) (int) Math.min(Integer.MAX_VALUE, value);
    }

    /** A number of things of which there must be one at least. */
    @Nullable Integer count(String key) {
        Integer value = integer(key);
        if (value != null && value == 0) {
            problems.error(origin(key), called(key) + " must be 1 at least; leave it out for no limit");
        }
        return value;
    }

    @Nullable Long whole(String key) {
        BigDecimal value = number(key);
        if (value == null) {
            return null;
        }
        try {
            return value.longValueExact();
        } catch (ArithmeticException _) {
            problems.error(origin(key), called(key) + " must be a whole number");
            return null;
        }
    }

    @Nullable Duration seconds(String key) {
        BigDecimal value = number(key);
        return value == null ? null : Duration.ofNanos((long) Math.min(9e18, value.doubleValue() * 1e9));
    }

    @Nullable Boolean flag(String key) {
        ConfigNode node = node(key);
        if (node instanceof ConfigNode.Scalar scalar) {
            switch (scalar.text().toLowerCase(Locale.ROOT)) {
                case "true", "yes", "on", "1" -> {
                    return true;
                }
                case "false", "no", "off", "0" -> {
                    return false;
                }
                default -> {}
            }
        }
        if (node != null) {
            expected(key, node, "true or false");
        }
        return null;
    }

    /** The items of a list; a single value counts as a list of one. */
    List<ConfigNode> list(String key) {
        ConfigNode node = node(key);
        return switch (node) {
            case null -> List.of();
            case ConfigNode.Sequence sequence -> sequence.items();
            default -> List.of(node);
        };
    }

    void warnUnknownExcept(KnownKeys known, String what) {
        warnUnknownExcept(known, KnownKeys.NONE, what);
    }

    List<String> texts(String key) {
        List<String> found = new ArrayList<>();
        for (ConfigNode item : list(key)) {
            if (item instanceof ConfigNode.Scalar scalar && !scalar.empty()) {
                found.add(scalar.text());
            } else if (!(item instanceof ConfigNode.Scalar scalar) || scalar.type() != ConfigNode.Type.UNSET) {
                expected(key, item, "a list of texts");
            }
        }
        return found;
    }

    Map<String, String> textMap(String key) {
        Map<String, String> found = new LinkedHashMap<>();
        Section inner = section(key);
        for (String name : inner.keys()) {
            String value = inner.text(name);
            if (value != null) {
                found.put(name, value);
            }
        }
        return found;
    }

    /** Warns about members that are in none of the known names, and about known ones by which nothing is done. */
    void warnUnknownExcept(KnownKeys known, KnownKeys alsoKnown, String what) {
        for (String key : keys()) {
            if (!known.contains(key) && !alsoKnown.contains(key)) {
                Set<String> all = new HashSet<>(known.names());
                all.addAll(alsoKnown.names());
                problems.warn(keyOrigin(key), "unknown " + what + " `" + key + "`" + Nearest.hint(key, all));
            } else if (known.undone(key) && (written(key) != null || unset(key))) {
                problems.warn(keyOrigin(key), called(key) + " is known, but not done here: it has no effect");
            }
        }
    }
}
