package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.protocol.Caller;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What one caller may see and change: LiteLLM's rules for admins, those who may look, team admins, organization admins and users. */
final class Rights {
    private final Caller caller;
    private final Book book;

    Rights(Caller caller, Book book) {
        this.caller = caller;
        this.book = book;
    }

    boolean admin() {
        return caller.admin();
    }

    boolean seesAll() {
        return caller.role().seesAll();
    }

    /** Whether it is the caller's own user id. */
    boolean self(@Nullable String user) {
        return user != null && user.equals(caller.userId());
    }

    /** Whether the caller may see a user. */
    boolean sees(@Nullable String user) {
        return seesAll() || self(user);
    }

    boolean seesKey(Entry key) {
        JsonObject document = key.document();
        return seesAll()
                || ownKey(key)
                || self(document.getString("user_id"))
                || managesTeam(document.getString("team_id"));
    }

    /** Whether the caller made a key: for nobody else, and is still in its team if it is of one, or for whoever is in a team that they manage. */
    boolean madeKey(JsonObject document) {
        if (!self(document.getString("created_by"))) {
            return false;
        }
        String team = document.getString("team_id");
        if (managesTeam(team)) {
            return true;
        }
        Optional<Entry> entry = team == null ? Optional.empty() : book.entry(Kind.TEAM, team);
        boolean stays =
                team == null || entry.isPresent() && Members.role(entry.get().document(), caller.userId()) != null;
        return stays && (document.getString("user_id") == null || self(document.getString("user_id")));
    }

    /** Whether it is the very key that the caller came with. */
    boolean ownKey(Entry key) {
        return key.id().equals(caller.keyHash());
    }

    boolean changesKey(Entry key) {
        JsonObject document = key.document();
        return admin() || self(document.getString("user_id")) || managesTeam(document.getString("team_id"));
    }

    /** Whether the caller decides on a key's budget and whether it is blocked, and not merely uses it. */
    boolean governsKey(JsonObject document) {
        return admin() || managesTeam(document.getString("team_id"));
    }

    /** Whether the caller manages a team: as an admin of everything, of the team, or of its organization. */
    boolean managesTeam(@Nullable String team) {
        if (admin()) {
            return true;
        }
        Optional<Entry> entry =
                team == null || caller.userId() == null ? Optional.empty() : book.entry(Kind.TEAM, team);
        return entry.isPresent()
                && ("admin".equals(Members.role(entry.get().document(), caller.userId()))
                        || managesOrganization(entry.get().document().getString("organization_id")));
    }

    boolean seesTeam(Entry team) {
        return seesAll()
                || Members.role(team.document(), caller.userId()) != null
                || team.id().equals(caller.teamId())
                || managesOrganization(team.document().getString("organization_id"));
    }

    boolean managesOrganization(@Nullable String organization) {
        return admin() || "org_admin".equals(roleIn(organization));
    }

    boolean seesOrganization(@Nullable String organization) {
        return seesAll() || roleIn(organization) != null;
    }

    private @Nullable String roleIn(@Nullable String organization) {
        if (organization == null || caller.userId() == null) {
            return null;
        }
        return book.entry(Kind.ORGANIZATION_MEMBER, Members.id(organization, caller.userId()))
                .map(member -> member.document().getString("user_role", "internal_user"))
                .orElse(null);
    }

    Refusal refused(String what) {
        return Refusal.forbidden("You are not allowed to " + what + ". Your role="
                + caller.role().wireName() + ". Your user_id=" + caller.userId());
    }
}
