package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Shows users: {@code /user/info} and {@code /user/list}. */
final class UserLists {
    private static final int USUAL_PAGE = 25;
    private static final List<String> SORTS = List.of(
            "user_id", "user_email", "user_alias", "user_role", "created_at", "updated_at", "spend", "max_budget");

    private final Office office;

    UserLists(Office office) {
        this.office = office;
    }

    Asked.Reply info(Asked asked) throws Refusal {
        String named = asked.parameter("user_id");
        String id = named != null ? named : asked.caller().userId();
        if (id == null) {
            return Asked.show(() -> new JsonObject()
                    .put("user_id", null)
                    .put("user_info", new JsonObject())
                    .put("keys", keys(null))
                    .put("teams", new JsonArray()));
        }
        Entry user = user(asked, id);
        return Asked.show(() -> {
            List<String> teams = office.teamsOf(id);
            JsonArray rows = new JsonArray();
            teams.forEach(team -> rows.add(office.shown().team(team, office.document(Kind.TEAM, team))));
            return new JsonObject()
                    .put("user_id", id)
                    .put("user_info", office.shown().user(user, teams))
                    .put("keys", keys(id))
                    .put("teams", rows);
        });
    }

    /** {@code /v2/user/info}: the user alone. */
    Asked.Reply row(Asked asked) throws Refusal {
        String named = asked.parameter("user_id");
        String id = named != null ? named : String.valueOf(asked.caller().userId());
        Entry user = user(asked, id);
        return Asked.show(() -> office.shown().user(user, office.teamsOf(id)));
    }

    private Entry user(Asked asked, String id) throws Refusal {
        if (!asked.rights().sees(id)) {
            throw asked.rights().refused("see user_id=" + id);
        }
        return office.book()
                .entry(Kind.USER, id)
                .orElseThrow(() -> Refusal.missing("User not found, passed user_id=" + id));
    }

    private JsonArray keys(@Nullable String user) {
        JsonArray rows = new JsonArray();
        for (Entry key : office.where(
                Kind.KEY,
                document -> document.getString("successor") == null
                        && (user == null
                                ? document.getString("user_id") == null
                                : user.equals(document.getString("user_id"))))) {
            rows.add(new JsonObject()
                    .put("token", key.id())
                    .mergeIn(office.shown().key(key)));
        }
        return rows;
    }

    /** Which roles a user may have. */
    Asked.Reply roles(Asked asked) {
        return Asked.show(() -> new JsonObject()
                .put("proxy_admin", role("may do everything", "Admin (All Permissions)"))
                .put("proxy_admin_viewer", role("sees everything and changes nothing", "Admin (View Only)"))
                .put("internal_user", role("has keys of their own and sees what those spend", "Internal User"))
                .put("internal_user_viewer", role("sees their own keys and spend", "Internal User (View Only)")));
    }

    private static JsonObject role(String description, String label) {
        return new JsonObject().put("description", description).put("ui_label", label);
    }

    /** Those in organizations that were asked for, of those that the caller manages; null: everybody. */
    private @Nullable Set<String> members(Asked asked) throws Refusal {
        String given = asked.parameter("organization_ids");
        boolean all = asked.rights().seesAll();
        if (all && given == null) {
            return null;
        }
        Set<String> wanted = given == null ? Set.of() : new HashSet<>(List.of(given.split(",")));
        Set<String> members = new HashSet<>();
        boolean manages = all;
        for (Entry place : office.book().entries(Kind.ORGANIZATION_MEMBER)) {
            String organization = place.document().getString("organization_id");
            boolean theirs = all || asked.rights().managesOrganization(organization);
            manages |= theirs;
            if (theirs && (given == null || wanted.contains(organization))) {
                members.add(place.document().getString("user_id", ""));
            }
        }
        if (!manages) {
            throw asked.rights().refused("list users");
        }
        return members;
    }

    Asked.Reply list(Asked asked) throws Refusal {
        Order order = Order.of(asked, SORTS, "asc");
        Set<String> members = members(asked);
        Map<String, List<String>> teams = new HashMap<>();
        for (Entry team : office.book().entries(Kind.TEAM)) {
            for (JsonObject member : Members.of(team.document())) {
                teams.computeIfAbsent(member.getString("user_id", ""), _ -> new ArrayList<>())
                        .add(team.id());
            }
        }
        String team = asked.parameter("team");
        List<Entry> found = office.where(Kind.USER, document -> wanted(asked, document));
        found.removeIf(user ->
                team != null && !teams.getOrDefault(user.id(), List.of()).contains(team)
                        || members != null && !members.contains(user.id()));
        order.sort(found, office.balances(), user -> new Holder(Kind.USER, user.id()));
        Asked.Page<Entry> page = asked.page(found, "page_size", USUAL_PAGE);
        return Asked.show(() -> {
            Map<String, Integer> counts = keyCounts();
            JsonArray rows = new JsonArray();
            for (Entry user : page.items()) {
                rows.add(office.shown()
                        .user(user, teams.getOrDefault(user.id(), List.of()))
                        .put("key_count", counts.getOrDefault(user.id(), 0)));
            }
            return TeamLists.paged(new JsonObject().put("users", rows), page);
        });
    }

    private Map<String, Integer> keyCounts() {
        Map<String, Integer> counts = new HashMap<>();
        for (Entry key : office.book().entries(Kind.KEY)) {
            String user = key.document().getString("user_id");
            if (user != null && key.document().getString("successor") == null) {
                counts.merge(user, 1, Integer::sum);
            }
        }
        return counts;
    }

    private static boolean wanted(Asked asked, JsonObject user) {
        String role = asked.parameter("role");
        String ids = asked.parameter("user_ids");
        String sso = asked.parameter("sso_user_ids");
        String email = asked.parameter("user_email");
        String search = asked.parameter("search");
        return (role == null || role.equals(user.getString("user_role")))
                && (ids == null || List.of(ids.split(",")).contains(user.getString("user_id")))
                && (sso == null || List.of(sso.split(",")).contains(user.getString("sso_user_id", "")))
                && (email == null || contains(user.getString("user_email"), email))
                && (search == null
                        || contains(user.getString("user_email"), search)
                        || contains(user.getString("user_id"), search)
                        || contains(user.getString("user_alias"), search));
    }

    static boolean contains(@Nullable String text, String part) {
        return text != null && text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }
}
