package dev.tollgate.cluster.hazelcast;

import dev.tollgate.protocol.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** What is made of the secret that all nodes know: proofs of knowing it, each for one purpose, that do not tell it. */
final class ClusterSecret {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int NAME_DIGITS = 24;
    private static final int ROUNDS = 200_000;

    private final byte[] bytes;

    ClusterSecret(Secret secret) {
        this.bytes = stretched(secret.reveal());
    }

    /** Strangers can try secrets against the name and the certificates that they are shown, so each try must cost them something. */
    private static byte[] stretched(String secret) {
        try {
            PBEKeySpec spec = new PBEKeySpec(
                    secret.toCharArray(), "tollgate cluster".getBytes(StandardCharsets.UTF_8), ROUNDS, 256);
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has PBKDF2", e);
        }
    }

    /** The name of the cluster. Members refuse who names another one, so nodes with different secrets never meet. */
    String clusterName() {
        String proof = HexFormat.of().formatHex(proof("members", new byte[0]));
        return "tollgate-" + proof.substring(0, NAME_DIGITS);
    }

    /** What the key is made of that signs nodes' certificates: as many bytes as that takes, and some more. */
    byte[] authorityKey() {
        byte[] first = proof("authority", new byte[] {1});
        byte[] second = proof("authority", new byte[] {2});
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private byte[] proof(String purpose, byte[] of) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(bytes, ALGORITHM));
            mac.update(("tollgate cluster " + purpose + "\n").getBytes(StandardCharsets.UTF_8));
            return mac.doFinal(of);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has " + ALGORITHM, e);
        }
    }
}
