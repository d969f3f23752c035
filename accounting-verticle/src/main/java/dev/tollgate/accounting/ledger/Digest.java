package dev.tollgate.accounting.ledger;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** 16 bytes that stand for several texts: rows are found by them, as texts may be null, or too long for an index. */
final class Digest {
    static final int BYTES = 16;

    private Digest() {}

    /** Lengths stand in front of the texts, so that no two lists of texts read the same. */
    static byte[] of(Iterable<@Nullable String> texts, String rest) {
        StringBuilder all = new StringBuilder(500);
        for (String text : texts) {
            all.append(text == null ? -1 : text.length()).append(':').append(text);
        }
        return Arrays.copyOf(sha256(all.append(rest).toString()), BYTES);
    }

    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
