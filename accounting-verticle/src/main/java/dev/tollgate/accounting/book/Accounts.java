package dev.tollgate.accounting.book;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Look-ups of accounts, at once and from any thread; null: there is none of that name. */
public interface Accounts {

    /** A number that ascends whenever anything has changed; whoever made something of the accounts makes it anew then. */
    long stamp();

    /** A key by its hash. */
    Account.@Nullable Key key(String hash);

    /** A user. */
    Account.@Nullable User user(String id);

    /** A team. */
    Account.@Nullable Team team(String id);

    /** A user's place in a team. */
    Account.@Nullable Member member(String team, String user);

    /** A user's place in an organization. */
    Account.@Nullable OrganizationMember organizationMember(String organization, String user);

    /** An organization. */
    Account.@Nullable Organization organization(String id);

    /** An end user. */
    Account.@Nullable Customer customer(String id);

    /** A label. */
    Account.@Nullable Tag tag(String name);

    /** Teams that a user manages: as their admin, or as one of their organization. */
    List<String> managedTeams(String user);

    /** Whether there is any end user or label with limits, so that even the master key's calls must be looked at. */
    boolean limitsEveryone();
}
