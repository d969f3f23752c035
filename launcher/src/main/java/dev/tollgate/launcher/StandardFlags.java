package dev.tollgate.launcher;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What every verb understands: LiteLLM's {@code -v} for the version, the usual {@code -V} as well. */
@Command
final class StandardFlags {
    @Option(
            names = {"-v", "-V", "--version"},
            versionHelp = true,
            description = "Print the version.")
    boolean version;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Print this help.")
    boolean help;
}
