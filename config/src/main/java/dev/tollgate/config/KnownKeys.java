package dev.tollgate.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The names that LiteLLM knows in each section, from {@code keys/*.txt}: whatever else a file says is kept and warned about. A line is
 * a name, then, where the loader reads it, its type and what it means; {@code supports_*} stands for all names that begin so.
 * {@code undone} behind a name says that it would change how calls are served if it were read, so whoever writes it is warned.
 */
final class KnownKeys {
    /** No names. */
    static final KnownKeys NONE = new KnownKeys();

    /** Own prices are known by their form: LiteLLM has about 130 of them. */
    static final Pattern PRICE = Pattern.compile("_cost_per_|_token_cost|^cost_per_");

    /**
     * A line.
     *
     * @param type a definition of {@link ConfigSchema}, or empty when the loader takes whatever stands there
     * @param meaning one sentence for people, or empty
     */
    record Key(String type, String meaning) {}

    private final Map<String, Key> keys = new LinkedHashMap<>();
    private final List<String> prefixes = new ArrayList<>();
    private final Set<String> undone = new HashSet<>();

    private KnownKeys() {}

    static KnownKeys of(String section) {
        KnownKeys known = new KnownKeys();
        String resource = "keys/" + section + ".txt";
        try (InputStream in = KnownKeys.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("The program is incomplete: " + resource + " is missing");
            }
            new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(known::add);
            return known;
        } catch (IOException e) {
            throw new IllegalStateException("The program is incomplete: " + resource + " cannot be read", e);
        }
    }

    private void add(String line) {
        String[] words = line.split(" ", 3);
        if (words.length > 1 && words[1].equals("undone")) {
            undone.add(words[0]);
            keys.put(words[0], new Key("", ""));
        } else if (words[0].endsWith("*")) {
            prefixes.add(words[0].substring(0, words[0].length() - 1));
        } else {
            keys.put(words[0], new Key(words.length > 1 ? words[1] : "", words.length > 2 ? words[2] : ""));
        }
    }

    boolean contains(String name) {
        return keys.containsKey(name) || prefixes.stream().anyMatch(name::startsWith) || isPrice(name);
    }

    /** Whether LiteLLM does something by that name, and nothing is done by it here. */
    boolean undone(String name) {
        return undone.contains(name);
    }

    static boolean isPrice(String name) {
        return PRICE.matcher(name).find();
    }

    Set<String> names() {
        return keys.keySet();
    }

    Map<String, Key> keys() {
        return keys;
    }

    /** How names that are known by their form begin. */
    List<String> prefixes() {
        return prefixes;
    }
}
