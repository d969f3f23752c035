package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Accounts;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.config.BudgetSettings;
import dev.tollgate.protocol.Caller;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whose limits a call must keep. LiteLLM's rule: the key's, the key's for this model, its team's, the user's place in the team, the
 * user's (with personal keys only), the organization's, the end user's, each tag's, and the whole gateway's.
 */
final class Parties {
    private final Accounts accounts;
    private final Map<String, Limits> tags = new HashMap<>();
    private Party everyone = new Party(Holder.ALL, "proxy", null, Limits.UNLIMITED, false);

    Parties(Accounts accounts) {
        this.accounts = accounts;
    }

    void configured(BudgetSettings settings) {
        Limits limits = Payees.limits(settings.most(), settings.duration());
        everyone = new Party(Holder.ALL, "proxy", "the whole gateway", limits, true);
        tags.clear();
        settings.tags().forEach((tag, allowance) -> tags.put(tag, Payees.limits(allowance)));
    }

    List<Party> of(Caller caller, @Nullable String endUser, List<String> tags, String model) {
        List<Party> parties = new ArrayList<>(6);
        Account.Key key = caller.keyHash() == null ? null : accounts.key(caller.keyHash());
        if (key != null) {
            key(parties, key, model);
        }
        team(parties, caller);
        if (caller.organizationId() != null) {
            add(parties, accounts.organization(caller.organizationId()), "organization", true);
        }
        if (endUser != null) {
            add(parties, accounts.customer(endUser), "end_user", true);
        }
        for (String tag : joined(tags, key == null ? List.of() : key.tags())) {
            tag(parties, tag);
        }
        parties.add(everyone);
        return parties;
    }

    private static void key(List<Party> parties, Account.Key key, String model) {
        add(parties, key, "api_key", true);
        Map<String, Limits> models = key.limits().models();
        String named = models.isEmpty() ? null : named(models, model);
        Limits limits = named == null ? null : models.get(named);
        if (named != null && limits != null) {
            // Under the name that has the limits: clients invent others.
            parties.add(new Party(Holder.model(key.account(), named), "model_per_key", named, limits, true));
        }
    }

    private void team(List<Party> parties, Caller caller) {
        Account.Team team = caller.teamId() == null ? null : accounts.team(caller.teamId());
        add(parties, team, "team", true);
        if (caller.userId() == null) {
            return;
        }
        add(parties, accounts.user(caller.userId()), "user", team == null);
        if (team != null) {
            Account.Member member = accounts.member(team.id(), caller.userId());
            Limits limits = member != null && member.limits().limited() ? member.limits() : team.memberLimits();
            if (member != null || limits.limited()) {
                parties.add(new Party(
                        Holder.member(team.id(), caller.userId()), "team_member", caller.userId(), limits, true));
            }
        }
    }

    /** A budget of the file stands in where the admin API gives the tag none. */
    private void tag(List<Party> parties, String tag) {
        Account.Tag known = accounts.tag(tag);
        Limits listed = tags.isEmpty() ? null : tags.get(tag);
        if (listed == null || (known != null && known.limits().budgetNanos() != Limits.NONE)) {
            add(parties, known, "tag", true);
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
                own.models());
        parties.add(new Party(new Holder(Kind.TAG, tag), "tag", tag, both, true));
    }

    private static void add(List<Party> parties, @Nullable Account account, String descriptor, boolean enforced) {
        if (account != null) {
            String alias = account.alias();
            parties.add(new Party(
                    account.holder(),
                    descriptor,
                    alias != null ? alias : account.holder().id(),
                    enforced ? account.limits() : unrated(account.limits()),
                    enforced));
        }
    }

    /** A user's own limits are not those of their teams' keys; only what was spent is theirs. */
    private static Limits unrated(Limits limits) {
        return new Limits(Limits.NONE, Limits.NONE, limits.period(), Limits.NONE, Limits.NONE, Limits.NONE, Map.of());
    }

    /** The model itself, or the longest pattern that fits it. */
    private static @Nullable String named(Map<String, Limits> models, String model) {
        if (models.containsKey(model)) {
            return model;
        }
        String found = null;
        for (String pattern : models.keySet()) {
            boolean fits = pattern.endsWith("*")
                    ? model.startsWith(pattern.substring(0, pattern.length() - 1))
                    : model.endsWith("/" + pattern);
            if (fits && (found == null || pattern.length() > found.length())) {
                found = pattern;
            }
        }
        return found;
    }

    private static Collection<String> joined(List<String> tags, List<String> more) {
        if (tags.isEmpty() && more.isEmpty()) {
            return tags;
        }
        Set<String> all = new LinkedHashSet<>(tags);
        all.addAll(more);
        return all;
    }
}
