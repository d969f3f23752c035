package dev.tollgate.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FastStartTest {
    @TempDir
    Path folder;

    private Path jar;

    @BeforeEach
    void prepare() throws IOException {
        jar = Files.writeString(folder.toRealPath().resolve("tollgate.jar"), "jar");
        Path made = Files.writeString(folder.resolve("made"), "cache");
        Prepare.Cache.beside(jar).replace(made);
    }

    private List<String> next(Map<String, String> environment, String... flags) throws IOException {
        List<String> words = new ArrayList<>(List.of("java"));
        words.addAll(List.of(flags));
        words.addAll(List.of("-jar", jar.toString(), "--port", "1", "-jar", ""));
        return FastStart.next(words, environment);
    }

    @Test
    void whatWasSaidIsSaidAgainAndTheCacheIsAdded() throws IOException {
        assertThat(next(Map.of(), "-Xmx1g", "-XX:+UseSerialGC"))
                .startsWith(Prepare.java())
                .containsSubsequence("-Xmx1g", "-XX:+UseSerialGC", "-XX:AOTCache=" + jar.resolveSibling("tollgate.aot"))
                .containsAll(Prepare.FLAGS)
                .containsOnlyOnce("-XX:+UseSerialGC")
                .endsWith("-jar", jar.toString(), "--port", "1", "-jar", "");
        assertThat(next(Map.of("JAVA_TOOL_OPTIONS", " -XX:MaxRAMPercentage=50 -Dx=y ")))
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-XX:+UseG1GC",
                "-javaagent:a.jar",
                "-XX:AOTCache=mine",
                "-Dtollgate.fast=true",
                "-Djdk.module.x=y",
                "--add-modules=java.sql",
                "@file"
            })
    void whoAsksForAnotherJvmGetsIt(String flag) throws IOException {
        assertThat(next(Map.of(), flag)).isEmpty();
        assertThat(next(Map.of("JDK_JAVA_OPTIONS", "-Xmx1g " + flag))).isEmpty();
    }

    @Test
    void anotherJarOrAnotherJavaDoesNotUseTheCache() throws IOException {
        assertThat(next(Map.of())).isNotEmpty();
        Path note = jar.resolveSibling("tollgate.aot.txt");
        String said = Files.readString(note);
        Files.writeString(note, said.replace(System.getProperty("java.vm.version"), "1"));
        assertThat(next(Map.of())).isEmpty();
        Files.writeString(note, said);
        assertThat(next(Map.of())).isNotEmpty();
        Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH));
        assertThat(next(Map.of())).isEmpty();
    }

    @Test
    void withoutAJarOrACacheNothingHappens() throws IOException {
        assertThat(FastStart.next(List.of("java", "-cp", jar.toString(), "Main"), Map.of()))
                .isEmpty();
        assertThat(FastStart.next(List.of("java", "-jar"), Map.of())).isEmpty();
        Files.delete(jar.resolveSibling("tollgate.aot"));
        assertThat(next(Map.of())).isEmpty();
    }
}
