package dev.tollgate.accounting.stored;

import dev.tollgate.accounting.book.Kind;
import dev.tollgate.protocol.Secret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals texts with AES-256-GCM under one key, so that whoever has the store alone can neither read nor change them, nor put one entry's
 * in another's place: kind and id of the entry are authenticated with the text.
 *
 * <p>People may choose that key badly, so it is stretched by PBKDF2 with 200,000 rounds of HMAC-SHA-256: half a second of a core, once,
 * during which a node that starts does not serve these models yet. HKDF makes the cipher's key and the fingerprint of that. All
 * nodes must come to the same key, hence no salt of each one's own. A sealed text is, in base64url: version, fingerprint of the key,
 * nonce, ciphertext with its tag.
 */
final class Seal {
    private static final byte VERSION = 1;
    /** Whoever changes this changes {@link #VERSION} too. */
    static final int ROUNDS = 200_000;

    private static final int FINGERPRINT_BYTES = 4;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int HEAD = 1 + FINGERPRINT_BYTES + NONCE_BYTES;

    private final SecretKey key;
    private final byte[] fingerprint;
    private final SecureRandom random = new SecureRandom();

    /** A text cannot be opened; the message says why. */
    static final class Broken extends Exception {
        private static final long serialVersionUID = 1;

        Broken(String message) {
            super(message);
        }
    }

    private Seal(SecretKey key, byte[] fingerprint) {
        this.key = key;
        this.fingerprint = fingerprint;
    }

    /** Under this key, stretched by so many rounds: {@link #ROUNDS}, but in tests. Takes half a second. */
    static Seal of(Secret passphrase, int rounds) {
        try {
            PBEKeySpec spec = new PBEKeySpec(
                    passphrase.reveal().toCharArray(), bytes("tollgate sealed entries"), rounds, Byte.SIZE * 32);
            SecretKey stretched =
                    SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec);
            spec.clearPassword();
            KDF kdf = KDF.getInstance("HKDF-SHA256");
            SecretKey root = new SecretKeySpec(stretched.getEncoded(), "Generic");
            return new Seal(
                    kdf.deriveKey("AES", HKDFParameterSpec.expandOnly(root, bytes("cipher"), 32)),
                    kdf.deriveData(HKDFParameterSpec.expandOnly(root, bytes("fingerprint"), FINGERPRINT_BYTES)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK 25 has PBKDF2 and HKDF", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Tells this key from others; says nothing else of it. */
    String fingerprint() {
        return HexFormat.of().formatHex(fingerprint);
    }

    /** What is authenticated with the text of a whole entry. */
    private static String whole(Kind kind, String id) {
        return kind.storedName() + "\n" + id;
    }

    /** Seals a text as that of one entry. */
    String close(Kind kind, String id, String clear) {
        return close(whole(kind, id), clear);
    }

    /** Seals a text in one place: it opens nowhere else. No other kind of place may be named alike. */
    String close(String place, String clear) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, place).doFinal(bytes(clear));
            byte[] all = ByteBuffer.allocate(HEAD + sealed.length)
                    .put(VERSION)
                    .put(fingerprint)
                    .put(nonce)
                    .put(sealed)
                    .array();
            return Base64.getUrlEncoder().withoutPadding().encodeToString(all);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM takes any text", e);
        }
    }

    /** Fingerprint of the key that a text was sealed with. */
    static String fingerprintOf(String sealed) throws Broken {
        return HexFormat.of().formatHex(decoded(sealed), 1, 1 + FINGERPRINT_BYTES);
    }

    /** Opens what {@link #close} made under the same key of the same entry. */
    String open(Kind kind, String id, String sealed) throws Broken {
        return open(whole(kind, id), sealed);
    }

    /** Opens what was sealed in that place. */
    String open(String place, String sealed) throws Broken {
        byte[] all = decoded(sealed);
        byte[] nonce = new byte[NONCE_BYTES];
        System.arraycopy(all, 1 + FINGERPRINT_BYTES, nonce, 0, NONCE_BYTES);
        try {
            byte[] clear = cipher(Cipher.DECRYPT_MODE, nonce, place).doFinal(all, HEAD, all.length - HEAD);
            return new String(clear, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException _) {
            throw new Broken("what is stored was changed, or is another entry's or field's");
        }
    }

    private static byte[] decoded(String sealed) throws Broken {
        byte[] all;
        try {
            all = Base64.getUrlDecoder().decode(sealed);
        } catch (IllegalArgumentException _) {
            throw new Broken("what is stored was changed: it is no sealed text");
        }
        if (all.length < HEAD + TAG_BITS / Byte.SIZE) {
            throw new Broken("what is stored was changed: it is too short");
        }
        if (all[0] != VERSION) {
            throw new Broken("it was sealed by a newer Tollgate (form " + all[0] + ")");
        }
        return all;
    }

    private Cipher cipher(int mode, byte[] nonce, String place) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(new byte[] {VERSION});
        cipher.updateAAD(bytes(place));
        return cipher;
    }
}
