package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.book.Period;
import dev.tollgate.config.BudgetSettings;
import dev.tollgate.config.Snapshot;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * When the present periods of all that a call may count for began, by the limits of today: whoever was never charged has no balance
 * that tells.
 */
public final class PresentPeriods {
    private final Map<Holder, Long> began = new HashMap<>();
    private final Map<String, Long> members = new HashMap<>();
    private final Instant now;
    private final ZoneId zone;

    /** By a configuration and the accounts of the book. */
    public PresentPeriods(Snapshot config, List<Account> accounts, Instant now) {
        BudgetSettings settings = config.general().budgets();
        this.now = now;
        this.zone = settings.zone();
        Payees payees = new Payees(config);
        for (Map<String, Party> some : List.of(payees.providers(), payees.deployments())) {
            some.values().forEach(party -> put(party.holder(), party.limits().period()));
        }
        put(Holder.ALL, Payees.limits(settings.most(), settings.duration()).period());
        settings.tags()
                .forEach((tag, allowance) ->
                        put(new Holder(Kind.TAG, tag), Payees.limits(allowance).period()));
        Map<String, Limits> ofMembers = new HashMap<>();
        for (Account account : accounts) {
            if (account instanceof Account.Team team && team.memberLimits().limited()) {
                ofMembers.put(team.id(), team.memberLimits());
                members.put(team.id(), start(team.memberLimits().period()));
            }
        }
        for (Account account : accounts) {
            Limits own = account.limits();
            boolean theTeams = account instanceof Account.Member && !own.limited();
            put(account.holder(), theTeams ? ofMembers.getOrDefault(((Account.Member) account).team(), own) : own);
        }
    }

    private void put(Holder holder, Limits limits) {
        if (!began.containsKey(holder) || limits.budgetNanos() != Limits.NONE) {
            // A budget of the file stands in where the admin API gives the tag none.
            put(holder, limits.period());
        }
        limits.models().forEach((model, own) -> {
            boolean key = holder.kind() == Kind.KEY;
            put(key ? Holder.model(holder.id(), model) : Holder.part(holder, "model", model), own.period());
        });
        for (Limits.Window window : limits.windows()) {
            put(Holder.part(holder, "window", window.period().toString()), window.period());
        }
    }

    private void put(Holder holder, @Nullable Period period) {
        began.put(holder, start(period));
    }

    private long start(@Nullable Period period) {
        return period == null ? 0 : period.start(now, zone).toEpochMilli();
    }

    /** In milliseconds since 1970; 0: a period that never ends. */
    public Map<Holder, Long> began() {
        return began;
    }

    /** The same for members of teams who have no limits of their own, where their team has some for each: by the team's id. */
    public Map<String, Long> members() {
        return members;
    }
}
