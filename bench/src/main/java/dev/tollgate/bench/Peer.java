package dev.tollgate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program under measurement.
 *
 * @param name for the table
 * @param process it
 * @param url where its chat completions are
 */
record Peer(String name, Process process, String url) implements AutoCloseable {
    private static final long TICKS_A_SECOND = 100;

    /** Starts a program on both cores, its output going to a file. */
    static Process start(Path log, List<String> command, Path folder) {
        // This program keeps to one core, and what it starts would keep to it, too.
        List<String> anywhere = new ArrayList<>(List.of("taskset", "-c", "0,1"));
        anywhere.addAll(command);
        try {
            return new ProcessBuilder(anywhere)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps it and its children on the first core from now on. */
    void pin() {
        everyone()
                .forEach(handle -> start(
                                Path.of("/dev/null"),
                                List.of("taskset", "-a", "-c", "-p", "0", String.valueOf(handle.pid())),
                                Path.of("."))
                        .onExit()
                        .join());
    }

    /** CPU time that it and its children have used, in microseconds. */
    long cpuMicros() {
        return everyone().mapToLong(Peer::ticks).sum() * 1_000_000 / TICKS_A_SECOND;
    }

    /** Memory that it and its children hold, in MB. */
    long residentMegabytes() {
        return everyone().mapToLong(Peer::residentKilobytes).sum() / 1024;
    }

    private Stream<ProcessHandle> everyone() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants());
    }

    private static long ticks(ProcessHandle handle) {
        String stat = read(Path.of("/proc", String.valueOf(handle.pid()), "stat"));
        // The name in the second field may hold spaces; user and system time are fields 14 and 15.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private static long residentKilobytes(ProcessHandle handle) {
        return read(Path.of("/proc", String.valueOf(handle.pid()), "status"))
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().completeOnTimeout(process, 15, TimeUnit.SECONDS).join();
        process.destroyForcibly().onExit().join();
    }
}
