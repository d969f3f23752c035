package dev.tollgate.router;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many tokens a prompt has. Counts the texts of the members that hold the prompt with OpenAI's newest encoding, whatever the
 * model: others differ by some per cent, and LiteLLM does the same. Images and other data in the body count nothing.
 *
 * <p>A token is at least one byte, so a body of fewer bytes than the limit needs no counting: that decides nearly every call. What is
 * left is counted ({@link TokenCount}) on a worker thread, because a long text takes milliseconds and the encoding's table is read when it is first used.
 * One for the node; safe for any thread.
 */
final class PromptTokens {
    /** The body has been let in, so no text in it is too long. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final Set<String> MEMBERS = Set.of("messages", "system", "prompt", "input", "tools", "functions");
    private static final Set<String> DATA = Set.of("data", "url", "image_url", "file_data", "b64_json");
    private static final int TOKENS_A_MESSAGE = 3;

    private final EncodingRegistry encodings = Encodings.newLazyEncodingRegistry();

    /** Tokens of a request body; 0 when it cannot be read. */
    int of(byte[] body) {
        return counted(body).tokens();
    }

    /** No fewer tokens than any provider finds in a body: a bound for its texts, and one for each byte that is none of them. */
    long bound(byte[] body) {
        TokenCount count = counted(body);
        return Math.min(body.length, body.length - count.bytes() + count.bound());
    }

    private TokenCount counted(byte[] body) {
        TokenCount count = new TokenCount(encodings.getEncoding(EncodingType.O200K_BASE));
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return count;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean counts = MEMBERS.contains(parser.currentName());
                parser.nextToken();
                if (counts) {
                    inside(parser, count);
                } else {
                    parser.skipChildren();
                }
            }
        } catch (IOException _) {
            // The scan has read this body before: it is JSON.
        }
        return count;
    }

    private static void inside(JsonParser parser, TokenCount count) throws IOException {
        int depth = 0;
        do {
            switch (parser.currentToken()) {
                case START_OBJECT -> {
                    depth++;
                    count.add(depth == 2 ? TOKENS_A_MESSAGE : 0);
                }
                case START_ARRAY -> depth++;
                case END_OBJECT, END_ARRAY -> depth--;
                case VALUE_STRING -> {
                    if (!data(parser.currentName())) {
                        count.add(parser.getText());
                    }
                }
                default -> {}
            }
        } while (depth > 0 && parser.nextToken() != null);
    }

    private static boolean data(@Nullable String name) {
        return name != null && DATA.contains(name);
    }
}
