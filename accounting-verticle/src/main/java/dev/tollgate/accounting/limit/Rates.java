package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Limits;
import dev.tollgate.protocol.Admission;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Requests and tokens a minute, and calls at once. Lanes decide one after the other for each holder: look and count are one step under
 * the window's lock, and a later party's refusal takes the earlier ones' counts back.
 */
final class Rates {
    private final Counters counters;

    Rates(Counters counters) {
        this.counters = counters;
    }

    /** Counts a call for all its parties, or says why one of them does not allow it and counts it for none. */
    Admission.@Nullable Refused enter(Ticket ticket, long promptTokens, long outputTokens, Instant now) {
        for (Party party : ticket.parties) {
            if (!party.rated()) {
                continue;
            }
            MinuteWindow window = counters.window(party.holder());
            Admission.Refused refused;
            synchronized (window) {
                refused = against(party, window, promptTokens, now);
                if (refused == null) {
                    long setAside = setAside(party, window, promptTokens, outputTokens, now);
                    ticket.places.add(new Ticket.Place(window, window.begin(now.toEpochMilli(), setAside), setAside));
                }
            }
            if (refused != null) {
                undo(ticket, now);
                return refused;
            }
        }
        return null;
    }

    private static Admission.@Nullable Refused against(
            Party party, MinuteWindow window, long promptTokens, Instant now) {
        Limits limits = party.limits();
        long millis = now.toEpochMilli();
        if (limits.parallel() != Limits.NONE && window.running() >= limits.parallel()) {
            return Refusals.rate(party, "max_parallel_requests", limits.parallel(), window.running(), 1_000, now);
        }
        long requests = window.requests(millis);
        if (limits.rpm() != Limits.NONE && requests >= limits.rpm()) {
            return Refusals.rate(party, "requests", limits.rpm(), requests, window.untilFreed(millis, false), now);
        }
        long tokens = window.tokens(millis);
        boolean alone = tokens <= 0 && limits.tpm() > 0;
        if (limits.tpm() != Limits.NONE && !alone && tokens + promptTokens > limits.tpm()) {
            return Refusals.rate(party, "tokens", limits.tpm(), tokens, window.untilFreed(millis, true), now);
        }
        return null;
    }

    /** What the call asks for, but no more than the minute has left: what it really uses is counted when it is known. */
    private static long setAside(Party party, MinuteWindow window, long promptTokens, long outputTokens, Instant now) {
        long limit = party.limits().tpm();
        if (limit == Limits.NONE) {
            return promptTokens;
        }
        long left = Math.max(0, limit - window.tokens(now.toEpochMilli()));
        return Math.min(left, promptTokens + outputTokens);
    }

    /** The call ended; so many tokens were used. */
    static void leave(Ticket ticket, long used, Instant now) {
        for (Ticket.Place place : ticket.places) {
            place.window().end(now.toEpochMilli(), place.begun(), place.tokens(), used);
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

    /** What is left, for the client: LiteLLM's {@code x-ratelimit-…} headers. */
    static Map<String, String> headers(Ticket ticket, Counters counters, Instant now) {
        if (ticket.places.isEmpty()) {
            return Map.of();
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (Party party : ticket.parties) {
            if (party.rated()) {
                headers(headers, party, counters.window(party.holder()), now.toEpochMilli());
            }
        }
        return headers;
    }

    private static void headers(Map<String, String> headers, Party party, MinuteWindow window, long millis) {
        String prefix = "x-ratelimit-" + party.descriptor();
        if (party.limits().rpm() != Limits.NONE) {
            long left = Math.max(0, party.limits().rpm() - window.requests(millis));
            headers.put(prefix + "-remaining-requests", Long.toString(left));
            headers.put(prefix + "-limit-requests", Long.toString(party.limits().rpm()));
        }
        if (party.limits().tpm() != Limits.NONE) {
            long left = Math.max(0, party.limits().tpm() - window.tokens(millis));
            headers.put(prefix + "-remaining-tokens", Long.toString(left));
            headers.put(prefix + "-limit-tokens", Long.toString(party.limits().tpm()));
        }
    }
}
