package dev.tollgate.accounting.stored;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Peer;
import dev.tollgate.cluster.Peers;
import dev.tollgate.cluster.Role;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        return opened(entry, Map.of());
    }

    /** The same, without asking for what is closed; {@code closed}: why, by the sealed text. */
    JsonObject opened(Entry entry, Map<String, String> closed) throws Vault.Closed {
        String text = Opening.text(entry);
        if (text == null) {
            return entry.document();
        }
        JsonObject part = seen.get(text);
        if (part == null) {
            String trouble = closed.containsKey(text)
                    ? closed.get(text)
                    : see(List.of(entry)).get(text);
            part = seen.get(text);
            if (part == null) {
                throw new Vault.Closed(trouble == null ? "nobody said what is in it" : trouble);
            }
        }
        return entry.document().copy().put(Opening.secretPart(entry.kind()), part.copy());
    }

    /**
     * Has all of these opened that were not seen yet, each by the oldest node that can; answers what cannot be opened, and why the oldest
     * could not, by the sealed text.
     *
     * @throws Vault.Closed when nobody answers
     */
    Map<String, String> see(Collection<Entry> entries) throws Vault.Closed {
        Map<String, Entry> unseen = new LinkedHashMap<>();
        for (Entry entry : entries) {
            String text = Opening.text(entry);
            if (text != null && !seen.containsKey(text)) {
                unseen.put(text, entry);
            }
        }
        Map<String, String> closed = new HashMap<>();
        boolean answered = unseen.isEmpty();
        for (Peer peer : there()) {
            JsonObject answer = unseen.isEmpty() ? null : ask(peer, view(unseen.values()));
            if (answer != null) {
                answered = true;
                told(unseen, answer.getJsonArray(Sheet.LIST), closed);
            }
        }
        if (!answered) {
            throw nobody();
        }
        return closed;
    }

    private static JsonObject view(Collection<Entry> entries) {
        return new JsonObject().put(Sheet.WHAT, Sheet.VIEW).put(Sheet.LIST, Sheet.of(entries));
    }

    /** Leaves in {@code unseen} what this node could not open either. */
    private void told(Map<String, Entry> unseen, JsonArray told, Map<String, String> closed) {
        List<String> texts = List.copyOf(unseen.keySet());
        for (int i = 0; i < texts.size(); i++) {
            JsonObject part = told.getJsonObject(i).getJsonObject(Sheet.PART);
            if (part == null) {
                closed.putIfAbsent(texts.get(i), told.getJsonObject(i).getString(Sheet.TROUBLE, "it cannot be opened"));
            } else {
                remember(texts.get(i), part);
                unseen.remove(texts.get(i));
                closed.remove(texts.get(i));
            }
        }
    }

    private void remember(@Nullable String text, @Nullable JsonObject part) {
        if (text == null || part == null) {
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
        remember(Opening.text(new Entry(kind, id, 0, sealed)), answer.getJsonObject(Sheet.PART));
        return sealed;
    }

    /** Of the oldest that answers. */
    private JsonObject ask(JsonObject members) throws Vault.Closed {
        for (Peer peer : there()) {
            JsonObject answer = ask(peer, members);
            if (answer != null) {
                return answer;
            }
        }
        throw nobody();
    }

    private static Vault.Closed nobody() {
        return new Vault.Closed(
                "no node that plays the provider role answers, and only these can open and seal models");
    }

    /** Those that can be asked, oldest first, and then those that have only just come: they answer as soon as they listen. */
    private List<Peer> there() {
        Set<Peer> there = new LinkedHashSet<>(peers.listening());
        there.addAll(peers.all());
        return there.stream()
                .filter(peer ->
                        peer.roles().contains(Role.PROVIDER) && !peer.id().equals(peers.self()))
                .toList();
    }

    /** What it answers; null: nothing. */
    private @Nullable JsonObject ask(Peer peer, JsonObject members) {
        try {
            return peers.ask(peer.id(), new Letter(Sheet.KEYHOLDER, members), ANSWER)
                    .await(2 * ANSWER.toSeconds(), TimeUnit.SECONDS)
                    .members();
        } catch (Exception e) {
            // await throws whatever the future failed with, checked or not.
            LOG.warn("{} did not open or seal a model: {}", peer.name(), e.toString());
            return null;
        }
    }
}
