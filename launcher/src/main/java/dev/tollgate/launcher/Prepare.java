package dev.tollgate.launcher;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Makes the cache beside the jar with which this Java starts it several times faster (JEP 483, 514 and 515). */
@Command(
        name = "prepare",
        description =
                "Prepare a fast start of this jar with this Java. The build does it; do it again after the jar was copied.")
final class Prepare implements Callable<Integer> {
    /** The same in the training run and in every later one, or the JVM refuses the cache. */
    static final List<String> FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dio.netty.noUnsafe=false");

    private static final long LONGEST_MINUTES = 5;
    private static final int ATTEMPTS = 2;
    private static final int SHOWN_LINES = 20;

    @Spec
    @Nullable CommandSpec spec;

    /** The JVM's own launcher. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /**
     * A cache of a jar.
     *
     * @param jar the jar, as absolute path
     */
    record Cache(Path jar) {
        static Cache beside(Path jar) throws IOException {
            return new Cache(jar.toRealPath());
        }

        Path file() {
            return jar.resolveSibling("tollgate.aot");
        }

        /** For which Java and which jar the cache is. */
        private Path note() {
            return jar.resolveSibling("tollgate.aot.txt");
        }

        /** The JVM says loudly when a cache does not fit, so it is looked at before. */
        boolean fits() throws IOException {
            return Files.isReadable(file())
                    && Files.size(file()) > 0
                    && Files.isReadable(note())
                    && Files.readString(note()).equals(now());
        }

        private String now() throws IOException {
            return String.join(
                    "\n",
                    System.getProperty("java.home"),
                    System.getProperty("java.vm.vendor"),
                    System.getProperty("java.vm.version"),
                    // A jar that goes through an image keeps its time to the second.
                    Files.size(jar) + " " + Files.getLastModifiedTime(jar).to(TimeUnit.SECONDS),
                    "");
        }

        /** Whatever ends it in the middle: without the note the cache is not used. An empty one says that none can be made. */
        void replace(Path made) throws IOException {
            Files.deleteIfExists(note());
            Files.move(made, file(), StandardCopyOption.ATOMIC_MOVE);
            Files.writeString(note(), now());
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Cache cache = Cache.beside(Path.of(System.getProperty("java.class.path")));
        Path folder = Objects.requireNonNull(cache.jar().getParent());
        Path made = Files.createTempFile(folder, "tollgate-", ".aot");
        Path said = Files.createTempFile(folder, "tollgate-", ".log");
        try {
            // The second time for a machine that was too busy the first time.
            for (int i = 0; i < ATTEMPTS; i++) {
                if (train(cache.jar(), made, said)) {
                    cache.replace(made);
                    return 0;
                }
            }
            cache.replace(Files.write(made, new byte[0]));
            List<String> lines = Files.readAllLines(said);
            PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
            err.println(
                    "No fast start could be prepared; Tollgate starts without. The last of what the training run said:");
            lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()).forEach(err::println);
            return 1;
        } finally {
            Files.deleteIfExists(made);
            Files.deleteIfExists(said);
        }
    }

    private static boolean train(Path jar, Path made, Path said) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(java()));
        words.addAll(FLAGS);
        words.addAll(List.of("-XX:AOTCacheOutput=" + made, "-jar", jar.toString(), "train"));
        Process training = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        boolean ended = training.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES);
        training.descendants().forEach(ProcessHandle::destroyForcibly);
        training.destroyForcibly();
        return ended && training.exitValue() == 0 && Files.exists(made) && Files.size(made) > 0;
    }
}
