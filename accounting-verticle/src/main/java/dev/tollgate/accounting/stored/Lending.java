package dev.tollgate.accounting.stored;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.ModelShelf;
import dev.tollgate.cluster.Peers;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of a node that must not hold what is secret in them: it has the nodes that make its calls open them as far as it may see them, and
 * lets these nodes have them, sealed. A node that could not open one may be given the key, or another may come, without a word to
 * anybody; so what is not open yet has to be asked for again.
 */
final class Lending {
    private static final Logger LOG = LoggerFactory.getLogger(Lending.class);

    private final Function<Kind, List<Entry>> book;
    private final ModelShelf shelf;
    private final Keyholders keyholders;
    private volatile JsonObject lent = lent("", List.of());

    /** Why nobody opened it, by the sealed text; null: nobody answered. */
    private volatile @Nullable Map<String, String> closed = Map.of();

    private volatile String told = "";

    /** {@code book}: all entries of a kind. */
    Lending(Function<Kind, List<Entry>> book, ModelShelf shelf, Peers peers) {
        this.book = book;
        this.shelf = shelf;
        this.keyholders = new Keyholders(peers);
        peers.receive(Sheet.ENTRIES, _ -> Future.succeededFuture(new Letter("", lent)));
    }

    private static JsonObject lent(String stamp, List<Entry> entries) {
        return new JsonObject().put(Sheet.STAMP, stamp).put(Sheet.LIST, Sheet.of(entries));
    }

    /** Whoever opens and seals for this node. */
    Keyholders keyholders() {
        return keyholders;
    }

    /** What was opened last; what could not be opened then is not asked for again. */
    Opening opening() {
        Map<String, String> known = closed;
        return new Opening(entry -> keyholders.opened(entry, known == null ? Map.of() : known));
    }

    /** Whether some entry is not open yet. */
    boolean waiting() {
        Map<String, String> known = closed;
        return known == null || !known.isEmpty();
    }

    private List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (Kind kind : List.of(Kind.MODEL, Kind.CREDENTIAL)) {
            book.apply(kind).stream().sorted(Comparator.comparing(Entry::id)).forEach(entries::add);
        }
        return entries;
    }

    /** Has the nodes that make this one's calls know of all models, and this one of what it may see; false: none of them is there. */
    boolean lend() {
        List<Entry> entries = entries();
        try {
            closed = keyholders.see(entries);
        } catch (Vault.Closed e) {
            closed = null;
            String why = String.valueOf(e.getMessage());
            if (!why.equals(told)) {
                LOG.warn("Models of the admin API wait: {}", why);
            }
            told = why;
            return false;
        }
        told = "";
        String stamp = entries.isEmpty()
                ? ""
                : UUID.nameUUIDFromBytes(Sheet.of(entries).encode().getBytes(StandardCharsets.UTF_8))
                        .toString();
        lent = lent(stamp, entries);
        shelf.stamp(stamp);
        return true;
    }

    /** Asks once more for what is not open yet; whether lending again is worth the while, for it changes what is in force. */
    boolean changed() {
        Map<String, String> known = closed;
        if (known == null || known.isEmpty()) {
            return known == null;
        }
        try {
            return !keyholders.see(entries()).keySet().containsAll(known.keySet());
        } catch (Vault.Closed _) {
            return false;
        }
    }
}
