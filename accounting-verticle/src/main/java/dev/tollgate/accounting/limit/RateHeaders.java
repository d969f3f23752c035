package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Limits;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What is left of the minute, for the client: LiteLLM's {@code x-ratelimit-…} headers. Their names are made once, since each call has a dozen. */
final class RateHeaders {
    private static final Map<String, Names> USUAL = List.of(
                    "api_key",
                    "team",
                    "team_member",
                    "user",
                    "organization",
                    "organization_member",
                    "end_user",
                    "tag",
                    "model_per_key",
                    "model_per_team",
                    "model_per_user",
                    "model_per_organization",
                    "model_per_end_user")
            .stream()
            .collect(Collectors.toUnmodifiableMap(Function.identity(), Names::of));

    private RateHeaders() {}

    private record Names(String requestsLeft, String requests, String tokensLeft, String tokens) {
        static Names of(String descriptor) {
            String prefix = "x-ratelimit-" + descriptor;
            return new Names(
                    prefix + "-remaining-requests",
                    prefix + "-limit-requests",
                    prefix + "-remaining-tokens",
                    prefix + "-limit-tokens");
        }
    }

    /** Of all whom the call has been counted for; to be added to when it is not empty. */
    static Map<String, String> of(Ticket ticket, Counters counters, Instant now) {
        if (ticket.places.isEmpty()) {
            return Map.of();
        }
        Map<String, String> headers = new HashMap<>(32);
        for (Party party : ticket.parties) {
            if (party.rated()) {
                add(headers, party, party.window(counters), now.toEpochMilli());
            }
        }
        return headers;
    }

    private static void add(Map<String, String> headers, Party party, MinuteWindow window, long millis) {
        Names usual = USUAL.get(party.descriptor());
        Names names = usual == null ? Names.of(party.descriptor()) : usual;
        Limits limits = party.limits();
        if (limits.rpm() != Limits.NONE) {
            long used = window.requests(millis) + Rates.elsewhere(window, Quantity.REQUESTS);
            headers.put(names.requestsLeft(), left(limits.rpm(), used));
            headers.put(names.requests(), Long.toString(limits.rpm()));
        }
        if (limits.tpm() != Limits.NONE) {
            long used = window.tokens(millis) + Rates.elsewhere(window, Quantity.TOKENS);
            headers.put(names.tokensLeft(), left(limits.tpm(), used));
            headers.put(names.tokens(), Long.toString(limits.tpm()));
        }
    }

    private static String left(long limit, long used) {
        return Long.toString(Math.max(0, limit - used));
    }
}
