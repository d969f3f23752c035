package dev.tollgate.launcher.kubernetes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.pointer.JsonPointer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What a Deployment or StatefulSet says of its pods. */
public final class Pods {
    private Pods() {}

    /** The template of an object's pods; an empty one where it has none. */
    static JsonObject template(JsonObject object) {
        Object template = JsonPointer.from("/spec/template").queryJson(object);
        return template instanceof JsonObject found ? found : new JsonObject();
    }

    /** The containers of an object's pods; none where it has no pods. */
    public static List<JsonObject> containers(JsonObject object) {
        return all(template(object).getJsonObject("spec", new JsonObject()), "containers");
    }

    /** The objects of a list. */
    public static List<JsonObject> all(JsonObject object, String list) {
        return object.getJsonArray(list, new JsonArray()).stream()
                .map(JsonObject.class::cast)
                .toList();
    }

    /** The names of the objects of a list. */
    static Set<String> names(JsonObject object, String list) {
        return all(object, list).stream().map(each -> each.getString("name")).collect(Collectors.toSet());
    }
}
