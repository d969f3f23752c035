package dev.tollgate.accounting.price;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The prices that Tollgate ships with. The file is kept as the bytes it is; only an index from model to line is made at the start
 * (a few milliseconds), and a row is read when its model is first used.
 */
public final class PriceList {
    private final byte[] text;
    private final Map<String, Integer> lines;
    private final Set<String> providers = new HashSet<>();
    private final Set<String> ownMachine;

    /**
     * One of a text: a line for each model, with tabs between its name, provider, kind, and fields as {@code name=value}.
     *
     * @param ownMachine providers whose models cost nothing where no row says otherwise
     */
    public PriceList(byte[] text, Set<String> ownMachine) {
        this.text = text;
        this.lines = new HashMap<>(8192);
        this.ownMachine = ownMachine;
        int start = 0;
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\n') {
                int model = end(text, start, i);
                lines.put(text(text, start, model), start);
                providers.add(text(text, model + 1, end(text, model + 1, i)));
                start = i + 1;
            }
        }
    }

    /** Reads the shipped files. */
    public static PriceList load() {
        String own = new String(resource("own-machine.txt"), StandardCharsets.UTF_8);
        return new PriceList(
                resource("prices.tsv"),
                own.lines().filter(line -> !line.startsWith("#")).collect(Collectors.toUnmodifiableSet()));
    }

    private static byte[] resource(String name) {
        try (InputStream in = PriceList.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The program is incomplete: " + name + " is missing");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("The program is incomplete: " + name + " cannot be read", e);
        }
    }

    private static int end(byte[] text, int start, int limit) {
        int end = start;
        while (end < limit && text[end] != '\t') {
            end++;
        }
        return end;
    }

    private static String text(byte[] text, int start, int end) {
        return new String(text, start, end - start, StandardCharsets.UTF_8);
    }

    /** How many models have a row. */
    public int size() {
        return lines.size();
    }

    /** All models with a row. */
    public Iterable<String> models() {
        return lines.keySet();
    }

    /** Whether any model of this provider has a row. */
    public boolean knows(String provider) {
        return providers.contains(provider);
    }

    /** Whether it runs on one's own machine, where a model without a price costs nothing. */
    public boolean ownMachine(String provider) {
        return ownMachine.contains(provider);
    }

    /** The name under which a model has a row: itself, or the same in another case; null when there is none. */
    public @Nullable String spelling(String model) {
        if (lines.containsKey(model)) {
            return model;
        }
        for (String name : lines.keySet()) {
            if (name.equalsIgnoreCase(model)) {
                return name;
            }
        }
        return null;
    }

    /** The row of a model: fields by name, the provider and the mode among them; null when there is none. */
    public @Nullable Map<String, String> row(String model) {
        Integer start = lines.get(model);
        if (start == null) {
            return null;
        }
        int end = start;
        while (text[end] != '\n') {
            end++;
        }
        String[] cells = new String(text, start, end - start, StandardCharsets.UTF_8).split("\t", -1);
        Map<String, String> row = new HashMap<>();
        row.put("provider", cells[1]);
        row.put("mode", cells[2]);
        for (int i = 3; i < cells.length; i++) {
            int equals = cells[i].indexOf('=');
            row.put(cells[i].substring(0, equals), cells[i].substring(equals + 1));
        }
        return row;
    }
}
