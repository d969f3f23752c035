package dev.tollgate.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each rule of docs/routing.md names its tests; they must be there, by these names. */
class RulesHaveTestsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern QUOTED = Pattern.compile("`([A-Za-z]+)(?:\\.([A-Za-z]+))?`");
    private static final Pattern MADE = Pattern.compile("@(Test|ParameterizedTest|Property|TestFactory)\\b");

    @Test
    void everyRowNamesTestsThatExist() throws IOException {
        Map<String, String> tests = tests();
        List<String> missing = new ArrayList<>();
        List<String> rows = rows();
        for (String row : rows) {
            String[] cells = row.split("(?<!\\\\)\\|");
            List<String> named = new ArrayList<>();
            Matcher quoted = QUOTED.matcher(cells[cells.length - 1]);
            while (quoted.find()) {
                named.add(quoted.group());
                if (!holds(tests, quoted.group(1), quoted.group(2))) {
                    missing.add(quoted.group() + " of the rule: " + cells[1].strip());
                }
            }
            assertThat(named).as(row).isNotEmpty();
        }
        assertThat(missing).isEmpty();
        assertThat(rows).hasSizeGreaterThan(40);
    }

    /** A class with tests, or one of its methods. A small letter begins a method that all classes of the row have. */
    private static boolean holds(Map<String, String> tests, String first, String method) {
        if (Character.isLowerCase(first.charAt(0))) {
            return tests.values().stream().anyMatch(source -> source.contains(" void " + first + "("));
        }
        String source = tests.get(first);
        return source != null
                && (method == null ? MADE.matcher(source).find() : source.contains(" void " + method + "("));
    }

    private static List<String> rows() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/routing.md"));
        String table = page.substring(page.indexOf("| rule | test |"));
        return table.lines().takeWhile(line -> line.startsWith("|")).skip(2).toList();
    }

    /** Sources of test classes, by the class's name. */
    private static Map<String, String> tests() throws IOException {
        Map<String, String> tests = new TreeMap<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path folder : modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(folder)) {
                    files.filter(file -> file.toString().matches(".*(Test|IT)\\.java"))
                            .forEach(file ->
                                    tests.put(file.getFileName().toString().replace(".java", ""), read(file)));
                }
            }
        }
        return tests;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
