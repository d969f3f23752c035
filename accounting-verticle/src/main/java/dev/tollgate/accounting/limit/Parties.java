package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Accounts;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.config.BudgetSettings;
import dev.tollgate.protocol.Caller;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whose limits a call must keep. LiteLLM's rule: the key's, its team's, the user's place in the team, the user's (with personal keys
 * only), the organization's and the user's place in it, the end user's, each tag's, and the whole gateway's; of each of them also those
 * for this model, and more windows.
 */
final class Parties {
    /** Callers with so many models, end users and tags are remembered, or none: clients choose the last two. */
    private static final int MOST_KNOWN = 1_024;

    private static final int LONGEST = 1_000;

    /** An empty one takes room as well. */
    private static final int A_TAG = 8;

    private final Accounts accounts;
    private final Map<String, Limits> tags = new HashMap<>();
    private final Map<Asked, Concerned> known = new HashMap<>();
    private long stamp = -1;
    private Party everyone = new Party(Holder.ALL, "proxy", null, Limits.UNLIMITED, false);

    Parties(Accounts accounts) {
        this.accounts = accounts;
    }

    void configured(BudgetSettings settings) {
        Limits limits = Payees.limits(settings.most(), settings.duration());
        everyone = new Party(Holder.ALL, "proxy", "the whole gateway", limits, true);
        tags.clear();
        known.clear();
        settings.tags().forEach((tag, allowance) -> tags.put(tag, Payees.limits(allowance)));
    }

    /** What decides whose limits they are, beside the accounts and the file. */
    private record Asked(
            @Nullable String key,
            @Nullable String user,
            @Nullable String team,
            @Nullable String organization,
            @Nullable String endUser,
            List<String> tags,
            String model) {
        /** Whether what the client wrote is short enough to be kept. */
        boolean small() {
            int length = model.length() + (endUser == null ? 0 : endUser.length());
            for (int i = 0; i < tags.size() && length <= LONGEST; i++) {
                length += A_TAG + tags.get(i).length();
            }
            return length <= LONGEST;
        }
    }

    /** They are found once for all calls that are alike, until anything changes in accounts or the file. */
    Concerned of(Caller caller, @Nullable String endUser, List<String> tags, String model) {
        // Read before any account: what changes later changes it again.
        long now = accounts.stamp();
        if (now != stamp || known.size() >= MOST_KNOWN) {
            known.clear();
            stamp = now;
        }
        Asked asked = new Asked(
                caller.keyHash(), caller.userId(), caller.teamId(), caller.organizationId(), endUser, tags, model);
        Concerned concerned = known.get(asked);
        if (concerned == null) {
            concerned = new Concerned(found(caller, endUser, tags, model));
            if (asked.small()) {
                known.put(asked, concerned);
            }
        }
        return concerned;
    }

    private List<Party> found(Caller caller, @Nullable String endUser, List<String> tags, String model) {
        List<Party> parties = new ArrayList<>(6);
        Account.Key key = caller.keyHash() == null ? null : accounts.key(caller.keyHash());
        add(parties, key, "api_key", model);
        team(parties, caller, model);
        if (caller.organizationId() != null) {
            add(parties, accounts.organization(caller.organizationId()), "organization", model);
            if (caller.userId() != null) {
                add(
                        parties,
                        accounts.organizationMember(caller.organizationId(), caller.userId()),
                        "organization_member",
                        model);
            }
        }
        if (endUser != null) {
            add(parties, accounts.customer(endUser), "end_user", model);
        }
        // The key's own are among them; a client may write one twice.
        for (String tag : tags.size() < 2 ? tags : new LinkedHashSet<>(tags)) {
            tag(parties, tag, model);
        }
        parties.add(everyone);
        return parties;
    }

    private void team(List<Party> parties, Caller caller, String model) {
        Account.Team team = caller.teamId() == null ? null : accounts.team(caller.teamId());
        add(parties, team, "team", model);
        if (caller.userId() == null) {
            return;
        }
        Account.User user = accounts.user(caller.userId());
        if (team == null) {
            add(parties, user, "user", model);
            return;
        }
        if (user != null) {
            parties.add(new Party(user.holder(), "user", shown(user), unrated(user.limits()), false));
        }
        Account.Member member = accounts.member(team.id(), caller.userId());
        Limits limits = member != null && member.limits().limited() ? member.limits() : team.memberLimits();
        if (member != null || limits.limited()) {
            Holder holder = member != null ? member.holder() : Holder.member(team.id(), caller.userId());
            add(parties, new Party(holder, "team_member", caller.userId(), limits, true), model);
        }
    }

    /** A budget of the file stands in where the admin API gives the tag none. */
    private void tag(List<Party> parties, String tag, String model) {
        Account.Tag known = accounts.tag(tag);
        Limits listed = tags.isEmpty() ? null : tags.get(tag);
        if (listed == null || (known != null && known.limits().budgetNanos() != Limits.NONE)) {
            add(parties, known, "tag", model);
            return;
        }
        Limits own = known == null ? Limits.UNLIMITED : known.limits();
        Limits both = new Limits(
                listed.budgetNanos(),
                own.softNanos(),
                listed.period(),
                own.rpm(),
                own.tpm(),
                own.parallel(),
                own.models(),
                own.windows());
        add(parties, new Party(new Holder(Kind.TAG, tag), "tag", tag, both, true), model);
    }

    private static void add(List<Party> parties, @Nullable Account account, String descriptor, String model) {
        if (account != null) {
            add(parties, new Party(account.holder(), descriptor, shown(account), account.limits(), true), model);
        }
    }

    private static String shown(Account account) {
        String alias = account.alias();
        return alias != null ? alias : account.holder().id();
    }

    private static void add(List<Party> parties, Party party, String model) {
        parties.add(party);
        if (party.limits().inParts()) {
            parts(parties, party, model);
        }
    }

    /** What is counted apart: this model, under the name that has the limits (clients invent others), and each window. */
    private static void parts(List<Party> parties, Party whole, String model) {
        Map<String, Limits> models = whole.limits().models();
        String named = models.isEmpty() ? null : Limits.named(models.keySet(), model);
        Limits limits = named == null ? null : models.get(named);
        if (named != null && limits != null) {
            Holder of = whole.holder();
            boolean key = of.kind() == Kind.KEY;
            Holder holder = key ? Holder.model(of.id(), named) : Holder.part(of, "model", named);
            String descriptor = key ? "model_per_key" : "model_per_" + whole.descriptor();
            parties.add(new Party(holder, descriptor, named, limits, true));
        }
        for (Limits.Window window : whole.limits().windows()) {
            Holder holder =
                    Holder.part(whole.holder(), "window", window.period().toString());
            Limits budget = new Limits(
                    window.budgetNanos(),
                    Limits.NONE,
                    window.period(),
                    Limits.NONE,
                    Limits.NONE,
                    Limits.NONE,
                    Map.of());
            parties.add(new Party(holder, whole.descriptor(), whole.shown(), budget, true));
        }
    }

    /** A user's own limits are not those of their teams' keys; only what was spent is theirs. */
    private static Limits unrated(Limits limits) {
        if (limits.period() == null) {
            return Limits.UNLIMITED;
        }
        return new Limits(Limits.NONE, Limits.NONE, limits.period(), Limits.NONE, Limits.NONE, Limits.NONE, Map.of());
    }
}
