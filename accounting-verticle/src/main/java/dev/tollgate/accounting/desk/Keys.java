package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Key texts and their entries. Only the hash of a text is kept; it is shown once, when it is made. A key that was regenerated with
 * overlap is a chain: the present entry names its predecessor, which names the present one ({@code successor}) and ends with the
 * grace period. What is changed on one of them is changed on all.
 */
final class Keys {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final String PREFIX = "sk-";
    /** 22 characters of Base64, as LiteLLM makes them. */
    private static final int RANDOM_BYTES = 16;

    private static final int SHORTEST = 16;
    /** More generations at once than anybody needs; ends a walk over a chain that somebody tied into a circle. */
    private static final int LONGEST_CHAIN = 100;

    private final SecureRandom random = new SecureRandom();
    private final Office office;

    Keys(Office office) {
        this.office = office;
    }

    /** A new text: {@code given}, if it will do, or a random one. */
    String text(@Nullable String given) throws Refusal {
        if (given == null) {
            byte[] bytes = new byte[RANDOM_BYTES];
            random.nextBytes(bytes);
            return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        }
        if (!given.startsWith(PREFIX)) {
            throw Refusal.bad("Invalid key format. Virtual keys must start with 'sk-'", "key");
        }
        if (given.length() < SHORTEST) {
            throw Refusal.bad("Invalid key format. Virtual keys must have at least " + SHORTEST + " characters", "key");
        }
        String hash = hash(given);
        if (hash.equals(office.rules().get().masterHash())
                || office.book().entry(Kind.KEY, hash).isPresent()) {
            throw Refusal.bad("Key already exists. Please pass a different key", "key");
        }
        return given;
    }

    /** SHA-256 in lower-case hex. */
    static String hash(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }

    /** The entry of a clear key or of a hash. */
    Optional<Entry> find(String keyOrHash) {
        return office.book().entry(Kind.KEY, HASH.matcher(keyOrHash).matches() ? keyOrHash : hash(keyOrHash));
    }

    /** The same; there must be one. */
    Entry get(String keyOrHash) throws Refusal {
        return find(keyOrHash).orElseThrow(() -> Refusal.missing("Key not found in database"));
    }

    /** The entry that a key stands for today, if it was regenerated since. */
    Entry current(String keyOrHash) throws Refusal {
        Entry entry = get(keyOrHash);
        for (int i = 0; i < LONGEST_CHAIN; i++) {
            String successor = entry.document().getString("successor");
            Optional<Entry> next =
                    successor == null ? Optional.empty() : office.book().entry(Kind.KEY, successor);
            if (next.isEmpty()) {
                return entry;
            }
            entry = next.get();
        }
        return entry;
    }

    /** The entry and those that it came after and that are still there. */
    List<Entry> family(Entry current) {
        List<Entry> family = new ArrayList<>(List.of(current));
        for (int i = 0; i < LONGEST_CHAIN; i++) {
            String predecessor = family.getLast().document().getString("predecessor");
            Optional<Entry> next =
                    predecessor == null ? Optional.empty() : office.book().entry(Kind.KEY, predecessor);
            if (next.isEmpty()) {
                break;
            }
            family.add(next.get());
        }
        return family;
    }

    /** Changes the entry and its predecessors alike, but for when those end. */
    void change(Asked asked, Entry current, Consumer<JsonObject> change) throws Refusal {
        for (Entry entry : family(current)) {
            JsonObject document = asked.writing().document(entry);
            Object expires = document.getValue("expires");
            change.accept(document);
            if (!entry.id().equals(current.id())) {
                document.put("expires", expires);
            }
            asked.writing().update(entry, asked.changed(document));
        }
    }

    /** Ends it and its predecessors. */
    void delete(Asked asked, Entry entry) throws Refusal {
        for (Entry each : family(entry)) {
            asked.writing().delete(each);
        }
    }

    /** Puts a new key down. */
    String create(Asked asked, String text, JsonObject document) {
        String hash = hash(text);
        String name = "sk-..." + text.substring(text.length() - 4);
        asked.writing().create(Kind.KEY, hash, asked.born(document.put("key_name", name)));
        return hash;
    }

    /** Under whose name a key's spend is kept. */
    static Holder holder(Entry key) {
        return new Holder(Kind.KEY, key.document().getString("account", key.id()));
    }

    /** Aliases are unique; {@code own} is the entry that may have it already. */
    void unique(@Nullable String alias, @Nullable Entry own) throws Refusal {
        if (alias == null || own != null && alias.equals(own.document().getString("key_alias"))) {
            return;
        }
        for (Entry entry : office.book().entries(Kind.KEY)) {
            if (alias.equals(entry.document().getString("key_alias"))) {
                throw Refusal.bad(
                        "Key with alias '" + alias
                                + "' already exists. Unique key aliases across all keys are required.",
                        "key_alias");
            }
        }
    }

    /** The answer to whoever made a key: all of its row, and once its text. */
    JsonObject made(String text, String hash) {
        JsonObject row = office.shown().key(hash, office.document(Kind.KEY, hash));
        JsonObject metadata = row.getJsonObject("metadata", new JsonObject());
        for (String name : List.of("tags", "guardrails", "policies", "model_rpm_limit", "model_tpm_limit")) {
            row.put(name, metadata.getValue(name));
        }
        return row.put("key", text).put("token", hash).put("token_id", hash);
    }
}
