package dev.tollgate.accounting.price;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The prices that Tollgate ships with. The file is kept as the bytes it is; only an index from model to line is made at the start
 * (a few milliseconds), and a row is read when its model is first used.
 */
public final class PriceList {
    private final byte[] text;
    private final Map<String, Integer> lines;

    private PriceList(byte[] text, Map<String, Integer> lines) {
        this.text = text;
        this.lines = lines;
    }

    /** Reads the shipped file. */
    public static PriceList load() {
        try (InputStream in = PriceList.class.getResourceAsStream("prices.tsv")) {
            if (in == null) {
                throw new IllegalStateException("The program is incomplete: prices.tsv is missing");
            }
            byte[] text = in.readAllBytes();
            Map<String, Integer> lines = new HashMap<>(8192);
            int start = 0;
            for (int i = 0; i < text.length; i++) {
                if (text[i] == '\n') {
                    lines.put(field(text, start, i), start);
                    start = i + 1;
                }
            }
            return new PriceList(text, lines);
        } catch (IOException e) {
            throw new IllegalStateException("The program is incomplete: prices.tsv cannot be read", e);
        }
    }

    private static String field(byte[] text, int start, int limit) {
        int end = start;
        while (end < limit && text[end] != '\t') {
            end++;
        }
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
