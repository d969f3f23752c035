package dev.tollgate.launcher;

import dev.tollgate.config.ConfigSchema;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the JSON Schema of the configuration file, for editors. */
@Command(name = "schema", description = "Print the JSON Schema of the configuration file, for editors.")
final class PrintSchema implements Callable<Integer> {
    @Spec
    @Nullable CommandSpec spec;

    @Mixin
    StandardFlags standard = new StandardFlags();

    @Override
    public Integer call() {
        PrintWriter out = Terminal.out(spec);
        out.print(ConfigSchema.json());
        out.flush();
        return 0;
    }
}
