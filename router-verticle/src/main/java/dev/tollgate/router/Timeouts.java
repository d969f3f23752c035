package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Envelope;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long one attempt may take: what the call asks for, then the deployment, then the settings; for streams their own figures first. */
final class Timeouts {
    private Timeouts() {}

    static Duration of(Deployment chosen, boolean stream, Envelope.Overrides asked, RouterSettings settings) {
        if (stream) {
            Duration own = first(asked.streamTimeout(), chosen.routing().streamTimeout(), settings.streamTimeout());
            if (own != null) {
                return own;
            }
        }
        Duration plain = first(asked.timeout(), chosen.routing().timeout(), null);
        return plain != null ? plain : settings.timeout();
    }

    /**
     * How long an attempt at a stream may take until its first content: the time that a whole answer may take, or that of a stream when
     * it is longer. Silence until then is limited by {@link #of} as later.
     */
    static Duration ofFirstContent(
            Duration limit, Deployment chosen, boolean stream, Envelope.Overrides asked, RouterSettings settings) {
        if (!stream) {
            return limit;
        }
        Duration whole = of(chosen, false, asked, settings);
        return whole.compareTo(limit) > 0 ? whole : limit;
    }

    private static @Nullable Duration first(@Nullable Duration a, @Nullable Duration b, @Nullable Duration c) {
        return a != null ? a : b != null ? b : c;
    }
}
