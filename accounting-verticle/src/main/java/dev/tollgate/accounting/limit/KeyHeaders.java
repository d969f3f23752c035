package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Limits;
import dev.tollgate.protocol.Dollars;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** What LiteLLM tells the client about its virtual key: {@code x-litellm-key-spend} and its limits. Calls without one pay nothing for it. */
final class KeyHeaders {
    private KeyHeaders() {}

    /** Adds them to headers for the client. {@code ticket}: its first party is the key, if there is one. */
    static Map<String, String> added(Map<String, String> headers, Ticket ticket, Counters counters, Instant now) {
        Party key = ticket.parties.getFirst();
        if (!key.descriptor().equals("api_key")) {
            return headers;
        }
        Limits limits = key.limits();
        // Those of rates were made for this call.
        Map<String, String> more = headers.isEmpty() ? new HashMap<>(8) : headers;
        more.put("x-litellm-key-spend", Dollars.text(key.purse(counters).spentAt(now)));
        if (limits.budgetNanos() != Limits.NONE) {
            more.put("x-litellm-key-max-budget", Dollars.text(limits.budgetNanos()));
        }
        if (limits.rpm() != Limits.NONE) {
            more.put("x-litellm-key-rpm-limit", Long.toString(limits.rpm()));
        }
        if (limits.tpm() != Limits.NONE) {
            more.put("x-litellm-key-tpm-limit", Long.toString(limits.tpm()));
        }
        return more;
    }
}
