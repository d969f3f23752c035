package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * Finds the first chunk of a stream that says something. Most streams open with the role and an empty text, which is no answer yet;
 * looked for until it is found, so once or twice a stream.
 */
final class FirstWord {
    private FirstWord() {}

    /** Whether this member of a choice says something: the text of a completion, or any member of a delta but its role. */
    static boolean in(String name, JsonToken value, JsonParser parser) throws IOException {
        if (name.equals("text")) {
            return said(value, parser);
        }
        if (!name.equals("delta") || value != JsonToken.START_OBJECT) {
            return false;
        }
        boolean found = false;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean role = parser.currentName().equals("role");
            JsonToken part = parser.nextToken();
            found |= !role && said(part, parser);
            parser.skipChildren();
        }
        return found;
    }

    private static boolean said(JsonToken value, JsonParser parser) throws IOException {
        return switch (value) {
            case VALUE_STRING -> parser.getTextLength() > 0;
            case START_ARRAY, START_OBJECT -> !empty(parser);
            case VALUE_NULL -> false;
            default -> true;
        };
    }

    /** Whether the array or object just entered is empty; leaves it behind. */
    private static boolean empty(JsonParser parser) throws IOException {
        int inside = parser.getParsingContext().getNestingDepth();
        parser.nextToken();
        boolean empty = parser.getParsingContext().getNestingDepth() < inside;
        while (parser.getParsingContext().getNestingDepth() >= inside) {
            parser.nextToken();
        }
        return empty;
    }
}
