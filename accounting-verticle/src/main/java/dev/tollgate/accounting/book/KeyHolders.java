package dev.tollgate.accounting.book;

import dev.tollgate.config.ModelTable;
import dev.tollgate.protocol.Authentication;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.ModelAccess;
import dev.tollgate.protocol.UserRole;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who holds a key, by its hash; what fills the keyring. Each caller is made once and kept until anything in the book changes, so that
 * a call costs one look-up. That is by hash: how long it takes may tell something of a hash, from which nobody comes to a key.
 */
public final class KeyHolders implements Function<String, Authentication> {
    private static final Authentication LOADING = refused(Failure.of(
            FailureKind.OVERLOADED, "The keys of this gateway are still being loaded; try again in a moment"));

    private final StoredBook book;
    private final InstantSource clock;
    private volatile Made made = new Made(-1, AccessGroups.NONE, new ConcurrentHashMap<>());

    /** Callers made of the book as it was at one stamp. */
    private record Made(long stamp, AccessGroups groups, ConcurrentHashMap<String, Holding> holdings) {}

    /** Whether a key may be used, until it ends (in milliseconds since 1970; 0: never). */
    private record Holding(Authentication authentication, long expiresMillis) {}

    /** Reads keys from this book, whose ends come by this clock. */
    public KeyHolders(StoredBook book, InstantSource clock) {
        this.book = book;
        this.clock = clock;
    }

    /** From now on access groups are those of these models. */
    public void models(ModelTable table) {
        AccessGroups groups = AccessGroups.of(table);
        synchronized (this) {
            made = new Made(-1, groups, new ConcurrentHashMap<>());
        }
    }

    @Override
    public Authentication apply(String hash) {
        Made now = made();
        Holding holding = now.holdings.get(hash);
        if (holding == null) {
            Account.Key key = book.key(hash);
            if (key == null) {
                return book.readable() ? unknown(hash) : LOADING;
            }
            holding = new Holding(authentication(key, now.groups), key.expiresMillis());
            now.holdings.put(hash, holding);
        }
        return holding.expiresMillis != 0 && clock.millis() >= holding.expiresMillis
                ? expired(holding.expiresMillis)
                : holding.authentication;
    }

    /** The stamp is read first: what changes after it changes the stamp as well, and what was made meanwhile is dropped. */
    private Made made() {
        Made now = made;
        long stamp = book.stamp();
        return now.stamp == stamp ? now : anew(stamp);
    }

    private synchronized Made anew(long stamp) {
        if (made.stamp != stamp) {
            made = new Made(stamp, made.groups, new ConcurrentHashMap<>());
        }
        return made;
    }

    private Authentication authentication(Account.Key key, AccessGroups groups) {
        Account.Team team = key.team() == null ? null : book.team(key.team());
        Account.User user = key.user() == null ? null : book.user(key.user());
        Failure stopped = stopped(key, team, user);
        if (stopped != null) {
            return refused(stopped);
        }
        String organization = key.organization() != null || team == null ? key.organization() : team.organization();
        return new Authentication.Known(new Caller(
                key.hash(),
                key.alias(),
                key.user(),
                key.team(),
                organization,
                role(key, user),
                access(key, team, user, organization == null ? null : book.organization(organization), groups),
                key.routes(),
                tags(key, team)));
    }

    private static List<String> tags(Account.Key key, Account.@Nullable Team team) {
        List<String> shared = team == null ? List.of() : team.tags();
        if (key.tags().isEmpty() && shared.isEmpty()) {
            return List.of();
        }
        Set<String> all = new LinkedHashSet<>(key.tags());
        all.addAll(shared);
        return List.copyOf(all);
    }

    private static @Nullable Failure stopped(
            Account.Key key, Account.@Nullable Team team, Account.@Nullable User user) {
        if (key.blocked()) {
            return blocked("Key is blocked. Update via `/key/unblock` if you're admin.");
        }
        if (team != null && team.blocked()) {
            return blocked("Team=" + team.id() + " is blocked. Update via `/team/unblock` if you're admin.");
        }
        return user != null && user.blocked()
                ? blocked("User=" + user.id() + " is blocked. Update via `/user/update` if you're admin.")
                : null;
    }

    private static UserRole role(Account.Key key, Account.@Nullable User user) {
        if (user != null) {
            return user.role();
        }
        return key.user() == null && key.team() != null ? UserRole.TEAM : UserRole.INTERNAL_USER;
    }

    /** A user's own list is for their personal keys; those of a team may use what the team may. */
    private static ModelAccess access(
            Account.Key key,
            Account.@Nullable Team team,
            Account.@Nullable User user,
            Account.@Nullable Organization organization,
            AccessGroups groups) {
        List<ModelAccess.Rule> rules = new ArrayList<>();
        rule(rules, "key", key.models(), groups);
        if (team != null) {
            rule(rules, "team", team.models(), groups);
        } else if (user != null && key.team() == null) {
            rule(rules, "user", user.models(), groups);
        }
        if (organization != null) {
            rule(rules, "org", organization.models(), groups);
        }
        return rules.isEmpty() ? ModelAccess.ALL : new ModelAccess(rules);
    }

    private static void rule(List<ModelAccess.Rule> rules, String owner, List<String> models, AccessGroups groups) {
        if (models.isEmpty()
                || models.contains("all-proxy-models")
                || owner.equals("key") && models.contains("all-team-models")
                || owner.equals("team") && models.contains("all-org-models")) {
            return;
        }
        List<String> names = new ArrayList<>(groups.expand(models));
        names.remove("no-default-models");
        // Names of one's own for models are not among them: whoever may give them would open real models of that name.
        rules.add(new ModelAccess.Rule(owner, names));
    }

    private static Authentication refused(Failure failure) {
        return new Authentication.Refused(failure);
    }

    private static Failure blocked(String message) {
        return Failure.of(FailureKind.AUTHENTICATION, message);
    }

    private Authentication expired(long endMillis) {
        return refused(Failure.of(
                        FailureKind.AUTHENTICATION,
                        "Authentication Error - Expired Key. Key Expiry time " + Instant.ofEpochMilli(endMillis)
                                + " and current time " + clock.instant())
                .withType("expired_key")
                .withParam("key"));
    }

    private static Authentication unknown(String hash) {
        return refused(Failure.of(
                        FailureKind.AUTHENTICATION,
                        "Authentication Error, Invalid proxy server token passed. Key Hash (Token) =" + hash
                                + ". Unable to find token in cache or `LiteLLM_VerificationTokenTable`")
                .withType("token_not_found_in_db")
                .withParam("key"));
    }
}
