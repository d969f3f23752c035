package dev.tollgate.cluster.hazelcast;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Who may be on the bus: an authority whose key is made of the cluster's secret signs (RFC 5280), on each node anew, a certificate for
 * a key that exists in that process only. So one secret is all that nodes must share, TLS encrypts with keys that nobody else has,
 * and who does not know the secret can neither connect nor be connected to.
 */
final class NodeCertificate {
    private static final byte[] COMMON_NAME = {0x55, 4, 3};
    private static final byte[] BASIC_CONSTRAINTS = {0x55, 0x1d, 0x13};
    private static final byte[] ECDSA_SHA256 = HexFormat.of().parseHex("2a8648ce3d040302");
    private static final String AUTHORITY = "Tollgate cluster";
    private static final String NODE = "Tollgate node";
    private static final String BEGINNING = "20200101000000Z";
    /** A certificate lives as long as its process. RFC 5280 §4.1.2.5 has this one for "no end". */
    private static final String END = "99991231235959Z";

    private final String key;
    private final String certificate;
    private final String authority;

    NodeCertificate(ClusterSecret secret) {
        try {
            KeyPair signing = SecretKey.of(secret.authorityKey());
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair own = generator.generateKeyPair();
            this.key = pem("PRIVATE KEY", own.getPrivate().getEncoded());
            this.certificate = pem("CERTIFICATE", signed(NODE, own.getPublic(), signing, false));
            this.authority = pem("CERTIFICATE", signed(AUTHORITY, signing.getPublic(), signing, true));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has elliptic curves", e);
        }
    }

    private static byte[] signed(String subject, PublicKey subjectKey, KeyPair signing, boolean authority)
            throws GeneralSecurityException {
        byte[] algorithm = Der.sequence(Der.oid(ECDSA_SHA256));
        byte[] constraints = Der.sequence(
                Der.oid(BASIC_CONSTRAINTS),
                Der.truth(),
                Der.bytes(authority ? Der.sequence(Der.truth()) : Der.sequence()));
        byte[] certified = Der.sequence(
                Der.tagged(0, Der.integer(new byte[] {2})),
                Der.integer(new BigInteger(64, new SecureRandom()).setBit(64).toByteArray()),
                algorithm,
                name(AUTHORITY),
                Der.sequence(Der.time(BEGINNING), Der.time(END)),
                name(subject),
                subjectKey.getEncoded(),
                Der.tagged(3, Der.sequence(constraints)));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(signing.getPrivate());
        signature.update(certified);
        return Der.sequence(certified, algorithm, Der.bits(signature.sign()));
    }

    private static byte[] name(String common) {
        return Der.sequence(Der.set(Der.sequence(Der.oid(COMMON_NAME), Der.utf8(common))));
    }

    private static String pem(String what, byte[] content) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
                + "\n-----END " + what + "-----\n";
    }

    /** What this node shows; as texts, for Vert.x's bus keeps nothing else. */
    KeyCertOptions own() {
        return new PemKeyCertOptions().setKeyValue(Buffer.buffer(key)).setCertValue(Buffer.buffer(certificate));
    }

    /** Whom it believes. */
    TrustOptions others() {
        return new PemTrustOptions().addCertValue(Buffer.buffer(authority));
    }

    String certificate() {
        return certificate;
    }

    String authority() {
        return authority;
    }
}
