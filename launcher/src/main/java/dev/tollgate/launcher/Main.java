package dev.tollgate.launcher;

import picocli.CommandLine;

/** The program's beginning: arguments, then what they ask for. Exit codes: 0 fine, 1 failure to start, 2 bad usage or configuration. */
public final class Main {
    /** Tollgate's version. */
    static final String VERSION = version();

    private Main() {}

    /** Runs the command line; returns only when the gateway is up or the command is done. */
    public static void main(String[] args) {
        int code = run(args);
        if (code != Serve.RUNNING) {
            System.exit(code);
        }
    }

    static int run(String... args) {
        return commandLine().execute(args);
    }

    /** All verbs and options; a test brings its own streams. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Serve());
        IgnoredFlags.addTo(line.getCommandSpec());
        line.addSubcommand(new Check())
                .addSubcommand(new Explain())
                .addSubcommand(new ImportLiteLlm())
                .addSubcommand(new Prepare())
                .addSubcommand(new PrintSchema())
                .addSubcommand(new SpendStore())
                .addSubcommand(new CommandLine.HelpCommand())
                .addSubcommand(new Train());
        line.getCommandSpec().version("Tollgate " + VERSION);
        line.getSubcommands().values().forEach(verb -> verb.getCommandSpec().version("Tollgate " + VERSION));
        return line.setExecutionExceptionHandler((problem, command, _) -> {
            command.getErr().println(problem.getMessage() == null ? problem.toString() : problem.getMessage());
            command.getErr().flush();
            return 1;
        });
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }
}
