package dev.tollgate.accounting.book;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Each team's people: who they are says the team, what they may use their own entries. Read from any thread. */
final class Rosters {
    private static final Logger LOG = LoggerFactory.getLogger(Rosters.class);

    private final ConcurrentHashMap<String, Map<String, Account.Member>> byTeam = new ConcurrentHashMap<>();
    private final Places<Account.Member> own = new Places<>();

    /** Somebody's own entry; null: it is gone. {@link #team} brings the team's list up to date. */
    void place(String id, Account.@Nullable Member member) {
        own.put(id, member);
    }

    /** {@code document}: the team's, or null: there is none that can be read. */
    void team(String team, @Nullable JsonObject document) {
        Map<String, Account.Member> roster = new HashMap<>();
        if (document != null) {
            try {
                AccountReader.members(document).forEach((user, admin) -> {
                    Account.Member entry = own.get(team, user);
                    Limits limits = entry == null ? Limits.UNLIMITED : entry.limits();
                    roster.put(user, new Account.Member(team, user, admin, limits));
                });
            } catch (Fields.Unreadable e) {
                LOG.error("The members of the team `{}` cannot be read: {}", team, e.getMessage());
            }
        }
        if (roster.isEmpty()) {
            byTeam.remove(team);
        } else {
            byTeam.put(team, Map.copyOf(roster));
        }
    }

    Account.@Nullable Member member(String team, String user) {
        Map<String, Account.Member> roster = byTeam.get(team);
        Account.Member member = roster == null ? null : roster.get(user);
        return member == null ? own.get(team, user) : member;
    }
}
