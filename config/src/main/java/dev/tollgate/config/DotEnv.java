package dev.tollgate.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A {@code .env} file as python-dotenv reads it, which LiteLLM uses: {@code NAME=value}, optionally after {@code export}; values in
 * single or double quotes may span lines and hold escapes; {@code #} after a space begins a comment; <code>${NAME}</code> and
 * <code>${NAME:-otherwise}</code> are replaced. What the real environment sets always wins, also when it is set to nothing.
 */
public final class DotEnv {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]*");
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([A-Za-z0-9_.-]+)(?::-([^}]*))?}");
    private static final String ESCAPES = "abfnrtv";
    private static final String ESCAPED = "\u0007\b\f\n\r\t\u000b";

    private final String text;
    private final Map<String, String> real;
    private final Map<String, String> found = new HashMap<>();
    private int at;

    private DotEnv(String text, Map<String, String> real) {
        this.text = text;
        this.real = real;
    }

    /**
     * The real variables and, for names that they lack, the file's; only the real ones when there is no file. Lines that make no sense
     * are reported to {@code warnings}.
     */
    public static Environment under(Map<String, String> real, Path file, List<Problem> warnings) {
        if (!Files.isRegularFile(file)) {
            return Environment.of(real);
        }
        try {
            String text = Files.readString(file);
            String plain = text.startsWith("\uFEFF") ? text.substring(1) : text;
            DotEnv reading = new DotEnv(plain.replace("\r\n", "\n").replace('\r', '\n'), real);
            reading.read(file.toString(), warnings);
            Map<String, String> all = new HashMap<>(reading.found);
            all.putAll(real);
            return Environment.of(all);
        } catch (IOException e) {
            warnings.add(new Problem(null, file + " cannot be read and is ignored: " + e));
            return Environment.of(real);
        }
    }

    private void read(String file, List<Problem> warnings) {
        while (at < text.length()) {
            int begin = at;
            String line = text.substring(begin, lineEnd()).strip();
            if (!line.isEmpty() && !line.startsWith("#") && !assign()) {
                int number = 1
                        + (int) text.chars().limit(begin).filter(c -> c == '\n').count();
                warnings.add(
                        new Problem(new Origin(file, number, 1), "not of the form NAME=value; the line is ignored"));
                at = begin;
            }
            at = Math.min(text.length(), lineEnd() + 1);
        }
    }

    private int lineEnd() {
        int end = text.indexOf('\n', at);
        return end < 0 ? text.length() : end;
    }

    private boolean assign() {
        int equals = text.indexOf('=', at);
        if (equals < 0 || equals > lineEnd()) {
            return false;
        }
        String name = text.substring(at, equals).strip();
        if (name.startsWith("export ") || name.startsWith("export\t")) {
            name = name.substring("export".length()).strip();
        }
        at = equals + 1;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        String value = at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '\'') ? quoted() : plain();
        if (value == null || !NAME.matcher(name).matches()) {
            return false;
        }
        found.put(name, replaced(value));
        return true;
    }

    private String plain() {
        String value = text.substring(at, lineEnd());
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) == '#' && (i == 0 || Character.isWhitespace(value.charAt(i - 1)))) {
                return value.substring(0, i).strip();
            }
        }
        return value.strip();
    }

    /** What stands between the quotes; null when the second one is missing or something follows it. */
    private @Nullable String quoted() {
        char quote = text.charAt(at);
        StringBuilder value = new StringBuilder();
        for (at++; at < text.length() && text.charAt(at) != quote; at++) {
            char c = text.charAt(at);
            char next = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
            int escape = quote == '"' ? ESCAPES.indexOf(next) : -1;
            if (c == '\\' && (next == quote || next == '\\' || escape >= 0)) {
                value.append(escape >= 0 ? ESCAPED.charAt(escape) : next);
                at++;
            } else {
                value.append(c);
            }
        }
        if (at >= text.length()) {
            return null;
        }
        at++;
        String rest = text.substring(at, lineEnd()).strip();
        return rest.isEmpty() || rest.startsWith("#") ? value.toString() : null;
    }

    private String replaced(String value) {
        return REFERENCE.matcher(value).replaceAll(match -> {
            String known = real.getOrDefault(match.group(1), found.get(match.group(1)));
            String otherwise = match.group(2) == null ? "" : match.group(2);
            return Matcher.quoteReplacement(known == null || known.isEmpty() ? otherwise : known);
        });
    }
}
