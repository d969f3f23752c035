package dev.tollgate.launcher.kubernetes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Objects;

/** One step of a JSON patch (RFC 6902), without {@code move} and {@code copy}. */
record JsonPatch(JsonObject step) {
    /** Changes the document; an error when there is not what the step needs. */
    void change(JsonObject document) {
        String path = step.getString("path");
        int slash = path.lastIndexOf('/');
        Object parent = at(document, path.substring(0, slash));
        String last = unescaped(path.substring(slash + 1));
        Object value = step.getValue("value");
        switch (step.getString("op")) {
            case "add" -> add(parent, last, value);
            case "replace" -> {
                remove(parent, last);
                add(parent, last, value);
            }
            case "remove" -> remove(parent, last);
            case "test" -> must(Objects.equals(at(document, path), value));
            default -> must(false);
        }
    }

    /** A slash in a name is written otherwise (RFC 6901). */
    private static String unescaped(String name) {
        return name.replace("~1", "/").replace("~0", "~");
    }

    private Object at(JsonObject document, String path) {
        Object here = document;
        for (String name : path.isEmpty() ? new String[0] : path.substring(1).split("/")) {
            here = switch (here) {
                case JsonObject object -> object.getValue(unescaped(name));
                case JsonArray array -> array.getValue(Integer.parseInt(name));
                case null, default -> null;
            };
        }
        must(here != null);
        return here;
    }

    private void add(Object parent, String name, Object value) {
        switch (parent) {
            case JsonArray array when name.equals("-") -> array.add(value);
            case JsonArray array -> array.add(Integer.parseInt(name), value);
            default -> ((JsonObject) parent).put(name, value);
        }
    }

    private void remove(Object parent, String name) {
        if (parent instanceof JsonArray array) {
            must(Integer.parseInt(name) < array.size());
            array.remove(Integer.parseInt(name));
        } else {
            must(((JsonObject) parent).remove(name) != null);
        }
    }

    private void must(boolean fits) {
        if (!fits) {
            throw new AssertionError("This does not fit what it patches: " + step);
        }
    }
}
