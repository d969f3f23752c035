package dev.tollgate.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A piece of YAML that remembers where it stood. */
sealed interface ConfigNode {

    /** Where it begins. */
    Origin origin();

    /** How to call it in a message: {@code a list}. */
    String kind();

    /** A mapping; keys in the order of the file. */
    record Mapping(Origin origin, Map<String, Entry> entries) implements ConfigNode {
        @Override
        public String kind() {
            return "a mapping";
        }
    }

    /** A member of a mapping with the place of its key. */
    record Entry(Origin keyOrigin, ConfigNode value) {}

    /** A sequence. */
    record Sequence(Origin origin, List<ConfigNode> items) implements ConfigNode {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /**
     * A single value.
     *
     * @param written what stood there when {@code text} is something else: the name of a variable, or the sum of what is not for this
     *     node; else null
     */
    record Scalar(
            Origin origin, Type type, String text, @Nullable String written) implements ConfigNode {
        /** One that is as it was written. */
        Scalar(Origin origin, Type type, String text) {
            this(origin, type, text, null);
        }

        /** Whether it holds nothing, be it written so or for want of a variable. */
        boolean empty() {
            return type == Type.NULL || type == Type.UNSET;
        }

        @Override
        public String kind() {
            return switch (type) {
                case TEXT -> "text";
                case INTEGER, DECIMAL -> "a number";
                case BOOLEAN -> "true or false";
                case NULL, UNSET -> "nothing";
            };
        }
    }

    /** What a scalar is by YAML 1.2's core schema; or {@code UNSET}, the place of a variable that is not set. */
    enum Type {
        TEXT,
        INTEGER,
        DECIMAL,
        BOOLEAN,
        NULL,
        UNSET
    }
}
