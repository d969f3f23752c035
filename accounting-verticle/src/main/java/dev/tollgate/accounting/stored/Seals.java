package dev.tollgate.accounting.stored;

import dev.tollgate.accounting.book.Kind;
import dev.tollgate.protocol.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The keys of this node: {@code LITELLM_SALT_KEY} seals when it is set, else the master key. Either opens what was sealed with it, so
 * a salt key can be set later. A key is worked out when it is first needed.
 */
final class Seals {
    private final @Nullable Secret salt;
    private final @Nullable Secret master;
    private final int rounds;
    private final Map<Secret, Seal> made = new HashMap<>();

    Seals(@Nullable Secret salt, @Nullable Secret master, int rounds) {
        this.rounds = rounds;
        this.salt = salt;
        this.master = master;
    }

    boolean hold(@Nullable Secret otherSalt, @Nullable Secret otherMaster) {
        return Objects.equals(salt, otherSalt) && Objects.equals(master, otherMaster);
    }

    /** Whether the master key seals. */
    boolean saltless() {
        return salt == null;
    }

    /** Works out the salt key, if there is one, before it is needed. */
    void prepare() {
        if (salt != null) {
            seal(salt);
        }
    }

    private synchronized Seal seal(Secret key) {
        return made.computeIfAbsent(key, each -> Seal.of(each, rounds));
    }

    /** Seals a text; null: there is no key. */
    @Nullable String close(Kind kind, String id, String clear) {
        Seal seal = sealing();
        return seal == null ? null : seal.close(kind, id, clear);
    }

    /** Seals a text in one place; null: there is no key. */
    @Nullable String close(String place, String clear) {
        Seal seal = sealing();
        return seal == null ? null : seal.close(place, clear);
    }

    private @Nullable Seal sealing() {
        Secret key = salt == null ? master : salt;
        return key == null ? null : seal(key);
    }

    private List<Secret> keys() {
        List<Secret> keys = new ArrayList<>();
        if (salt != null) {
            keys.add(salt);
        }
        if (master != null) {
            keys.add(master);
        }
        return keys;
    }

    String open(Kind kind, String id, String sealed) throws Seal.Broken {
        return made(sealed).open(kind, id, sealed);
    }

    /** Opens what was sealed in that place. */
    String open(String place, String sealed) throws Seal.Broken {
        return made(sealed).open(place, sealed);
    }

    /** The one that this was sealed with. */
    private Seal made(String sealed) throws Seal.Broken {
        String wanted = Seal.fingerprintOf(sealed);
        List<String> tried = new ArrayList<>();
        for (Secret key : keys()) {
            Seal seal = seal(key);
            if (seal.fingerprint().equals(wanted)) {
                return seal;
            }
            tried.add((Objects.equals(salt, key) ? "LITELLM_SALT_KEY is " : "the master key is ") + seal.fingerprint());
        }
        throw new Seal.Broken("it is sealed with another key (fingerprint " + wanted + "; "
                + (tried.isEmpty() ? "here is neither LITELLM_SALT_KEY nor a master key" : String.join(", ", tried))
                + "): start with the key it was made with, or delete it and make it anew");
    }
}
