package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Accounts;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Accounts for tests, made by hand. */
final class Gate implements Accounts {
    final Map<String, Account.Key> keys = new HashMap<>();
    final Map<String, Account.User> users = new HashMap<>();
    final Map<String, Account.Team> teams = new HashMap<>();
    final Map<String, Account.Customer> customers = new HashMap<>();
    final Map<String, Account.OrganizationMember> places = new HashMap<>();
    final Map<String, Account.Tag> tags = new HashMap<>();

    private long stamp;
    private boolean silent;

    /** From now on changes of the maps are noticed only when {@link #changed} is called, as those of a book are; before, at once. */
    void silent() {
        silent = true;
    }

    void changed() {
        stamp++;
    }

    @Override
    public long stamp() {
        return silent ? stamp : stamp++;
    }

    @Override
    public Account.@Nullable Key key(String hash) {
        return keys.get(hash);
    }

    @Override
    public Account.@Nullable User user(String id) {
        return users.get(id);
    }

    @Override
    public Account.@Nullable Team team(String id) {
        return teams.get(id);
    }

    @Override
    public Account.@Nullable Member member(String team, String user) {
        return null;
    }

    @Override
    public Account.@Nullable OrganizationMember organizationMember(String organization, String user) {
        return places.get(organization + "/" + user);
    }

    @Override
    public Account.@Nullable Organization organization(String id) {
        return null;
    }

    @Override
    public Account.@Nullable Customer customer(String id) {
        return customers.get(id);
    }

    @Override
    public Account.@Nullable Tag tag(String name) {
        return tags.get(name);
    }

    @Override
    public List<String> managedTeams(String user) {
        return List.of();
    }

    @Override
    public boolean limitsEveryone() {
        return !customers.isEmpty() || !tags.isEmpty();
    }
}
