package dev.tollgate.provider.chat;

import org.jspecify.annotations.Nullable;

/**
 * The id of a tool call with a provider's proof in it (Gemini's thought signature). Anthropic's API has no place for such a proof
 * beside a call, and many clients send back only what their API knows, but every client sends the id. LiteLLM writes ids this way,
 * so conversations begun there go on here. The proof is written in the alphabet that Anthropic allows in ids.
 *
 * @param id the call's own id
 * @param signature the proof, or null
 */
public record SignedId(String id, @Nullable String signature) {
    private static final String MARK = "__thought__";

    /** Base64 comes in groups of this many letters. */
    private static final int GROUP = 4;

    /** Takes an id apart. */
    public static SignedId read(String text) {
        int mark = text.indexOf(MARK);
        if (mark < 0) {
            return new SignedId(text, null);
        }
        String proof = text.substring(mark + MARK.length()).replace('-', '+').replace('_', '/');
        int missing = Math.floorMod(-proof.length(), GROUP);
        // Three letters are never missing: somebody cut the id short, and half a proof is refused.
        boolean whole = !proof.isEmpty() && missing < GROUP - 1;
        return new SignedId(text.substring(0, mark), whole ? proof + "=".repeat(missing) : null);
    }

    /** One text of both. */
    public String text() {
        return signature == null
                ? id
                : id + MARK + signature.replace('+', '-').replace('/', '_').replace("=", "");
    }
}
