package dev.tollgate.accounting.limit;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The most tokens that a body's prompt can have: one a byte, because no tokenizer makes more of text, and its JSON pays for what
 * providers add around messages. A picture or document given by its address takes few bytes and may be many tokens: the dearest
 * picture known is a detailed one of gpt-4o-mini with 48,169 (OpenAI's pricing page), and OpenAI's parts name it twice. Pictures and
 * sound inside the body have more bytes than tokens.
 */
final class PromptBound {
    private static final byte[][] LINKED = {
        ascii("image_url\""),
        ascii("image\""),
        ascii("input_image\""),
        ascii("document\""),
        ascii("input_file\""),
        ascii("input_audio\""),
        ascii("file\"")
    };
    private static final long LINKED_TOKENS = 25_000;

    private PromptBound() {}

    static long tokens(Buffer body) {
        return body.length() + LINKED_TOKENS * linked(body.getBytes());
    }

    /**
     * The same, closer, where a tokenizer has looked.
     *
     * @param bound what it answered to {@link dev.tollgate.protocol.Addresses#COUNT}
     */
    static long counted(Buffer body, long bound) {
        return bound + LINKED_TOKENS * linked(body.getBytes());
    }

    private static int linked(byte[] bytes) {
        int found = 0;
        for (int i = 1; i < bytes.length; i++) {
            if (bytes[i - 1] == '"' && (bytes[i] == 'i' || bytes[i] == 'd' || bytes[i] == 'f')) {
                for (byte[] mark : LINKED) {
                    int end = i + mark.length;
                    if (end <= bytes.length && Arrays.equals(bytes, i, end, mark, 0, mark.length)) {
                        found++;
                    }
                }
            }
        }
        return found;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
