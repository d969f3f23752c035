package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** Shows teams: {@code /team/info}, {@code /team/list}, {@code /v2/team/list}. */
final class TeamLists {
    private static final int USUAL_PAGE = 10;
    private static final List<String> SORTS =
            List.of("team_id", "team_alias", "organization_id", "created_at", "updated_at", "spend", "max_budget");

    private final Office office;

    TeamLists(Office office) {
        this.office = office;
    }

    Asked.Reply info(Asked asked) throws Refusal {
        String named = asked.parameter("team_id");
        String id = named != null ? named : asked.caller().teamId();
        if (id == null) {
            throw Refusal.bad("team_id must be passed", "team_id");
        }
        Entry team = office.team(id);
        if (!asked.rights().seesTeam(team)) {
            throw asked.rights().refused("access this team's info, team_id=" + id);
        }
        int most = asked.number("key_limit", Integer.MAX_VALUE, Integer.MAX_VALUE);
        return Asked.show(() -> {
            JsonObject row = office.shown().team(team);
            return new JsonObject()
                    .put("team_id", id)
                    .put("team_info", row)
                    .put("keys", keys(asked, id, most))
                    .put("team_memberships", places(team));
        });
    }

    /** Who only is in a team sees their own keys of it. */
    private JsonArray keys(Asked asked, String team, int most) {
        JsonArray rows = new JsonArray();
        for (Entry key : office.where(
                Kind.KEY,
                document -> team.equals(document.getString("team_id")) && document.getString("successor") == null)) {
            if (rows.size() < most && asked.rights().seesKey(key)) {
                rows.add(new JsonObject()
                        .put("token", key.id())
                        .mergeIn(office.shown().key(key)));
            }
        }
        return rows;
    }

    private JsonArray places(Entry team) {
        JsonArray places = new JsonArray();
        for (JsonObject member : Members.of(team.document())) {
            String user = member.getString("user_id", "");
            places.add(office.shown()
                    .member(team.id(), user, office.document(Kind.MEMBER, Members.id(team.id(), user))));
        }
        return places;
    }

    Asked.Reply list(Asked asked) throws Refusal {
        List<Entry> teams = seen(asked);
        return Asked.list(() -> {
            JsonArray rows = new JsonArray();
            teams.forEach(team -> rows.add(office.shown()
                    .team(team)
                    .put("team_memberships", places(team))
                    .put("keys", keys(asked, team.id(), Integer.MAX_VALUE))));
            return rows;
        });
    }

    Asked.Reply page(Asked asked) throws Refusal {
        Order order = Order.of(asked, SORTS, "asc");
        String status = asked.parameter("status");
        if (status != null && !status.equals("deleted")) {
            throw Refusal.bad("Invalid status value. Currently supported: 'deleted'", "status");
        }
        // Of teams that were deleted nothing is kept but what they spent.
        List<Entry> teams = status == null ? seen(asked) : new ArrayList<>();
        order.sort(teams, office.balances(), team -> new Holder(Kind.TEAM, team.id()));
        Asked.Page<Entry> page = asked.page(teams, "page_size", USUAL_PAGE);
        return Asked.show(() -> {
            JsonArray rows = new JsonArray();
            page.items()
                    .forEach(team -> rows.add(office.shown()
                            .team(team)
                            .put("members_count", Members.of(team.document()).size())));
            return paged(new JsonObject().put("teams", rows), page);
        });
    }

    static JsonObject paged(JsonObject body, Asked.Page<?> page) {
        return body.put("total", page.total())
                .put("page", page.number())
                .put("page_size", page.size())
                .put("total_pages", page.pages());
    }

    private List<Entry> seen(Asked asked) throws Refusal {
        String user = asked.parameter("user_id");
        if (user != null && !asked.rights().sees(user)) {
            throw asked.rights().refused("list the teams of user_id=" + user);
        }
        String organization = asked.parameter("organization_id");
        String id = asked.parameter("team_id");
        String alias = asked.parameter("team_alias");
        String search = asked.parameter("search");
        List<Entry> found = office.where(
                Kind.TEAM,
                team -> (user == null || Members.role(team, user) != null)
                        && (organization == null || organization.equals(team.getString("organization_id")))
                        && (id == null || id.equals(team.getString("team_id")))
                        && (alias == null || UserLists.contains(team.getString("team_alias"), alias))
                        && (search == null
                                || UserLists.contains(team.getString("team_alias"), search)
                                || search.equals(team.getString("team_id"))));
        found.removeIf(team -> !asked.rights().seesTeam(team));
        return found;
    }
}
