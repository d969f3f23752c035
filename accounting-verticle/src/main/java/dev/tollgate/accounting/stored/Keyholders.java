package dev.tollgate.accounting.stored;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Role;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes that talk to providers, for one that does not: they have the key that models are sealed with, seal what an admin says here, and
 * let this node see the rest of it ({@link Veil}). What was seen once is remembered by its sealed text. Blocks.
 */
final class Keyholders {
    private static final Logger LOG = LoggerFactory.getLogger(Keyholders.class);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final int MOST_REMEMBERED = 10_000;

    private final Peers peers;
    private final Map<String, JsonObject> seen = new ConcurrentHashMap<>();

    Keyholders(Peers peers) {
        this.peers = peers;
    }

    /** A document with its secret part veiled. */
    JsonObject opened(Entry entry) throws Vault.Closed {
        String text = Opening.text(entry);
        if (text == null) {
            return entry.document();
        }
        JsonObject part = seen.get(text);
        if (part == null) {
            String trouble = see(List.of(entry)).get(text);
            part = seen.get(text);
            if (part == null) {
                throw new Vault.Closed(trouble == null ? "nobody said what is in it" : trouble);
            }
        }
        return entry.document().copy().put(Opening.secretPart(entry.kind()), part.copy());
    }

    /**
     * Has all of these opened that were not seen yet; answers what cannot be opened, and why, by the sealed text.
     *
     * @throws Vault.Closed when nobody is there who could
     */
    Map<String, String> see(Collection<Entry> entries) throws Vault.Closed {
        List<Entry> unseen = new ArrayList<>();
        for (Entry entry : entries) {
            String text = Opening.text(entry);
            if (text != null && !seen.containsKey(text)) {
                unseen.add(entry);
            }
        }
        Map<String, String> closed = new ConcurrentHashMap<>();
        if (unseen.isEmpty()) {
            return closed;
        }
        JsonObject answer = ask(new JsonObject().put(Sheet.WHAT, Sheet.VIEW).put(Sheet.LIST, Sheet.of(unseen)));
        for (int i = 0; i < unseen.size(); i++) {
            JsonObject each = answer.getJsonArray(Sheet.LIST).getJsonObject(i);
            remember(unseen.get(i), each.getJsonObject(Sheet.PART), each.getString(Sheet.TROUBLE), closed);
        }
        return closed;
    }

    private void remember(
            Entry entry, @Nullable JsonObject part, @Nullable String trouble, Map<String, String> closed) {
        String text = Opening.text(entry);
        if (text == null) {
            return;
        }
        if (part == null) {
            closed.put(text, String.valueOf(trouble));
            return;
        }
        if (seen.size() > MOST_REMEMBERED) {
            seen.clear();
        }
        seen.put(text, part);
    }

    /** A document as it is stored. {@code credentials}: all of them, sealed; it may name one. */
    JsonObject sealed(Kind kind, String id, JsonObject document, Collection<Entry> credentials) throws Vault.Closed {
        JsonObject answer =
                ask(Sheet.of(kind, id, document).put(Sheet.WHAT, Sheet.SEAL).put(Sheet.LIST, Sheet.of(credentials)));
        JsonObject sealed = answer.getJsonObject(Sheet.DOCUMENT);
        if (sealed == null) {
            throw new Vault.Closed(answer.getString(Sheet.TROUBLE, "it could not be sealed"));
        }
        remember(new Entry(kind, id, 0, sealed), answer.getJsonObject(Sheet.PART), null, new ConcurrentHashMap<>());
        return sealed;
    }

    /** Of the oldest that answers. */
    private JsonObject ask(JsonObject members) throws Vault.Closed {
        for (Peer peer : peers.listening()) {
            if (peer.roles().contains(Role.PROVIDER) && !peer.id().equals(peers.self())) {
                try {
                    return peers.ask(peer.id(), new Letter(Sheet.KEYHOLDER, members), ANSWER)
                            .await(2 * ANSWER.toSeconds(), TimeUnit.SECONDS)
                            .members();
                } catch (Exception e) {
                    // await throws whatever the future failed with, checked or not.
                    LOG.warn("{} did not open or seal a model: {}", peer.name(), e.toString());
                }
            }
        }
        throw new Vault.Closed("no node that plays the provider role answers, and only these can open and seal models");
    }
}
