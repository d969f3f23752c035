package dev.tollgate.accounting.ledger;

import java.util.HexFormat;

/** Call ids as they are stored: a UUID in 16 bytes, anything else as its text. */
final class RequestId {
    private static final int UUID_LENGTH = 36;
    private static final int UUID_BYTES = 16;

    private RequestId() {}

    /** Bytes of a UUID written the usual way in small letters, or the text itself. */
    static Object stored(String id) {
        if (id.length() != UUID_LENGTH) {
            return id;
        }
        byte[] bytes = new byte[UUID_BYTES];
        int at = 0;
        for (int i = 0; i < UUID_LENGTH; i += 2) {
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                if (id.charAt(i) != '-') {
                    return id;
                }
                i++;
            }
            int high = digit(id.charAt(i));
            int low = digit(id.charAt(i + 1));
            if ((high | low) < 0) {
                return id;
            }
            bytes[at++] = (byte) (high << 4 | low);
        }
        return bytes;
    }

    /** Capital letters are none: the id must come back as it was. */
    private static int digit(char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }

    static String text(Object stored) {
        if (!(stored instanceof byte[] bytes)) {
            return String.valueOf(stored);
        }
        String hex = HexFormat.of().formatHex(bytes);
        return hex.substring(0, 8)
                + '-'
                + hex.substring(8, 12)
                + '-'
                + hex.substring(12, 16)
                + '-'
                + hex.substring(16, 20)
                + '-'
                + hex.substring(20);
    }
}
