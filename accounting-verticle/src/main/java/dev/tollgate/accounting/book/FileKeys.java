package dev.tollgate.accounting.book;

import dev.tollgate.config.VirtualKey;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Keys that stand in the configuration file, as entries of the book: under their hashes, as all others. */
public final class FileKeys {
    private FileKeys() {}

    /** Document by hash. */
    public static Map<String, JsonObject> documents(List<VirtualKey> keys) {
        Map<String, JsonObject> documents = new HashMap<>();
        for (VirtualKey key : keys) {
            documents.put(hash(key.key().reveal()), new JsonObject(key.document()));
        }
        return documents;
    }

    private static String hash(String key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
