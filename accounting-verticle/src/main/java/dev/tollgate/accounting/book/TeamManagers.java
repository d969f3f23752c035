package dev.tollgate.accounting.book;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Who manages which team: its admins, and those of its organization. It looks at each team, so it is for reports, not for calls. */
final class TeamManagers {
    private TeamManagers() {}

    static List<String> teamsOf(String user, Contents contents) {
        Set<String> organizations = new HashSet<>();
        for (Entry place : contents.entries(Kind.ORGANIZATION_MEMBER)) {
            if (user.equals(place.document().getValue("user_id"))
                    && "org_admin".equals(place.document().getValue("user_role"))) {
                organizations.add(String.valueOf(place.document().getValue("organization_id")));
            }
        }
        List<String> teams = new ArrayList<>();
        for (Entry entry : contents.entries(Kind.TEAM)) {
            Account.Team team = contents.team(entry.id());
            Account.Member member = contents.member(entry.id(), user);
            boolean ofOrganization =
                    team != null && team.organization() != null && organizations.contains(team.organization());
            if (ofOrganization || member != null && member.admin()) {
                teams.add(entry.id());
            }
        }
        return teams;
    }
}
