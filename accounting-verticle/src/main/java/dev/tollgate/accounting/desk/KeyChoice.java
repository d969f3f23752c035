package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which keys a request lists and in which order: {@code /key/list}'s parameters. Filters for what keys do not have here (projects, agents)
 * find none, as they find none in LiteLLM where no key has them.
 */
final class KeyChoice {
    private static final List<String> STATES = List.of("active", "expired", "revoked", "deleted");
    private static final List<String> EQUAL =
            List.of("team_id", "organization_id", "project_id", "access_group_id", "agent_id");
    private static final List<String> SORTS = List.of(
            "spend", "max_budget", "created_at", "updated_at", "token", "key_alias", "user_id", "team_id", "expires");

    private final Office office;
    private final Asked asked;
    private final boolean part;
    private final boolean made;
    private final @Nullable String user;
    private final Order order;

    /**
     * Reads the parameters.
     *
     * @throws Refusal when one of them cannot be, or asks for what the caller may not see
     */
    KeyChoice(Office office, Asked asked) throws Refusal {
        this.office = office;
        this.asked = asked;
        this.part = asked.flag("substring_matching");
        this.made = asked.flag("include_created_by_keys");
        this.user = asked.parameter("user_id");
        if (user != null && !asked.rights().sees(user) && asked.parameter("team_id") == null) {
            throw asked.rights().refused("list the keys of user_id=" + user);
        }
        oneOf("status", STATES, "Invalid status value. Must be one of: ");
        oneOf("expires", STATES.subList(0, 2), "Invalid expires value. Must be one of: ");
        this.order = Order.of(asked, SORTS, "desc");
    }

    private void oneOf(String name, List<String> values, String message) throws Refusal {
        String value = asked.parameter(name);
        if (value != null && !values.contains(value)) {
            throw Refusal.bad(message + String.join(", ", values), name);
        }
    }

    /** Those keys, newest first unless another order is asked for. Old texts of a key in their grace period are no keys of their own. */
    List<Entry> keys() {
        List<Entry> found = office.where(Kind.KEY, document -> document.getString("successor") == null);
        found.removeIf(entry -> !wanted(entry) || !seen(entry));
        order.sort(found, office.balances(), Keys::holder);
        return found;
    }

    private boolean wanted(Entry entry) {
        JsonObject document = entry.document();
        String hash = asked.parameter("key_hash");
        return ofUser(document)
                && EQUAL.stream().allMatch(name -> matches(document, name, false))
                && matches(document, "key_alias", part)
                && (hash == null || hash.equals(entry.id()) || Keys.hash(hash).equals(entry.id()))
                && found(entry)
                && inState(document)
                && ends(document);
    }

    private boolean ofUser(JsonObject document) {
        return matches(document, "user_id", part && asked.rights().seesAll())
                || made && user != null && user.equals(document.getString("created_by"));
    }

    private boolean found(Entry entry) {
        String search = asked.parameter("search");
        return search == null
                || search.equals(entry.id())
                || UserLists.contains(entry.document().getString("key_alias"), search)
                || UserLists.contains(entry.document().getString("user_id"), search);
    }

    private boolean matches(JsonObject document, String name, boolean contains) {
        String wanted = asked.parameter(name);
        Object has = document.getValue(name);
        return wanted == null
                || (contains ? has instanceof String text && UserLists.contains(text, wanted) : wanted.equals(has));
    }

    private boolean inState(JsonObject document) {
        String status = asked.parameter("status");
        boolean revoked = Boolean.TRUE.equals(document.getValue("blocked"));
        return status == null
                || switch (status) {
                    case "active" -> !expired(document) && !revoked;
                    case "expired" -> expired(document);
                    case "revoked" -> revoked;
                    // Of keys that were deleted nothing is kept but what they spent.
                    default -> false;
                };
    }

    private boolean ends(JsonObject document) {
        String expires = asked.parameter("expires");
        return expires == null || expires.equals("expired") == expired(document);
    }

    private boolean expired(JsonObject document) {
        try {
            return document.getValue("expires") instanceof String time
                    && !OffsetDateTime.parse(time).toInstant().isAfter(asked.now());
        } catch (DateTimeException _) {
            return false;
        }
    }

    /** Keys of a team that the caller manages are listed when they are asked for, as in LiteLLM; so are those that the caller made. */
    private boolean seen(Entry entry) {
        Rights rights = asked.rights();
        JsonObject document = entry.document();
        boolean listed = rights.seesAll()
                || rights.self(document.getString("user_id"))
                || asked.parameter("team_id") != null
                || asked.flag("include_team_keys");
        return listed && rights.seesKey(entry) || made && rights.madeKey(document);
    }
}
