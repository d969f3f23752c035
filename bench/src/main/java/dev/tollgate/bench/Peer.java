package dev.tollgate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program under measurement.
 *
 * @param name for the table
 * @param process it
 * @param url where its chat completions are
 * @param log what it says
 */
record Peer(String name, Process process, String url, Path log) implements AutoCloseable {
    private static final long TICKS_A_SECOND = 100;

    /** What the names of Vert.x's event loops begin with, of which Linux keeps fifteen letters. */
    private static final String LOOPS = "vert.x-eventloo";

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
        pin(0);
    }

    /** Keeps it and its children on one core from now on. */
    void pin(int core) {
        toEach("taskset", "-a", "-c", "-p", String.valueOf(core));
    }

    /** Stops it and its children where they are. */
    void freeze() {
        toEach("kill", "-STOP");
    }

    /** Lets them go on. */
    void thaw() {
        toEach("kill", "-CONT");
    }

    private void toEach(String... command) {
        everyone().forEach(handle -> {
            List<String> words = new ArrayList<>(List.of(command));
            words.add(String.valueOf(handle.pid()));
            start(Path.of("/dev/null"), words, Path.of(".")).onExit().join();
        });
    }

    /** CPU time that it and its children have used, those that have ended among them, in microseconds. */
    long cpuMicros() {
        return everyone().mapToLong(Peer::ticks).sum() * 1_000_000 / TICKS_A_SECOND;
    }

    /** CPU time of its own event loops, in microseconds: without compiling, collecting garbage and storing. */
    long loopMicros() {
        Path tasks = Path.of("/proc", String.valueOf(process.pid()), "task");
        try (Stream<Path> threads = Files.list(tasks)) {
            return threads.filter(Peer::isLoop)
                            .mapToLong(thread -> used(thread.resolve("stat"), 2))
                            .sum()
                    * 1_000_000
                    / TICKS_A_SECOND;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Memory that it and its children hold, in MB. */
    long residentMegabytes() {
        return everyone().mapToLong(Peer::residentKilobytes).sum() / 1024;
    }

    private Stream<ProcessHandle> everyone() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants());
    }

    private static long ticks(ProcessHandle handle) {
        return used(Path.of("/proc", String.valueOf(handle.pid()), "stat"), 4);
    }

    /** The first so many of: user and system time, both of children that have ended. */
    private static long used(Path file, int times) {
        String stat = read(file);
        // The name in the second field may hold spaces; the times begin with field 14.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Arrays.stream(fields, 11, 11 + times).mapToLong(Long::parseLong).sum();
    }

    private static boolean isLoop(Path thread) {
        try {
            return Files.readString(thread.resolve("comm")).startsWith(LOOPS);
        } catch (IOException _) {
            // It has ended meanwhile, as event loops do not.
            return false;
        }
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
