package dev.tollgate.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * What a configuration was read from, and what was in there at that moment: of a file its content, of a folder the names of its
 * YAML files, of a file that was looked for in vain its absence. Two of them are equal when nothing has changed in between.
 *
 * @param sums absolute path to a checksum, or {@link #ABSENT}
 */
public record Sources(Map<Path, Long> sums) {
    /** Read from no file. */
    public static final Sources NONE = new Sources(Map.of());

    private static final long ABSENT = -1;

    public Sources {
        sums = Map.copyOf(sums);
    }

    /** The same places as they are now. Reads every file. */
    public Sources now() {
        Map<Path, Long> found = new LinkedHashMap<>();
        sums.keySet().forEach(path -> found.put(path, look(path)));
        return new Sources(found);
    }

    /** The same for the same content, wherever the files are: nodes of a cluster have them in places of their own. */
    public String identity() {
        return sums.values().stream().sorted().map(Long::toHexString).collect(Collectors.joining("-"));
    }

    /** Whether what both looked at held the same. */
    boolean agreesWith(Sources other) {
        return sums.entrySet().stream()
                .allMatch(entry -> entry.getValue().equals(other.sums.getOrDefault(entry.getKey(), entry.getValue())));
    }

    private static long look(Path path) {
        try {
            return Files.isDirectory(path) ? ofNames(yamlFiles(path)) : of(Files.readAllBytes(path));
        } catch (IOException _) {
            return ABSENT;
        }
    }

    /** Gathers what one reading looked at. */
    static final class Recorder {
        private final Map<Path, Long> sums = new LinkedHashMap<>();

        /** False when this path was recorded before. */
        boolean missing(Path path) {
            return sums.putIfAbsent(path, ABSENT) == null;
        }

        void content(Path path, byte[] bytes) {
            sums.put(path, of(bytes));
        }

        void names(Path folder, List<Path> files) {
            sums.put(folder, ofNames(files));
        }

        Sources sources() {
            return new Sources(sums);
        }
    }

    /** The YAML files of a folder by name. Not the hidden ones: editors keep their locks and copies there. */
    static List<Path> yamlFiles(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.{yml,yaml}")) {
            for (Path entry : entries) {
                if (!entry.getFileName().toString().startsWith(".") && Files.isRegularFile(entry)) {
                    found.add(entry);
                }
            }
        }
        found.sort(null);
        return found;
    }

    private static long of(byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        return (long) bytes.length << 32 | sum.getValue();
    }

    private static long ofNames(List<Path> files) {
        return of(files.stream()
                .map(file -> file.getFileName().toString())
                .toList()
                .toString()
                .getBytes(StandardCharsets.UTF_8));
    }
}
