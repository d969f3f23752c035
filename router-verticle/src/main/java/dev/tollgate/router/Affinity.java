package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Call;
import io.netty.buffer.ByteBuf;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps calls that belong together on one deployment, without remembering any of them: by weighted rendezvous hashing (Thaler and
 * Ravishankar 1998). Each candidate draws a number from a hash of what the calls have in common and its own id, divided by its
 * weight, and the lowest wins. All lanes and nodes therefore agree without talking; when the winner cannot be used, only its calls
 * move, and they come back with it. Why not a table, as in LiteLLM: {@code docs/decisions/0007}.
 */
final class Affinity {
    private static final byte[] MARK = "\"cache_control\"".getBytes(StandardCharsets.UTF_8);

    /** A shorter beginning is not cached by any provider: 1024 tokens of about four bytes. */
    private static final int SHORTEST_PREFIX = 4096;

    private static final double TWO_TO_53 = 0x1p53;

    private final RouterSettings.Choosing settings;

    Affinity(RouterSettings.Choosing settings) {
        this.settings = settings;
    }

    /** The candidate that calls like this one are kept on, or null when nothing keeps it on any. */
    @Nullable Deployment bound(List<Deployment> candidates, Call call) {
        if (settings.affinity().isEmpty() && settings.groupAffinity().isEmpty() || candidates.size() < 2) {
            return null;
        }
        String group = candidates.get(0).group();
        Set<RouterSettings.Affinity> kinds = settings.groupAffinity().getOrDefault(group, settings.affinity());
        if (kinds.isEmpty()) {
            return null;
        }
        long common = common(call, kinds);
        return common == 0 ? null : winner(candidates, mixed(common ^ hash(group)));
    }

    /** A hash of what calls have in common: the session, else the cacheable prompt, else the key; 0 when there is nothing. */
    private static long common(Call call, Set<RouterSettings.Affinity> kinds) {
        String session = call.envelope().marks().session();
        if (session != null && kinds.contains(RouterSettings.Affinity.SESSION)) {
            return hash(session) | 1;
        }
        long prefix = kinds.contains(RouterSettings.Affinity.PROMPT_CACHING) ? prefix(call) : 0;
        if (prefix != 0) {
            return prefix | 1;
        }
        String key = call.caller().keyHash();
        return key != null && kinds.contains(RouterSettings.Affinity.DEPLOYMENT) ? hash(key) | 1 : 0;
    }

    /** A hash of the body up to its first {@code cache_control}: a later one moves with the conversation, this one stays. */
    private static long prefix(Call call) {
        ByteBuf body = ((BufferInternal) call.body()).getByteBuf();
        int start = call.envelope().bodyStart();
        int end = find(body, start);
        if (end - start < SHORTEST_PREFIX) {
            return 0;
        }
        long hash = 0xcbf29ce484222325L;
        for (int i = body.readerIndex() + start; i < body.readerIndex() + end; i++) {
            hash = (hash ^ body.getByte(i)) * 0x100000001b3L;
        }
        return hash;
    }

    private static int find(ByteBuf body, int start) {
        int first = body.readerIndex();
        int last = body.readableBytes() - MARK.length;
        for (int i = start; i <= last; i++) {
            int next = body.indexOf(first + i, first + last + 1, MARK[0]);
            if (next < 0) {
                return -1;
            }
            i = next - first;
            int matched = 1;
            while (matched < MARK.length && body.getByte(next + matched) == MARK[matched]) {
                matched++;
            }
            if (matched == MARK.length) {
                return i;
            }
        }
        return -1;
    }

    private Deployment winner(List<Deployment> candidates, long common) {
        Deployment winner = candidates.get(0);
        double lowest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < candidates.size(); i++) {
            Deployment candidate = candidates.get(i);
            Double weight = candidate.routing().weight();
            // From 0, exclusive, to 1: minus its logarithm is exponentially distributed, so weights are rates.
            double drawn = ((mixed(common ^ hash(candidate.id())) >>> 11) + 1) / TWO_TO_53;
            double score = -Math.log(drawn) / (weight == null ? 1 : weight);
            if (score < lowest) {
                lowest = score;
                winner = candidate;
            }
        }
        return winner;
    }

    /** FNV-1a; the same on every node and in every release. */
    private static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** The finisher of SplitMix64: FNV alone leaves near texts near. */
    private static long mixed(long hash) {
        long z = (hash ^ hash >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
