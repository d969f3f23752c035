package dev.tollgate.router;

import com.knuddels.jtokkit.api.Encoding;

/**
 * Counts the tokens of one prompt's texts in time that grows with their length and no faster. The encoding's own time grows with the
 * square of a run without a break (a long word, an underscored line), so a text is cut into pieces: before a blank where there is
 * one, which is where the encoding cuts as well, and inside a run of letters, or of signs, after {@value #LONGEST_RUN} bytes, which adds a token at most.
 *
 * <p>The first {@value #EXACT} characters are counted piece by piece. Of what follows, every {@value #SAMPLED}th piece is, and stands for
 * the others: prompts of that length are far from exact limits, and a body may be as large as the gateway lets in.
 */
final class TokenCount {
    private static final int EXACT = 1 << 19;
    private static final int SAMPLED = 8;
    private static final int LONGEST_PIECE = 4096;
    private static final int LONGEST_RUN = 192;
    private static final int BLANK = 0;
    private static final int WORD = 1;
    private static final int OTHER = 2;

    private final Encoding encoding;
    private long characters;
    private long counted;
    private long sampledTokens;
    private long sampledCharacters;
    private long skippedCharacters;
    private int pieces;
    private long foreign;

    TokenCount(Encoding encoding) {
        this.encoding = encoding;
    }

    void add(String text) {
        for (int i = 0; i < text.length(); i++) {
            foreign += text.charAt(i) < 128 ? 0 : 1;
        }
        for (int from = 0; from < text.length(); ) {
            int to = end(text, from);
            piece(text, from, to);
            from = to;
        }
    }

    /** Tokens that need no counting. */
    void add(int tokens) {
        counted += tokens;
    }

    int tokens() {
        double rest = sampledCharacters == 0 ? 0 : (double) sampledTokens * skippedCharacters / sampledCharacters;
        return (int) Math.min(Integer.MAX_VALUE, counted + Math.round(rest));
    }

    /**
     * No fewer than another vendor's tokenizer makes of these texts: half as many again of what is ASCII (Claude's of code), and of
     * the rest, where tokenizers differ most, as many as it has bytes; never more than all its bytes.
     */
    long bound() {
        return Math.min(characters + 2 * foreign, tokens() + tokens() / 2 + 3 * foreign);
    }

    /** Bytes of the texts, at least. */
    long bytes() {
        return characters;
    }

    private void piece(String text, int from, int to) {
        int length = to - from;
        characters += length;
        if (characters <= EXACT) {
            counted += encoding.countTokensOrdinary(text.substring(from, to));
        } else if (pieces++ % SAMPLED == 0) {
            int tokens = encoding.countTokensOrdinary(text.substring(from, to));
            counted += tokens;
            sampledTokens += tokens;
            sampledCharacters += length;
        } else {
            skippedCharacters += length;
        }
    }

    /** Where the piece that begins here ends. */
    private static int end(String text, int from) {
        int most = Math.min(text.length(), from + LONGEST_PIECE);
        int blank = -1;
        int before = kind(text.charAt(from));
        int bytes = 0;
        for (int i = from + 1; i < most; i++) {
            char c = text.charAt(i);
            int kind = kind(c);
            if (kind != before) {
                blank = kind == BLANK ? i : blank;
                before = kind;
                bytes = 0;
            } else if ((bytes += c < 128 ? 1 : 3) >= LONGEST_RUN) {
                return whole(text, i);
            }
        }
        return most == text.length() || blank < 0 ? whole(text, most) : blank;
    }

    /** What the encoding never joins in one token, or only across the border of two. */
    private static int kind(char c) {
        return c <= ' ' ? BLANK : Character.isLetterOrDigit(c) ? WORD : OTHER;
    }

    /** A character of two halves is not cut. */
    private static int whole(String text, int at) {
        return at < text.length() && Character.isLowSurrogate(text.charAt(at)) ? at + 1 : at;
    }
}
