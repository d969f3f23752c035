package dev.tollgate.accounting.limit;

import dev.tollgate.protocol.QuotedTexts;
import io.vertx.core.buffer.Buffer;

/**
 * The most tokens that a body's prompt can have: one a byte, because no tokenizer makes more of text, and its JSON pays for what
 * providers add around messages. A picture or document given by its address takes few bytes and may be many tokens: the dearest
 * picture known is a detailed one of gpt-4o-mini with 48,169 (OpenAI's pricing page), and OpenAI's parts name it twice. Pictures and
 * sound inside the body have more bytes than tokens.
 */
final class PromptBound {
    private static final QuotedTexts LINKED =
            QuotedTexts.of("image_url", "image", "input_image", "document", "input_file", "input_audio", "file");
    private static final long LINKED_TOKENS = 25_000;

    private PromptBound() {}

    static long tokens(Buffer body) {
        return body.length() + LINKED_TOKENS * LINKED.count(body.getBytes());
    }

    /**
     * The same, closer, where a tokenizer has looked.
     *
     * @param bound what it answered to {@link dev.tollgate.protocol.Addresses#COUNT}
     */
    static long counted(Buffer body, long bound) {
        return bound + LINKED_TOKENS * LINKED.count(body.getBytes());
    }
}
