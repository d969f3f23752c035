package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Limits;
import dev.tollgate.protocol.Dollars;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a client is told of the limits that its call keeps: LiteLLM's {@code x-ratelimit-…} headers with what is left of each party's
 * minute, and those about its virtual key. Names and limits are written once for all calls that are alike; a call of a key with limits
 * everywhere has twenty of these headers, and calls without a key pay nothing for them.
 */
final class LimitHeaders {
    private static final String KEY = "x-litellm-key-";

    private final String[] names;
    private final Value[] values;

    private LimitHeaders(Map<String, Value> headers) {
        names = headers.keySet().toArray(String[]::new);
        values = headers.values().toArray(Value[]::new);
    }

    private sealed interface Value {
        String text(Counters counters, Instant now);
    }

    /** Says the same each time. */
    private record Fixed(String text) implements Value {
        @Override
        public String text(Counters counters, Instant now) {
            return text;
        }
    }

    private record Left(Party party, Quantity quantity, long limit) implements Value {
        @Override
        public String text(Counters counters, Instant now) {
            MinuteWindow window = party.window(counters);
            long used = window.used(quantity, now.toEpochMilli()) + Rates.elsewhere(window, quantity);
            return Long.toString(Math.max(0, limit - used));
        }
    }

    private record Spent(Party party) implements Value {
        @Override
        public String text(Counters counters, Instant now) {
            return Dollars.text(party.purse(counters).spentAt(now));
        }
    }

    /** Of all that a call concerns. Where two are told by one name, as two tags are, the later one is. */
    static LimitHeaders of(List<Party> parties) {
        Map<String, Value> headers = new LinkedHashMap<>();
        for (Party party : parties) {
            rate(headers, party, Quantity.REQUESTS, "requests");
            rate(headers, party, Quantity.TOKENS, "tokens");
        }
        headers.putAll(ofKey(parties));
        return new LimitHeaders(headers);
    }

    private static void rate(Map<String, Value> headers, Party party, Quantity quantity, String what) {
        long limit = quantity.limit(party.limits());
        if (limit != Limits.NONE) {
            String prefix = "x-ratelimit-" + party.descriptor();
            headers.put(prefix + "-remaining-" + what, new Left(party, quantity, limit));
            headers.put(prefix + "-limit-" + what, new Fixed(Long.toString(limit)));
        }
    }

    /** The first party is the key, if there is one. */
    private static Map<String, Value> ofKey(List<Party> parties) {
        Map<String, Value> headers = new LinkedHashMap<>();
        Party key = parties.getFirst();
        if (key.descriptor().equals("api_key")) {
            Limits limits = key.limits();
            headers.put(KEY + "spend", new Spent(key));
            limit(headers, "max-budget", limits.budgetNanos(), Dollars.text(limits.budgetNanos()));
            limit(headers, "rpm-limit", limits.rpm(), Long.toString(limits.rpm()));
            limit(headers, "tpm-limit", limits.tpm(), Long.toString(limits.tpm()));
        }
        return headers;
    }

    private static void limit(Map<String, Value> headers, String what, long limit, String text) {
        if (limit != Limits.NONE) {
            headers.put(KEY + what, new Fixed(text));
        }
    }

    /** As it is now. */
    Map<String, String> told(Counters counters, Instant now) {
        if (names.length == 0) {
            return Map.of();
        }
        String[] texts = new String[values.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = values[i].text(counters, now);
        }
        return new HeaderTexts(names, texts);
    }

    /** The same of the key only, behind others. A refusal tells of the limit that is reached, and no more of the minute. */
    Map<String, String> behind(Map<String, String> others, Counters counters, Instant now) {
        Map<String, String> all = new HashMap<>(others);
        for (int i = 0; i < names.length; i++) {
            if (names[i].startsWith(KEY)) {
                all.put(names[i], values[i].text(counters, now));
            }
        }
        return all;
    }
}
