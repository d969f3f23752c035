package dev.tollgate.launcher;

import dev.tollgate.cluster.Reprice;
import dev.tollgate.cluster.Room;
import dev.tollgate.config.DotEnv;
import dev.tollgate.config.Snapshot;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What can be done with the spend store while the gateway runs or does not. */
@Command(name = "spend", description = "Look after the spend store: `tollgate spend verify`, `tollgate spend reprice`.")
final class SpendStore implements Runnable {
    @Spec
    @Nullable CommandSpec spec;

    @Mixin
    StandardFlags standard = new StandardFlags();

    @Override
    public void run() {
        PrintWriter out = Terminal.out(spec);
        if (spec != null) {
            spec.commandLine().usage(out);
        }
        out.flush();
    }

    @Command(
            name = "verify",
            description =
                    "Sum up every row once more and compare with daily sums and balances; ends with 1 when they differ.")
    int verify(
            @Option(
                            names = {"-c", "--config"},
                            paramLabel = "FILE",
                            description = "The gateway's configuration (env CONFIG_FILE_PATH), else ./config.yaml.")
                    @Nullable Path config) {
        return store().with(config, this::compare);
    }

    @Command(name = "reprice", description = "Price calls again by today's prices, and show or write the difference.")
    int reprice(
            @Option(
                            names = {"-c", "--config"},
                            paramLabel = "FILE",
                            description = "The gateway's configuration (env CONFIG_FILE_PATH), else ./config.yaml.")
                    @Nullable Path config,
            @Option(names = "--since", required = true, paramLabel = "DATE", description = "First UTC day.")
                    LocalDate since,
            @Option(names = "--until", paramLabel = "DATE", description = "Last UTC day; today when left out.")
                    @Nullable LocalDate until,
            @Option(names = "--model", paramLabel = "NAME", description = "Only calls of this model or model group.")
                    @Nullable String model,
            @Option(names = "--dry-run", description = "Show the difference and write nothing.") boolean dryRun,
            @Option(names = "--apply", description = "Write the new costs.") boolean apply) {
        if (dryRun == apply) {
            PrintWriter err = Terminal.err(spec);
            err.println("Say either --dry-run, to see the difference, or --apply, to write it");
            err.flush();
            return 2;
        }
        Reprice order = new Reprice(since, until, model, apply);
        return store().withModels(config, (snapshot, data) -> {
            PrintWriter out = Terminal.out(spec);
            if (missing(snapshot, data, out)) {
                return 1;
            }
            for (Room room : ServiceLoader.load(Room.class)) {
                room.reprice(snapshot, data, order).forEach(out::println);
            }
            out.flush();
            return 0;
        });
    }

    private ConfiguredStore store() {
        return new ConfiguredStore(spec, DotEnv.under(System.getenv(), Path.of(".env"), new ArrayList<>()));
    }

    private static boolean missing(Snapshot snapshot, Path data, PrintWriter out) {
        boolean missing = snapshot.general().store() == null && !Files.exists(data.resolve("tollgate.db"));
        if (missing) {
            out.println("There is no spend store in " + data.toAbsolutePath() + " (TOLLGATE_DATA names the folder)");
            out.flush();
        }
        return missing;
    }

    private int compare(Snapshot snapshot, Path data) {
        PrintWriter out = Terminal.out(spec);
        if (missing(snapshot, data, out)) {
            return 1;
        }
        List<String> differences = new ArrayList<>();
        List<String> remarks = new ArrayList<>();
        for (Room room : ServiceLoader.load(Room.class)) {
            differences.addAll(room.verify(snapshot, data, remarks::add));
        }
        differences.forEach(out::println);
        remarks.forEach(out::println);
        out.println(
                differences.isEmpty()
                        ? "The daily sums and balances are those of their rows"
                        : differences.size() + " daily sums or balances are not those of their rows");
        out.flush();
        return differences.isEmpty() ? 0 : 1;
    }
}
