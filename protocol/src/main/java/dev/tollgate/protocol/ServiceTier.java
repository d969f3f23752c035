package dev.tollgate.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How urgently a provider worked for a call, which OpenAI and those that copy its API bill at prices of their own. A request asks
 * for a tier ({@code service_tier}), and the answer names the one that it got: a busy provider takes a call down to the standard one.
 * {@code auto}, and no word at all, mean what the provider's project is set to, which is the standard tier unless somebody changed
 * it (OpenAI's API reference, "Create chat completion").
 */
public enum ServiceTier {
    /** The usual one; also what is billed like it ({@code default}, {@code scale}, {@code on_demand}). */
    STANDARD,
    /** Cheaper and slower. */
    FLEX,
    /** Between flex and standard. */
    BALANCED,
    /** Dearer and faster. */
    PRIORITY,
    /** Dearer and faster still. */
    ULTRAFAST;

    /** Name of the member in requests and answers. */
    public static final String MEMBER = "service_tier";

    private static final JsonFactory JSON = new JsonFactory();

    /** {@link #values} makes another array each time, and nearly every answer names a tier. */
    private static final List<ServiceTier> ALL = List.of(values());

    private final String word = name().toLowerCase(Locale.ROOT);

    /** What price fields of this tier end with. */
    public String suffix() {
        return this == STANDARD ? "" : "_" + word();
    }

    /** As providers write it. */
    public String word() {
        return word;
    }

    /** The tier of this name; names that nobody has a price for mean the standard one. */
    public static ServiceTier named(String name) {
        for (ServiceTier tier : ALL) {
            if (tier.word.equalsIgnoreCase(name)) {
                return tier;
            }
        }
        return STANDARD;
    }

    /** Whether it is billed above the standard price. */
    public boolean dear() {
        return this == PRIORITY || this == ULTRAFAST;
    }

    /** Whether a request with this word may be answered in a dear tier: it asks for one, or leaves it to the project's setting. */
    public static boolean mayBeDear(String asked) {
        return asked.equalsIgnoreCase("auto") || named(asked).dear();
    }

    /**
     * What a body asks for; null: nothing. Of several members of that name the last one counts, as it does for most readers. The whole
     * top level is read, so ask only where the member is known to be there.
     */
    public static @Nullable String asked(Buffer body) {
        List<@Nullable String> words = words(body);
        return words.isEmpty() ? null : words.getLast();
    }

    /**
     * Whether a body may be answered in a dear tier. JSON does not say which of several members of one name counts, so any of them is
     * enough. The whole top level is read, too.
     */
    public static boolean mayBeDear(Buffer body) {
        for (String word : words(body)) {
            if (word != null && mayBeDear(word)) {
                return true;
            }
        }
        return false;
    }

    /** Of all members of that name, in their order; null: one that is no text. */
    private static List<@Nullable String> words(Buffer body) {
        List<@Nullable String> words = new ArrayList<>(1);
        try (JsonParser parser = JSON.createParser(body.getBytes())) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean it = parser.currentName().equals(MEMBER);
                JsonToken value = parser.nextToken();
                if (it) {
                    words.add(value == JsonToken.VALUE_STRING ? parser.getText() : null);
                }
                parser.skipChildren();
            }
        } catch (IOException _) {
            // The provider refuses it.
        }
        return words;
    }
}
