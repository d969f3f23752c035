package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.Definitions.Definition;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Receipt;
import dev.tollgate.cluster.Role;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a node tells the others when it has written entries: the entries themselves, so that nobody has to ask the store for them, and
 * which store they are in, for versions of two stores have nothing to do with each other.
 *
 * @param written oldest first
 * @param store identity of the store; empty from a node of an earlier release
 */
record BookNews(List<Definition> written, String store) {
    static final String TOPIC = "book";
    private static final String REFUSED = "refused";
    /** Nobody may wait for a node that does not answer; whoever changed something is told of it. */
    static final Duration LONGEST_TELLING = Duration.ofSeconds(2);

    BookNews {
        written = List.copyOf(written);
    }

    Letter letter() {
        JsonArray entries = new JsonArray();
        for (Definition each : written) {
            entries.add(new JsonObject()
                    .put("kind", each.kind().storedName())
                    .put("id", each.id())
                    .put("version", each.version())
                    .put("document", each.document()));
        }
        return new Letter(TOPIC, new JsonObject().put("entries", entries).put("store", store));
    }

    /** Kinds that only a later release knows are left out, as they are when the store is read. */
    static BookNews of(Letter letter) {
        List<Definition> written = new ArrayList<>();
        JsonArray entries = letter.members().getJsonArray("entries", new JsonArray());
        for (int i = 0; i < entries.size(); i++) {
            JsonObject entry = entries.getJsonObject(i);
            Kind.named(entry.getString("kind", ""))
                    .ifPresent(kind -> written.add(new Definition(
                            kind, entry.getString("id"), entry.getLong("version"), entry.getString("document"))));
        }
        return new BookNews(written, letter.members().getString("store", ""));
    }

    Set<Kind> kinds() {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        written.forEach(each -> kinds.add(each.kind()));
        return kinds;
    }

    /** Whether it is known to be of another store than this. */
    boolean ofAnotherStoreThan(String ours) {
        return !store.isEmpty() && !ours.isEmpty() && !store.equals(ours);
    }

    /** The answer of a node where the news are not in force. */
    static Letter refused(String why) {
        return new Letter("", new JsonObject().put(REFUSED, why));
    }

    /** The answer when this completes; when it fails, the news are not in force. */
    static Future<Letter> answer(Future<Void> inForce) {
        return inForce.map(Letter.done()).otherwise(cause -> refused(String.valueOf(cause.getMessage())));
    }

    /** Tells all others, and waits for a moment; names those where it does not hold, as far as is known. */
    static List<String> unreached(Peers peers, Letter news) {
        Receipt receipt = peers.announce(news, LONGEST_TELLING, EnumSet.of(Role.ACCOUNTING))
                .await();
        Stream<Peer> refusing = receipt.answers().entrySet().stream()
                .filter(each -> isRefused(each.getValue()))
                .map(Map.Entry::getKey);
        return Stream.concat(receipt.silent().stream(), refusing)
                .map(Peer::name)
                .sorted()
                .toList();
    }

    /** Whether a node answered that. */
    private static boolean isRefused(Letter answer) {
        return answer.members().containsKey(REFUSED);
    }
}
