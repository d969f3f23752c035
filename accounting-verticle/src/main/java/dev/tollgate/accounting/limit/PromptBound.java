package dev.tollgate.accounting.limit;

import dev.tollgate.protocol.QuotedTexts;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;

/**
 * The most tokens that a body's prompt can have: one a byte, because no tokenizer makes more of text, and its JSON pays for what
 * providers add around messages. A picture or document given by its address takes few bytes and may be many tokens: the dearest
 * picture known is a detailed one of gpt-4o-mini with 48,169 (OpenAI's pricing page), and OpenAI's parts name it twice. Pictures and
 * sound inside the body have more bytes than tokens. A document given by its address may fill the model's context, so where its size is
 * known, that is the bound.
 *
 * <p>What a body says of it is read once, for that takes a pass over all of it.
 *
 * @param bytes how long the body is
 * @param linked how many things it has that may be given by their address
 * @param addressed whether a document among them is
 */
public record PromptBound(int bytes, int linked, boolean addressed) {
    private static final QuotedTexts LINKED =
            QuotedTexts.of("image_url", "image", "input_image", "document", "input_file", "input_audio", "file");
    private static final long LINKED_TOKENS = 25_000;

    private static final QuotedTexts DOCUMENT = QuotedTexts.of("document", "input_file", "file", "file_data");
    private static final QuotedTexts ADDRESS = QuotedTexts.of("url", "file_url", "file_id", "file_uri", "fileUri");

    static PromptBound of(Buffer body) {
        byte[] bytes = body.getBytes();
        int linked = LINKED.count(bytes);
        return new PromptBound(bytes.length, linked, linked > 0 && DOCUMENT.in(bytes) && ADDRESS.in(bytes));
    }

    /** {@code mostInput}: the longest prompt that the model takes, or 0 when it is not known. */
    long tokens(long mostInput) {
        return bound(bytes, mostInput);
    }

    private long bound(long text, long mostInput) {
        long bound = text + LINKED_TOKENS * linked;
        return addressed && mostInput > bound ? mostInput : bound;
    }

    /**
     * The same, closer, where a tokenizer has looked; but not less than an attempt without an answer is charged for.
     *
     * @param bound what it answered to {@link dev.tollgate.protocol.Addresses#COUNT}
     */
    long counted(long bound, long mostInput) {
        return bound(Math.max(bound, Usage.estimated(bytes).prompt()), mostInput);
    }
}
