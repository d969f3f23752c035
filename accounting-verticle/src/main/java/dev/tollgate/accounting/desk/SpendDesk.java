package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Entry;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.json.JsonObject;

/** Changes what counts as spent, for all at once: {@code /global/spend/reset} and {@code /global/spend/refresh}. */
final class SpendDesk {
    private final Office office;

    SpendDesk(Office office) {
        this.office = office;
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

    private static Asked.Reply said(String message) {
        return Asked.show(() -> new JsonObject().put("message", message).put("status", "success"));
    }
}
