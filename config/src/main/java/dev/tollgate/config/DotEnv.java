package dev.tollgate.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A {@code .env} file: {@code NAME=value} lines, optionally after {@code export}, with quotes and {@code #} comments. Whoever uses it puts the real environment first. */
public final class DotEnv {
    private DotEnv() {}

    /** The file's variables; an empty environment when there is no file. Lines that make no sense are reported to {@code warnings}. */
    public static Environment read(Path file, List<Problem> warnings) {
        if (!Files.isRegularFile(file)) {
            return Environment.of(Map.of());
        }
        Map<String, String> variables = new HashMap<>();
        try {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).strip();
                if (!line.isEmpty() && !line.startsWith("#") && !assign(line, variables)) {
                    warnings.add(new Problem(
                            new Origin(file.toString(), i + 1, 1), "not of the form NAME=value; the line is ignored"));
                }
            }
        } catch (IOException e) {
            warnings.add(new Problem(null, file + " cannot be read and is ignored: " + e.getMessage()));
        }
        return Environment.of(variables);
    }

    private static boolean assign(String line, Map<String, String> variables) {
        String text = line.startsWith("export ") ? line.substring(7).strip() : line;
        int equals = text.indexOf('=');
        if (equals <= 0) {
            return false;
        }
        String name = text.substring(0, equals).strip();
        if (!name.chars().allMatch(c -> c == '_' || Character.isLetterOrDigit(c))) {
            return false;
        }
        variables.put(name, value(text.substring(equals + 1).strip()));
        return true;
    }

    private static String value(String text) {
        if (text.length() >= 2) {
            char quote = text.charAt(0);
            int end = text.indexOf(quote, 1);
            if ((quote == '"' || quote == '\'') && end > 0) {
                String inner = text.substring(1, end);
                return quote == '"' ? inner.replace("\\n", "\n").replace("\\\"", "\"") : inner;
            }
        }
        int comment = text.indexOf(" #");
        return comment < 0 ? text : text.substring(0, comment).strip();
    }
}
