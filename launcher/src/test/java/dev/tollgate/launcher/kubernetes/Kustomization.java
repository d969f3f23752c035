package dev.tollgate.launcher.kubernetes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What {@code kubectl apply -k} would send, by the part of Kustomize that our manifests use: resources, components, one generator of
 * ConfigMaps, images, JSON patches and patches that delete. Anything else is an error, so that nothing is passed over in silence.
 */
public final class Kustomization {
    /** The folder of all manifests. */
    public static final Path ROOT = Path.of("..", "k8s").toAbsolutePath().normalize();

    private static final Set<String> KNOWN = Set.of(
            "apiVersion",
            "kind",
            "resources",
            "components",
            "patches",
            "images",
            "configMapGenerator",
            "generatorOptions");

    private final List<JsonObject> objects = new ArrayList<>();
    private final Set<Path> files = new HashSet<>();

    private Kustomization() {}

    /** Reads the {@code kustomization.yaml} of a folder below {@link #ROOT}, with everything that it names. */
    public static Kustomization of(String folder) {
        Kustomization read = new Kustomization();
        read.take(ROOT.resolve(folder));
        return read;
    }

    /** All objects, in the order in which they are named. */
    public List<JsonObject> objects() {
        return objects;
    }

    /** Every file that was read. */
    public Set<Path> files() {
        return files;
    }

    /** The one object of this kind and name. */
    public JsonObject object(String kind, String name) {
        return matching(kind, name).getFirst();
    }

    /** The documents of a YAML file. */
    public static List<JsonObject> documents(Path file) {
        return yaml(text(file)).stream().map(each -> (JsonObject) json(each)).toList();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Object> yaml(String text) {
        List<Object> documents = new ArrayList<>();
        new Load(LoadSettings.builder().build()).loadAllFromString(text).forEach(documents::add);
        return documents;
    }

    private static Object json(Object read) {
        return switch (read) {
            case Map<?, ?> map -> {
                JsonObject object = new JsonObject();
                map.forEach((key, value) -> object.put(key.toString(), json(value)));
                yield object;
            }
            case List<?> list -> {
                JsonArray array = new JsonArray();
                list.forEach(each -> array.add(json(each)));
                yield array;
            }
            default -> read;
        };
    }

    private void take(Path folder) {
        Path file = folder.resolve("kustomization.yaml");
        files.add(file);
        JsonObject kustomization = documents(file).getFirst();
        if (!KNOWN.containsAll(kustomization.fieldNames())) {
            throw new AssertionError(file + " has more than " + KNOWN + ": " + kustomization.fieldNames());
        }
        for (String resource : names(kustomization, "resources")) {
            Path named = folder.resolve(resource).normalize();
            if (Files.isDirectory(named)) {
                take(named);
            } else {
                files.add(named);
                objects.addAll(documents(named));
            }
        }
        each(kustomization, "configMapGenerator")
                .forEach(generator ->
                        objects.add(configMap(generator, kustomization.getJsonObject("generatorOptions"), folder)));
        names(kustomization, "components")
                .forEach(component -> take(folder.resolve(component).normalize()));
        each(kustomization, "patches").forEach(patch -> patch(patch, folder));
        each(kustomization, "images").forEach(this::rename);
    }

    private static List<String> names(JsonObject object, String key) {
        return object.getJsonArray(key, new JsonArray()).stream()
                .map(Object::toString)
                .toList();
    }

    private static List<JsonObject> each(JsonObject object, String key) {
        return object.getJsonArray(key, new JsonArray()).stream()
                .map(JsonObject.class::cast)
                .toList();
    }

    private JsonObject configMap(JsonObject generator, JsonObject options, Path folder) {
        if (!options.getBoolean("disableNameSuffixHash")) {
            throw new AssertionError("The ConfigMap's name must not change with what it holds");
        }
        JsonObject data = new JsonObject();
        for (String name : names(generator, "files")) {
            Path file = folder.resolve(name);
            files.add(file);
            data.put(name, text(file));
        }
        return new JsonObject()
                .put("apiVersion", "v1")
                .put("kind", "ConfigMap")
                .put(
                        "metadata",
                        new JsonObject()
                                .put("name", generator.getString("name"))
                                .put("labels", options.getJsonObject("labels")))
                .put("data", data);
    }

    private void patch(JsonObject patch, Path folder) {
        String written = patch.getString("patch");
        if (written == null) {
            Path file = folder.resolve(patch.getString("path"));
            files.add(file);
            written = text(file);
        }
        if (json(yaml(written).getFirst()) instanceof JsonArray steps) {
            JsonObject target = patch.getJsonObject("target");
            JsonObject patched =
                    matching(target.getString("kind"), target.getString("name")).getFirst();
            steps.forEach(step -> new JsonPatch((JsonObject) step).change(patched));
            return;
        }
        JsonObject merged = (JsonObject) json(yaml(written).getFirst());
        if (!"delete".equals(merged.getString("$patch"))) {
            throw new AssertionError(folder + " merges: use a list of JSON patch steps");
        }
        objects.removeAll(matching(
                merged.getString("kind"), merged.getJsonObject("metadata").getString("name")));
    }

    private List<JsonObject> matching(String kind, String name) {
        List<JsonObject> found = objects.stream()
                .filter(each -> each.getString("kind").equals(kind)
                        && each.getJsonObject("metadata").getString("name").equals(name))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError("There must be one " + kind + " " + name + ", not " + found.size());
        }
        return found;
    }

    private void rename(JsonObject image) {
        for (JsonObject object : objects) {
            for (JsonObject container : Pods.containers(object)) {
                if (container.getString("image").split(":")[0].equals(image.getString("name"))) {
                    container.put("image", image.getString("newName") + ":" + image.getString("newTag"));
                }
            }
        }
    }
}
