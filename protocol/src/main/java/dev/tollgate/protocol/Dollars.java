package dev.tollgate.protocol;

/** Amounts as texts for clients. Written by hand, for every answer to a key tells some. */
public final class Dollars {
    private static final long NANOS = 1_000_000_000;

    private Dollars() {}

    /** Nano-dollars as a plain decimal number of dollars, without zeros at its end. */
    public static String text(long nanos) {
        long whole = nanos / NANOS;
        int rest = (int) Math.abs(nanos % NANOS);
        if (rest == 0) {
            return Long.toString(whole);
        }
        StringBuilder text = new StringBuilder(24);
        if (nanos < 0) {
            text.append('-');
        }
        text.append(Math.abs(whole)).append('.');
        for (int digit = (int) NANOS / 10; rest != 0; digit /= 10) {
            text.append((char) ('0' + rest / digit));
            rest %= digit;
        }
        return text.toString();
    }
}
