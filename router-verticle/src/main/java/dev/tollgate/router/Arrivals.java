package dev.tollgate.router;

import dev.tollgate.protocol.Call;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Calls that name a model which nobody knows while the store may still bring it, as just after a start: they wait, looking again now
 * and then, and not for long.
 */
final class Arrivals {
    private static final Duration EVERY = Duration.ofMillis(50);

    private final Predicate<Call> known;
    private final Supplier<Duration> longest;
    private final Function<Duration, Future<Void>> pause;

    /** {@code known}: whether a call need not wait; {@code longest}: how long one that comes now may. */
    Arrivals(Predicate<Call> known, Supplier<Duration> longest, Function<Duration, Future<Void>> pause) {
        this.known = known;
        this.longest = longest;
        this.pause = pause;
    }

    /** Goes on with the call as soon as its model is known, or when it has waited for long enough. */
    <T> Future<T> then(Call call, Function<Call, Future<T>> goOn) {
        return known.test(call) ? goOn.apply(call) : later(call, goOn, longest.get());
    }

    private <T> Future<T> later(Call call, Function<Call, Future<T>> goOn, Duration left) {
        return pause.apply(EVERY)
                .compose(_ -> known.test(call) || left.compareTo(EVERY) <= 0
                        ? goOn.apply(call)
                        : later(call, goOn, left.minus(EVERY)));
    }
}
