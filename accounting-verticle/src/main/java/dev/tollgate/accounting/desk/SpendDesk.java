package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.price.Money;
import io.vertx.core.json.JsonObject;
import java.util.function.Supplier;

/**
 * Changes what counts as spent, for all at once ({@code /global/spend/reset}, {@code /global/spend/refresh}), for a team's member, or for
 * those that have a budget in the configuration and no entry of the book ({@code /spend/set}).
 */
final class SpendDesk {
    private static final String MEMBER = "/member/";
    private static final Form SET = Form.empty()
            .and(FieldType.TEXT, "kind")
            .and(FieldType.TEXT, "id")
            .and(FieldType.AMOUNT, "spend")
            .needs("kind", "spend");

    private final Office office;
    private final Supplier<Budgeted> budgeted;

    /** {@code budgeted}: who has a budget in the configuration now. */
    SpendDesk(Office office, Supplier<Budgeted> budgeted) {
        this.office = office;
        this.budgeted = budgeted;
    }

    /**
     * From now on no key and no team has spent anything. Rows stay. Also those are set that seem to have spent nothing: another node may
     * know better in a moment.
     */
    Asked.Reply reset(Asked asked) {
        for (Entry key : office.book().entries(Kind.KEY)) {
            asked.writing().spend(Keys.holder(key), 0);
        }
        for (Entry team : office.book().entries(Kind.TEAM)) {
            asked.writing().spend(new Holder(Kind.TEAM, team.id()), 0);
        }
        return said("Spend for all API Keys and Teams reset successfully");
    }

    /** There is nothing to do: sums change with the rows. */
    Asked.Reply refresh(Asked asked) {
        return said("MonthlyGlobalSpend view refreshed");
    }

    /** {@code /team/…/member/…/reset_spend}: a team's admin does so for its members, and not for themselves. */
    Asked.Reply resetMember(Asked asked) throws Refusal {
        int between = asked.named().lastIndexOf(MEMBER);
        Entry team = office.team(asked.named().substring(0, Math.max(0, between)));
        String user = asked.named().substring(between + MEMBER.length());
        if (!asked.rights().managesTeam(team.id())) {
            throw asked.rights().refused("reset what members of team_id=" + team.id() + " have spent");
        }
        if (Members.role(team.document(), user) == null) {
            throw Refusal.missing("User not found in team. Team=" + team.id() + ", user_id=" + user);
        }
        if (asked.rights().self(user) && !asked.rights().admin()) {
            throw Refusal.forbidden("Cannot reset your own spend. Ask a proxy admin.");
        }
        Holder holder = Holder.member(team.id(), user);
        long before = office.balances().spentNanos(holder);
        KeySwitches.reset(asked, holder, before);
        return Asked.show(() -> office.shown()
                .member(team.id(), user, office.document(Kind.MEMBER, Members.id(team.id(), user)))
                .put("previous_spend", Money.dollars(before)));
    }

    /** {@code /spend/set}: what the gateway, a provider or a deployment has spent in this period, in their budgets; rows stay. */
    Asked.Reply set(Asked asked) throws Refusal {
        JsonObject fields = asked.read(SET);
        String kind = fields.getString("kind");
        String id = fields.getString("id");
        Holder holder = budgeted.get().holder(kind, id);
        long before = office.balances().spentNanos(holder);
        asked.writing().spend(holder, Usd.nanos((Number) fields.getValue("spend")));
        return Asked.show(() -> new JsonObject()
                .put("kind", kind)
                .put("id", id)
                .put("spend", office.shown().spend(holder))
                .put("previous_spend", Money.dollars(before)));
    }

    private static Asked.Reply said(String message) {
        return Asked.show(() -> new JsonObject().put("message", message).put("status", "success"));
    }
}
