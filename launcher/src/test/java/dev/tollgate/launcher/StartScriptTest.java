package dev.tollgate.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When {@code bin/tollgate} builds, in a small tree with a Maven and a Java that only write down what they were asked. */
class StartScriptTest {
    private static final String BUILDS = "Building Tollgate";
    private static final String PREPARES = "Preparing a fast start";

    @TempDir
    Path root;

    private Path source;

    private Path script(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @BeforeEach
    void tree() throws IOException {
        for (String name : List.of("tollgate", "find-jdk")) {
            Files.createDirectories(root.resolve("bin"));
            Files.copy(
                    Path.of("..", "bin", name), root.resolve("bin").resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        }
        source = root.resolve("launcher/src/main/A.java");
        Files.createDirectories(source.getParent());
        Files.writeString(source, "class A {}");
        Files.writeString(root.resolve("pom.xml"), "<project/>");
        Files.writeString(root.resolve("launcher/pom.xml"), "<project/>");
        script("mvnw", "mkdir -p launcher/target && cat launcher/src/main/A.java >launcher/target/tollgate.jar\n");
        script("jdk/bin/java", """
                echo "java $*"
                [ "$3" != prepare ] || {
                  target=$(dirname "$2")
                  echo cache >"$target/tollgate.aot"
                  printf '%s\\n' "$(readlink -f "$(dirname "$0")/..")" vendor 25.0.1+8 \\
                    "$(wc -c <"$2") $(date -r "$2" +%s)" >"$target/tollgate.aot.txt"
                }
                """);
        Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\nJAVA_RUNTIME_VERSION=\"25.0.1+8\"\n");
    }

    private String run(int code, Map<String, String> environment, String... arguments) throws Exception {
        Path log = root.resolve("out.txt");
        ProcessBuilder builder = new ProcessBuilder(
                        Stream.concat(Stream.of(root.resolve("bin/tollgate").toString()), Stream.of(arguments))
                                .toList())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
        builder.environment().put("JAVA_HOME", root.resolve("jdk").toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isEqualTo(code);
        return Files.readString(log);
    }

    private void allNewer(int hours) throws IOException {
        for (Path file : List.of(source, root.resolve("pom.xml"))) {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(3_600L * hours)));
        }
    }

    @Test
    void buildsAndPreparesOnceAndAgainWhenSourcesHoldSomethingElse() throws Exception {
        assertThat(run(0, Map.of(), "--port", "1"))
                .contains(BUILDS, PREPARES)
                .containsPattern("-XX:AOTCache=\\S+/tollgate.aot -jar \\S+tollgate.jar --port 1\n$");
        assertThat(run(0, Map.of())).doesNotContain(BUILDS, PREPARES);
        allNewer(1);
        assertThat(run(0, Map.of())).as("only the dates are newer").doesNotContain(BUILDS);
        Files.writeString(source, "class A { int changed; }");
        allNewer(2);
        assertThat(run(0, Map.of("TOLLGATE_NO_BUILD", "1"))).doesNotContain(BUILDS);
        assertThat(run(0, Map.of())).contains(BUILDS, PREPARES);
    }

    @Test
    void aBuildTellsWhichModuleItIsAtAndNothingElseOfItsProgress() throws Exception {
        script("mvnw", """
                echo "[INFO] Reactor Build Order:"
                echo "[INFO] Building protocol 0.1.0-SNAPSHOT                          [1/9]"
                echo "[INFO] Building launcher 0.1.0-SNAPSHOT                          [9/9]"
                echo "[INFO] BUILD SUCCESS"
                mkdir -p launcher/target && echo jar >launcher/target/tollgate.jar
                """);
        assertThat(run(0, Map.of()))
                .contains("  protocol (1 of 9)\n  launcher (9 of 9)\n")
                .doesNotContain("[INFO]");
    }

    @Test
    void aBuildThatFailsShowsAllThatItSaysOfTheErrorAndStartsNothing() throws Exception {
        script("mvnw", """
                echo "[INFO] Building protocol 0.1.0-SNAPSHOT                          [1/9]"
                echo "[ERROR] A.java:[3,5] cannot find symbol"
                echo "  symbol: \\ class B"
                printf 'Cannot fetch Maven' >&2
                exit 7
                """);
        assertThat(run(1, Map.of()))
                .contains("[ERROR] A.java:[3,5] cannot find symbol\n  symbol: \\ class B\nCannot fetch Maven\n")
                .endsWith("The build failed; see above.\n");
    }

    @Test
    void aCopiedJarOrAnotherJdkIsPreparedAgain() throws Exception {
        run(0, Map.of());
        Path jar = root.resolve("launcher/target/tollgate.jar");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(run(0, Map.of())).doesNotContain(BUILDS).contains(PREPARES);
        assertThat(run(0, Map.of())).doesNotContain(PREPARES);
        Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\nJAVA_RUNTIME_VERSION=\"25.0.1+9\"\n");
        assertThat(run(0, Map.of())).contains(PREPARES);
    }

    @Test
    void whereNothingCouldBePreparedItStartsWithout() throws Exception {
        run(0, Map.of());
        Files.write(root.resolve("launcher/target/tollgate.aot"), new byte[0]);
        assertThat(run(0, Map.of("TOLLGATE_HEAP", "300m")))
                .doesNotContain(PREPARES, "-XX:AOTCache=")
                .contains(" -Xmx300m -jar ");
    }

    @Test
    void withoutAJarAndWithoutLeaveToBuildItSaysWhatToDo() throws Exception {
        assertThat(run(1, Map.of("TOLLGATE_NO_BUILD", "1"))).contains("tollgate.jar is missing", "mvnw package");
    }
}
