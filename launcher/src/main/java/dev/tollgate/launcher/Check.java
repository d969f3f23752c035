package dev.tollgate.launcher;

import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.DotEnv;
import dev.tollgate.config.Environment;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.ModelReport;
import dev.tollgate.config.Problem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads a configuration and says what it came to: the table of models, or every mistake with its place. */
@Command(
        name = "check",
        description = "Check a configuration file and print its models; those of the admin API are not looked at.")
final class Check implements Callable<Integer> {
    @Spec
    @Nullable CommandSpec spec;

    @Mixin
    StandardFlags standard = new StandardFlags();

    @Parameters(paramLabel = "FILE", arity = "0..1", description = "config.yaml when none is named.")
    Path file = Path.of("config.yaml");

    @Override
    public Integer call() {
        PrintWriter out = Terminal.out(spec);
        PrintWriter err = Terminal.err(spec);
        List<Problem> warnings = new ArrayList<>();
        Environment environment = DotEnv.under(System.getenv(), Path.of(".env"), warnings);
        switch (new ConfigLoader(environment).load(file)) {
            case LoadResult.Rejected rejected -> {
                rejected.problems().forEach(err::println);
                warnings.addAll(rejected.warnings());
                warnings.sort(Problem.BY_PLACE);
                warnings.forEach(warning -> err.println("warning   " + warning));
                err.flush();
                return 2;
            }
            case LoadResult.Loaded loaded -> {
                out.print(ModelReport.of(loaded.snapshot()));
                warnings.addAll(loaded.snapshot().warnings());
                warnings.sort(Problem.BY_PLACE);
                warnings.forEach(warning -> out.println("warning   " + warning));
                if (loaded.snapshot().storing().accepted()) {
                    out.println(
                            "note      this is the file alone; models that the admin API keeps in the store are not looked at");
                }
                out.flush();
                return 0;
            }
        }
    }
}
