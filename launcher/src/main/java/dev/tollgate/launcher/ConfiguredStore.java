package dev.tollgate.launcher;

import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.Discovery;
import dev.tollgate.config.Environment;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.Snapshot;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** The store of a configuration, for verbs that work on it whether the gateway runs or not. */
final class ConfiguredStore {
    private final @Nullable CommandSpec spec;
    private final Environment environment;

    ConfiguredStore(@Nullable CommandSpec spec, Environment environment) {
        this.spec = spec;
        this.environment = environment;
    }

    /** What is done with a good configuration and the folder of the data; gives the exit status. */
    interface Task {
        int run(Snapshot snapshot, Path data);
    }

    /** Does it; a configuration with mistakes ends with 2 and all of them. */
    int with(@Nullable Path config, Task task) {
        return with(config, LoadResult.Loaded::snapshot, task);
    }

    /** The same with the models of the admin API in it that the store has. */
    int withModels(@Nullable Path config, Task task) {
        Path data = Serve.data(environment);
        return with(config, loaded -> StoreModels.with(loaded, data, Terminal.err(spec)), task);
    }

    private int with(@Nullable Path config, Function<LoadResult.Loaded, Snapshot> reading, Task task) {
        Logs.start(false);
        return switch (read(config)) {
            case LoadResult.Rejected rejected -> {
                PrintWriter err = Terminal.err(spec);
                rejected.problems().forEach(err::println);
                err.flush();
                yield 2;
            }
            case LoadResult.Loaded loaded -> task.run(reading.apply(loaded), Serve.data(environment));
        };
    }

    private LoadResult read(@Nullable Path config) {
        Path file = config != null ? config : Serve.usualFile(environment);
        return file != null ? new ConfigLoader(environment).load(file) : new Discovery(environment).loaded(List.of());
    }
}
