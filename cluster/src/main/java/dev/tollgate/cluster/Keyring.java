package dev.tollgate.cluster;

import dev.tollgate.protocol.Authentication;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Who holds which key, on this node: a look-up in memory that the accounting role fills and the gateway reads for each call, from any
 * thread. Until it is filled no key is known, and callers are told to come again.
 */
public final class Keyring {
    private static final Authentication LOADING = new Authentication.Refused(Failure.of(
            FailureKind.OVERLOADED, "The keys of this gateway are still being loaded; try again in a moment"));

    private volatile Function<String, Authentication> holders = _ -> LOADING;
    private volatile BooleanSupplier keys = () -> false;
    private volatile BooleanSupplier limitsEveryone = () -> false;

    /** The holder of a key. {@code hash}: its SHA-256 in lower-case hex. */
    public Authentication holder(String hash) {
        return holders.apply(hash);
    }

    /** From now on this is asked; it must answer at once, and from any thread. */
    public void fill(Function<String, Authentication> newHolders) {
        holders = newHolders;
    }

    /** Whether there may be any key at all; there may be while they are being loaded. */
    public boolean hasKeys() {
        return keys.getAsBoolean();
    }

    /** From now on this is asked whether there are; it must answer at once, and from any thread. */
    public void anyKeys(BooleanSupplier any) {
        keys = any;
    }

    /** Whether there are limits for calls of any key, such as end users' or tags' or the whole gateway's. */
    public boolean limitsEveryone() {
        return limitsEveryone.getAsBoolean();
    }

    /** From now on this is asked whether there are; it must answer at once, and from any thread. */
    public void limitEveryone(BooleanSupplier limits) {
        limitsEveryone = limits;
    }
}
