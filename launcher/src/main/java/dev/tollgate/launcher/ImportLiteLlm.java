package dev.tollgate.launcher;

import dev.tollgate.cluster.Bring;
import dev.tollgate.cluster.Room;
import dev.tollgate.config.DotEnv;
import dev.tollgate.config.Environment;
import dev.tollgate.config.StoreUrl;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Brings keys, people, limits and what they spent over from a LiteLLM database into the store of a configuration. */
@Command(
        name = "import-litellm",
        description = "Bring keys, users, teams, budgets and spend over from a LiteLLM database.")
final class ImportLiteLlm implements Callable<Integer> {
    private static final String VARIABLE = "os.environ/";

    @Spec
    @Nullable CommandSpec spec;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "URL",
            description = "LiteLLM's DATABASE_URL, postgresql://…, or os.environ/NAME: the variable that holds it.")
    String from = "";

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The gateway's configuration (env CONFIG_FILE_PATH), else ./config.yaml.")
    @Nullable Path config;

    @Option(names = "--dry-run", description = "Show what would be brought, and what cannot be, and write nothing.")
    boolean dryRun;

    @Option(names = "--overwrite", description = "Replace entries that are here already, and what they spent.")
    boolean overwrite;

    @Mixin
    StandardFlags standard = new StandardFlags();

    @Override
    public Integer call() {
        Environment environment = DotEnv.under(System.getenv(), Path.of(".env"), new ArrayList<>());
        StoreUrl source;
        try {
            source = StoreUrl.parse(url(environment));
        } catch (IllegalArgumentException e) {
            return refused("--from " + e.getMessage());
        }
        return new ConfiguredStore(spec, environment).with(config, (snapshot, data) -> {
            PrintWriter out = Terminal.out(spec);
            out.println("From " + source + (dryRun ? ", as a dry run" : ""));
            out.flush();
            Bring order = new Bring(source, !dryRun, overwrite);
            for (Room room : ServiceLoader.load(Room.class)) {
                room.bring(snapshot, data, order).forEach(out::println);
            }
            out.flush();
            return 0;
        });
    }

    /** A URL with a password in it is better named than written where other users of the machine see it. */
    private String url(Environment environment) {
        if (!from.startsWith(VARIABLE)) {
            return from;
        }
        String name = from.substring(VARIABLE.length());
        String url = environment.get(name);
        if (url == null) {
            throw new IllegalArgumentException("names the variable " + name + ", which is not set");
        }
        return url;
    }

    private int refused(String problem) {
        PrintWriter err = Terminal.err(spec);
        err.println(problem);
        err.flush();
        return 2;
    }
}
