package dev.tollgate.launcher;

import dev.tollgate.config.Composed;
import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.Environment;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.Problem;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.Sources;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code --model provider/model}: a configuration of one model, read by the same reader as a file (JSON is YAML). */
final class SingleModel {
    private final Environment environment;

    SingleModel(Environment environment) {
        this.environment = environment;
    }

    /** Nobody wrote the file that the warnings would point into. */
    private static Snapshot placeless(Snapshot read) {
        return new Snapshot(
                read.epoch(),
                "(--model)",
                read.models(),
                read.router(),
                read.general(),
                read.virtualKeys(),
                read.cluster(),
                read.storing(),
                read.partial(),
                read.warnings().stream()
                        .map(warning -> new Problem(null, warning.message()))
                        .toList());
    }

    private static LoadResult.Loaded placeless(LoadResult.Loaded read) {
        return new LoadResult.Loaded(placeless(read.snapshot()), Sources.NONE, stored -> {
            Composed made = read.basis().with(stored);
            return new Composed(placeless(made.snapshot()), made.leftOut());
        });
    }

    LoadResult.Loaded load(String model, @Nullable String alias, @Nullable String apiBase) {
        JsonObject params = new JsonObject().put("model", model);
        if (apiBase != null) {
            params.put("api_base", apiBase);
        }
        String text = new JsonObject()
                .put(
                        "model_list",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("model_name", alias == null ? model : alias)
                                        .put("litellm_params", params)))
                .encode();
        try {
            Path file = Files.createTempFile("tollgate-model-", ".json");
            Files.writeString(file, text);
            LoadResult result = new ConfigLoader(environment).load(file);
            Files.delete(file);
            return switch (result) {
                case LoadResult.Loaded loaded -> placeless(loaded);
                case LoadResult.Rejected rejected ->
                    throw new IllegalArgumentException(
                            rejected.problems().stream().map(Problem::message).collect(Collectors.joining("; ")));
            };
        } catch (IOException e) {
            throw new UncheckedIOException("No temporary file can be written", e);
        }
    }
}
