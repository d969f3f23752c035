package dev.tollgate.accounting.limit;

import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.QuotedTexts;
import dev.tollgate.protocol.ServiceTier;
import java.util.List;

/**
 * What a call asks for that costs more than its tokens.
 *
 * @param searches whether it may make the provider search the web
 * @param sound whether sound may be generated
 * @param dearTier whether the answer may be billed in a service tier above the standard one
 */
record Wants(boolean searches, boolean sound, boolean dearTier) {
    private static final QuotedTexts SEARCH_TOOLS = QuotedTexts.of(
            "web_search",
            "web_search_preview",
            "web_search_20250305",
            "web_search_20260209",
            "google_search",
            "googleSearch",
            "google_search_retrieval",
            "googleSearchRetrieval");
    private static final Wants NOTHING = new Wants(false, false, false);

    /** All of it. */
    static Wants of(Call call) {
        List<String> members = call.envelope().present();
        boolean searches = members.contains("web_search_options")
                || (members.contains("tools") && SEARCH_TOOLS.in(call.body().getBytes()));
        boolean sound = members.contains("audio") || members.contains("modalities");
        boolean dear = dearTier(call);
        return searches || sound || dear ? new Wants(searches, sound, dear) : NOTHING;
    }

    /** Of a call that no budget concerns only the tier: what it is billed as teaches something. */
    static Wants ofTier(Call call) {
        return dearTier(call) ? new Wants(false, false, true) : NOTHING;
    }

    /** A call without the member is not read. */
    private static boolean dearTier(Call call) {
        return call.envelope().present().contains(ServiceTier.MEMBER) && ServiceTier.mayBeDear(call.body());
    }
}
