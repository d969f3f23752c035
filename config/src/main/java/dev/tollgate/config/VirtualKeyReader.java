package dev.tollgate.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.Secret;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code virtual_keys}. Here an unknown field is an error: with a limit misspelt a key would have none. No message holds a key.
 */
final class VirtualKeyReader {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern DURATION = Pattern.compile("\\s*0*[1-9]\\d{0,5}\\s*(s|m|h|d|w|mo)\\s*");

    private static final Set<String> WINDOW = Set.of("budget_duration", "max_budget");

    private final KnownKeys fields = KnownKeys.of("virtual_key");
    private final Map<String, Origin> keys = new HashMap<>();
    private final Map<String, Origin> aliases = new HashMap<>();
    private final Problems problems;

    VirtualKeyReader(Problems problems) {
        this.problems = problems;
    }

    List<VirtualKey> read(Section root, @Nullable Secret masterKey) {
        List<VirtualKey> read = new ArrayList<>();
        for (ConfigNode item : root.list("virtual_keys")) {
            if (item instanceof ConfigNode.Mapping mapping) {
                VirtualKey key = read(new Section("virtual_keys", mapping, problems), item.origin(), masterKey);
                if (key != null) {
                    read.add(key);
                }
            } else {
                problems.error(item.origin(), "a virtual key must be a mapping with `key`");
            }
        }
        if (!read.isEmpty() && masterKey == null && !problems.anyUnset()) {
            problems.warn(
                    root.keyOrigin("virtual_keys"),
                    "`virtual_keys` without `general_settings.master_key`: who shows one is held to its limits, but the"
                            + " gateway is open, and lets anyone in who shows none");
        }
        return List.copyOf(read);
    }

    private @Nullable VirtualKey read(Section entry, Origin origin, @Nullable Secret masterKey) {
        for (String name : entry.keys()) {
            if (!fields.names().contains(name)) {
                problems.error(entry.keyOrigin(name), unknown(name));
            }
        }
        ObjectNode document = document(entry);
        String key = entry.text("key");
        if (key == null || key.isBlank()) {
            if (!entry.unset("key")) {
                problems.error(origin, "a virtual key needs its `key`; os.environ/NAME takes it from a variable");
            }
            return null;
        }
        key = key.strip();
        Origin place = entry.origin("key");
        if (!key.startsWith("sk-")) {
            problems.warn(place, "the key does not begin with `sk-`, as some clients expect of keys");
        }
        if (masterKey != null && masterKey.matches(key)) {
            problems.error(place, "the key is the master key, which is above all limits; give this one its own");
        }
        once(keys, key, place, "the same key");
        once(aliases, entry.text("key_alias"), entry.origin("key_alias"), "the same `key_alias`");
        document.put("config", true);
        document.put("key_name", "sk-..." + (key.length() < 12 ? "" : key.substring(key.length() - 4)));
        return new VirtualKey(Secret.of(key), written(document), origin);
    }

    private String unknown(String name) {
        return name.equals("duration")
                ? "a key in the file has no beginning that `duration` could count from; write when it ends: `expires`"
                : "unknown field `" + name + "` of a virtual key" + Nearest.hint(name, fields.names());
    }

    private void once(Map<String, Origin> seen, @Nullable String value, @Nullable Origin place, String what) {
        if (value == null || place == null) {
            return;
        }
        Origin first = seen.putIfAbsent(value, place);
        if (first != null) {
            problems.error(place, what + " stands at " + first);
        }
    }

    /** Each field as the type it has, so that "5" and yes are a number and a flag. */
    private ObjectNode document(Section entry) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        fields.keys().forEach((name, field) -> {
            if (entry.has(name) && !name.equals("key")) {
                put(document, name, field.type(), entry);
            }
        });
        String period = entry.text("budget_duration");
        if (period != null && !DURATION.matcher(period).matches()) {
            problems.error(entry.origin("budget_duration"), "`budget_duration` must be like 30s, 15m, 1h, 7d or 1mo");
        }
        String expires = entry.text("expires");
        if (expires != null && !isTime(expires)) {
            problems.error(
                    entry.origin("expires"), "`expires` must be a time with its zone, such as 2026-12-31T23:59:59Z");
        }
        return document;
    }

    private static boolean isTime(String text) {
        try {
            OffsetDateTime.parse(text);
            return true;
        } catch (DateTimeException _) {
            return false;
        }
    }

    private void put(ObjectNode document, String name, String type, Section entry) {
        switch (type) {
            case "text" -> document.put(name, entry.text(name));
            case "number" -> document.put(name, entry.number(name));
            case "whole" -> document.put(name, entry.whole(name));
            case "flag" -> document.put(name, entry.flag(name));
            case "texts" -> {
                ArrayNode texts = document.putArray(name);
                entry.texts(name).forEach(texts::add);
            }
            case "text_map" -> {
                ObjectNode map = document.putObject(name);
                entry.textMap(name).forEach(map::put);
            }
            case "counts" -> {
                ObjectNode map = document.putObject(name);
                Section counts = entry.section(name);
                counts.keys().forEach(each -> map.put(each, counts.whole(each)));
            }
            case "windows" -> windows(document.putArray(name), name, entry);
            default -> free(document, name, entry);
        }
    }

    /** {@code metadata} as it stands; of {@code model_max_budget} the numbers are looked at. */
    private void free(ObjectNode document, String name, Section entry) {
        Section inner = entry.section(name);
        if (name.equals("model_max_budget")) {
            for (String model : inner.keys()) {
                if (inner.node(model) instanceof ConfigNode.Mapping budget) {
                    budget(new Section(model, budget, problems));
                } else {
                    inner.number(model);
                }
            }
        }
        if (entry.node(name) instanceof ConfigNode.Mapping mapping) {
            try {
                document.set(name, JSON.readTree(JsonText.of(mapping)));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("JSON that was just written can be read", e);
            }
        }
    }

    /** {@code budget_limits}: one that says half of it would be no limit. */
    private void windows(ArrayNode windows, String name, Section entry) {
        for (ConfigNode item : entry.list(name)) {
            if (!(item instanceof ConfigNode.Mapping mapping)) {
                problems.error(item.origin(), "`" + name + "` must be a list of `budget_duration` and `max_budget`");
                continue;
            }
            Section window = new Section(name, mapping, problems);
            for (String member : window.keys()) {
                if (!WINDOW.contains(member)) {
                    problems.error(
                            window.keyOrigin(member),
                            "unknown field `" + member + "` of `" + name + "`" + Nearest.hint(member, WINDOW));
                }
            }
            for (String member : WINDOW) {
                if (!window.has(member) && !window.unset(member)) {
                    problems.error(item.origin(), "each of `" + name + "` needs `" + member + "`");
                }
            }
            String period = window.text("budget_duration");
            if (period != null && !DURATION.matcher(period).matches()) {
                problems.error(
                        window.origin("budget_duration"), "`budget_duration` must be like 30s, 15m, 1h, 7d or 1mo");
            }
            windows.addObject().put("budget_duration", period).put("max_budget", window.number("max_budget"));
        }
    }

    private void budget(Section budget) {
        String limit = budget.has("max_budget") ? "max_budget" : "budget_limit";
        String period = budget.has("budget_duration") ? "budget_duration" : "time_period";
        if (budget.number(limit) == null) {
            problems.error(budget.origin(limit), "a model's budget needs `budget_limit`, in US dollars");
        }
        String text = budget.text(period);
        if (text != null && !DURATION.matcher(text).matches()) {
            problems.error(budget.origin(period), "`" + period + "` must be like 30s, 15m, 1h, 7d or 1mo");
        }
    }

    private static String written(ObjectNode document) {
        try {
            return JSON.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree can always be written", e);
        }
    }
}
