package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Limits;
import dev.tollgate.protocol.Admission;
import dev.tollgate.protocol.Call;
import java.time.Instant;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Requests and tokens a minute, and calls at once. Lanes decide one after the other for each holder: look and count are one step under
 * the window's lock, and a later party's refusal takes the earlier ones' counts back.
 */
final class Rates {
    private static final int BYTES_A_TOKEN = 4;

    private final Counters counters;

    Rates(Counters counters) {
        this.counters = counters;
    }

    /** Why a call is not counted. */
    sealed interface Stop {}

    /** A limit is reached. */
    record Refusal(Admission.Refused refused) implements Stop {}

    /** This node's part of a limit is used; others may have more. */
    record Lack(Portion portion, long need) implements Stop {}

    /** Counts a call for all its parties, or says why one of them does not allow it and counts it for none. */
    @Nullable Stop enter(Ticket ticket, Call call, Instant now) {
        long most = (long) call.envelope().maxTokens() * call.envelope().choices();
        return enter(ticket, call.body().length() / BYTES_A_TOKEN, most, now);
    }

    private @Nullable Stop enter(Ticket ticket, long promptTokens, long outputTokens, Instant now) {
        for (Party party : ticket.parties) {
            if (!party.rated()) {
                continue;
            }
            MinuteWindow window = party.window(counters);
            Stop stop;
            synchronized (window) {
                stop = against(party, window, promptTokens, outputTokens, now);
                if (stop == null) {
                    long setAside = setAside(party, window, promptTokens, outputTokens, now);
                    ticket.places.add(
                            new Ticket.Place(party, window, window.begin(now.toEpochMilli(), setAside), setAside));
                }
            }
            if (stop != null) {
                undo(ticket, now);
                return stop;
            }
        }
        return null;
    }

    private static @Nullable Stop against(
            Party party, MinuteWindow window, long promptTokens, long outputTokens, Instant now) {
        Limits limits = party.limits();
        long millis = now.toEpochMilli();
        if (limits.parallel() != Limits.NONE) {
            boolean full = window.running() >= limits.parallel();
            Stop stop = against(party, window, Quantity.CALLS, full, 1, now);
            if (stop != null) {
                return stop;
            }
        }
        if (limits.rpm() != Limits.NONE) {
            boolean full = window.requests(millis) >= limits.rpm();
            Stop stop = against(party, window, Quantity.REQUESTS, full, 1, now);
            if (stop != null) {
                return stop;
            }
        }
        if (limits.tpm() == Limits.NONE) {
            return null;
        }
        long tokens = window.tokens(millis);
        boolean alone = tokens <= 0 && limits.tpm() > 0;
        boolean full = !alone && tokens + promptTokens > limits.tpm();
        long least = Math.min(promptTokens, limits.tpm());
        long whole = Math.min(promptTokens + outputTokens, limits.tpm() - Math.max(0, tokens));
        Portion portion = window.portion(Quantity.TOKENS);
        boolean more = portion != null && whole > least && portion.room(whole, limits.tpm()) == Portion.Room.ASK;
        return against(party, window, Quantity.TOKENS, full, more ? whole : least, now);
    }

    /** {@code full}: whether this node alone has used all. */
    private static @Nullable Stop against(
            Party party, MinuteWindow window, Quantity quantity, boolean full, long need, Instant now) {
        long limit = quantity.limit(party.limits());
        Portion portion = window.portion(quantity);
        if (!full) {
            if (portion == null) {
                return null;
            }
            switch (portion.room(need, limit)) {
                case ENOUGH -> {
                    return null;
                }
                case ASK -> {
                    return new Lack(portion, need);
                }
                case UNKNOWN -> {
                    return new Refusal(Refusals.cutOff());
                }
                case NO_MORE -> {
                    // Refused like any other.
                }
            }
        }
        long millis = now.toEpochMilli();
        // Where others say that there is no more, what they use was known a moment before.
        long used = full ? window.used(quantity, millis) + elsewhere(window, quantity) : limit;
        return new Refusal(
                switch (quantity) {
                    case CALLS -> Refusals.rate(party, "max_parallel_requests", limit, used, 1_000, now);
                    case REQUESTS ->
                        Refusals.rate(party, "requests", limit, used, window.untilFreed(millis, false), now);
                    case TOKENS -> Refusals.rate(party, "tokens", limit, used, window.untilFreed(millis, true), now);
                });
    }

    /** What the call asks for, but no more than the minute has left: what it really uses is counted when it is known. */
    private static long setAside(Party party, MinuteWindow window, long promptTokens, long outputTokens, Instant now) {
        long limit = party.limits().tpm();
        if (limit == Limits.NONE) {
            return promptTokens;
        }
        Portion portion = window.portion(Quantity.TOKENS);
        long left = Math.max(0, portion == null ? limit - window.tokens(now.toEpochMilli()) : portion.free());
        return Math.min(left, promptTokens + outputTokens);
    }

    /** The call ended; so many tokens count for each party. */
    static void leave(Ticket ticket, ToLongFunction<Party> used, Instant now) {
        for (Ticket.Place place : ticket.places) {
            place.window().end(now.toEpochMilli(), place.begun(), place.tokens(), used.applyAsLong(place.party()));
        }
        ticket.places.clear();
    }

    /** The call is not made after all. */
    static void undo(Ticket ticket, Instant now) {
        for (Ticket.Place place : ticket.places) {
            place.window().undo(now.toEpochMilli(), place.begun(), place.tokens());
        }
        ticket.places.clear();
    }

    /** What others use of it, as far as is known. */
    static long elsewhere(MinuteWindow window, Quantity quantity) {
        Portion portion = window.portion(quantity);
        return portion == null ? 0 : portion.elsewhere();
    }
}
