package dev.tollgate.accounting.book;

import dev.tollgate.protocol.UserRole;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An entry of the book that spends and has limits, as admission reads it. */
public sealed interface Account {

    /** Under whose name its spend is kept. */
    Holder holder();

    /** A readable name for messages, or null. */
    @Nullable String alias();

    /** What it may use. */
    Limits limits();

    /** Whether an admin has stopped it. */
    boolean blocked();

    /**
     * A virtual key.
     *
     * @param hash SHA-256 of the key in lower-case hex
     * @param account under which its spend is kept: the hash that it had when it was made; one that was regenerated keeps it
     * @param alias readable name, or null
     * @param user owner, or null
     * @param team team it belongs to, or null
     * @param organization its own organization, or null
     * @param models names and patterns it may use as written; empty: all
     * @param aliases models under names of its own
     * @param routes paths it may call; empty: all that its owner's role may
     * @param tags labels that all its calls carry
     * @param expiresMillis when it ends, in milliseconds since 1970 UTC, or 0: never
     * @param blocked whether an admin has stopped it
     * @param limits what it may use
     */
    record Key(
            String hash,
            String account,
            @Nullable String alias,
            @Nullable String user,
            @Nullable String team,
            @Nullable String organization,
            List<String> models,
            Map<String, String> aliases,
            List<String> routes,
            List<String> tags,
            long expiresMillis,
            boolean blocked,
            Limits limits)
            implements Account {
        @Override
        public Holder holder() {
            return new Holder(Kind.KEY, account);
        }
    }

    /**
     * A person.
     *
     * @param id user id
     * @param alias readable name, or null
     * @param role what they may do
     * @param models names and patterns their personal keys may use; empty: all
     * @param blocked whether an admin has stopped them
     * @param limits what they may use
     */
    record User(String id, @Nullable String alias, UserRole role, List<String> models, boolean blocked, Limits limits)
            implements Account {
        @Override
        public Holder holder() {
            return new Holder(Kind.USER, id);
        }
    }

    /**
     * A team.
     *
     * @param id team id
     * @param alias readable name, or null
     * @param organization organization it belongs to, or null
     * @param models names and patterns its keys may use; empty: all
     * @param aliases models under names of its own
     * @param blocked whether an admin has stopped it
     * @param limits what all its keys may use together
     * @param memberLimits what each member may use who has no limits of their own
     * @param tags labels that all calls of its keys carry
     */
    record Team(
            String id,
            @Nullable String alias,
            @Nullable String organization,
            List<String> models,
            Map<String, String> aliases,
            boolean blocked,
            Limits limits,
            Limits memberLimits,
            List<String> tags)
            implements Account {
        /** One without tags. */
        public Team(
                String id,
                @Nullable String alias,
                @Nullable String organization,
                List<String> models,
                Map<String, String> aliases,
                boolean blocked,
                Limits limits,
                Limits memberLimits) {
            this(id, alias, organization, models, aliases, blocked, limits, memberLimits, List.of());
        }

        @Override
        public Holder holder() {
            return new Holder(Kind.TEAM, id);
        }
    }

    /**
     * A user's place in a team.
     *
     * @param team team id
     * @param user user id
     * @param admin whether they manage the team
     * @param limits what they may use with the team's keys
     * @param holder made of team and user once, not for each call
     */
    record Member(String team, String user, boolean admin, Limits limits, Holder holder) implements Account {
        public Member(String team, String user, boolean admin, Limits limits) {
            this(team, user, admin, limits, Holder.member(team, user));
        }

        @Override
        public @Nullable String alias() {
            return null;
        }

        @Override
        public boolean blocked() {
            return false;
        }
    }

    /**
     * A user's place in an organization.
     *
     * @param organization organization id
     * @param user user id
     * @param limits what they may use with all keys of the organization
     * @param holder made of organization and user once, not for each call
     */
    record OrganizationMember(String organization, String user, Limits limits, Holder holder) implements Account {
        public OrganizationMember(String organization, String user, Limits limits) {
            this(organization, user, limits, new Holder(Kind.ORGANIZATION_MEMBER, organization + '\n' + user));
        }

        @Override
        public @Nullable String alias() {
            return user;
        }

        @Override
        public boolean blocked() {
            return false;
        }
    }

    /**
     * An organization.
     *
     * @param id organization id
     * @param alias readable name, or null
     * @param models names and patterns its keys may use; empty: all
     * @param limits what all its teams and keys may use together
     */
    record Organization(String id, @Nullable String alias, List<String> models, Limits limits) implements Account {
        @Override
        public Holder holder() {
            return new Holder(Kind.ORGANIZATION, id);
        }

        @Override
        public boolean blocked() {
            return false;
        }
    }

    /**
     * An end user.
     *
     * @param id as callers name them
     * @param alias readable name, or null
     * @param models names and patterns they may use; empty: all
     * @param defaultModel model for calls that name none they may use, or null
     * @param region the only region whose deployments may take their calls, or null
     * @param blocked whether an admin has stopped them
     * @param limits what they may use
     */
    record Customer(
            String id,
            @Nullable String alias,
            List<String> models,
            @Nullable String defaultModel,
            @Nullable String region,
            boolean blocked,
            Limits limits)
            implements Account {
        @Override
        public Holder holder() {
            return new Holder(Kind.CUSTOMER, id);
        }
    }

    /**
     * A label of calls.
     *
     * @param name the label
     * @param limits what all calls that carry it may use together
     */
    record Tag(String name, Limits limits) implements Account {
        @Override
        public Holder holder() {
            return new Holder(Kind.TAG, name);
        }

        @Override
        public @Nullable String alias() {
            return null;
        }

        @Override
        public boolean blocked() {
            return false;
        }
    }
}
