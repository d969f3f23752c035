package dev.tollgate.cluster.hazelcast;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Elements of the distinguished encoding (X.690), as far as a certificate needs them. */
final class Der {
    private static final int BOOLEAN = 0x01;
    private static final int INTEGER = 0x02;
    private static final int BITS = 0x03;
    private static final int BYTES = 0x04;
    private static final int OID = 0x06;
    private static final int UTF8 = 0x0c;
    private static final int TIME = 0x18;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int TAGGED = 0xa0;

    private Der() {}

    static byte[] sequence(byte[]... members) {
        return element(SEQUENCE, members);
    }

    static byte[] set(byte[]... members) {
        return element(SET, members);
    }

    /** A member that is known by its number. */
    static byte[] tagged(int number, byte[] content) {
        return element(TAGGED + number, content);
    }

    static byte[] truth() {
        return element(BOOLEAN, new byte[] {(byte) 0xff});
    }

    static byte[] integer(byte[] twosComplement) {
        return element(INTEGER, twosComplement);
    }

    static byte[] bits(byte[] whole) {
        return element(BITS, new byte[] {0}, whole);
    }

    static byte[] bytes(byte[] content) {
        return element(BYTES, content);
    }

    static byte[] oid(byte[] encoded) {
        return element(OID, encoded);
    }

    static byte[] utf8(String text) {
        return element(UTF8, text.getBytes(StandardCharsets.UTF_8));
    }

    /** {@code YYYYMMDDhhmmssZ}. */
    static byte[] time(String utc) {
        return element(TIME, utc.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] element(int tag, byte[]... contents) {
        int length = 0;
        for (byte[] content : contents) {
            length += content.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 4);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> 8);
            out.write(length);
        }
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }
}
