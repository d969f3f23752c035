package dev.tollgate.gateway.pipeline;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Makes call ids: UUIDs of version 7 (RFC 9562 §5.7), so that they sort by time and no two nodes or restarts ever share one. The
 * spend ledger is idempotent by this id, which is why a client may not choose it. The generator is seeded from the system's
 * entropy once; drawing from the system for every call costs about a microsecond.
 */
final class CallIds {
    private static final HexFormat HEX = HexFormat.of();

    private final InstantSource clock;
    private final RandomGenerator random;

    CallIds(InstantSource clock) {
        this.clock = clock;
        byte[] seed = new byte[32];
        new SecureRandom().nextBytes(seed);
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    String next() {
        long time = (clock.millis() << 16) | 0x7000 | random.nextInt(0x1000);
        long rest = (random.nextLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
        StringBuilder id = new StringBuilder(36);
        String high = HEX.toHexDigits(time);
        String low = HEX.toHexDigits(rest);
        return id.append(high, 0, 8)
                .append('-')
                .append(high, 8, 12)
                .append('-')
                .append(high, 12, 16)
                .append('-')
                .append(low, 0, 4)
                .append('-')
                .append(low, 4, 16)
                .toString();
    }
}
