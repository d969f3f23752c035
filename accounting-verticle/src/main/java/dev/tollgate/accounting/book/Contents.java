package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.Definitions.Definition;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The entries in memory, read from any thread and changed by one at a time. Documents are kept as bytes, shortened, for the admin API alone
 * reads them; calls read the accounts that were made of them, once each.
 */
final class Contents {
    private static final Logger LOG = LoggerFactory.getLogger(Contents.class);

    private final Map<Kind, ConcurrentHashMap<String, Item>> items = new EnumMap<>(Kind.class);
    private final Rosters rosters = new Rosters();
    private final Places<Account.OrganizationMember> organizationMembers = new Places<>();
    private final Set<Holder> limiting = ConcurrentHashMap.newKeySet();
    private volatile Map<String, Item> fixed = Map.of();
    private final AccountReader reader = new AccountReader(this::budget);

    private final Deletions deletions;

    private final Set<String> changedBudgets = new HashSet<>();
    private final Set<String> changedTeams = new HashSet<>();

    Contents() {
        this(Deletions.MOST);
    }

    /** One that remembers so many deletions. */
    Contents(int mostDeleted) {
        this.deletions = new Deletions(mostDeleted);
        for (Kind kind : Kind.values()) {
            items.put(kind, new ConcurrentHashMap<>());
        }
    }

    private ConcurrentHashMap<String, Item> of(Kind kind) {
        return Objects.requireNonNull(items.get(kind));
    }

    private @Nullable JsonObject budget(String id) {
        Item item = of(Kind.BUDGET).get(id);
        return item == null ? null : item.json(id);
    }

    /** Puts what the store has in place of what was there; {@link #settle} comes after the last of some. */
    void put(Definition definition) {
        Kind kind = definition.kind();
        String id = definition.id();
        Holder holder = new Holder(kind, id);
        Item before = of(kind).get(id);
        if ((before == null ? deletions.of(holder) : before.version()) >= definition.version()) {
            return;
        }
        String document = definition.document();
        if (document == null) {
            of(kind).remove(id);
            limiting.remove(holder);
            place(kind, id, null);
            deletions.add(holder, definition.version());
        } else {
            deletions.remove(holder);
            build(kind, id, definition.version(), document.getBytes(StandardCharsets.UTF_8), before);
        }
        switch (kind) {
            case BUDGET -> changedBudgets.add(id);
            case TEAM -> changedTeams.add(id);
            case MEMBER -> changedTeams.add(id.substring(0, Math.max(0, id.indexOf('\n'))));
            default -> {
                // Nobody else's account depends on it.
            }
        }
    }

    /** Deletions up to this version need not be remembered any more: nobody takes older letters. */
    void forget(long upTo) {
        deletions.forget(upTo);
    }

    /** Whether this cannot be something that was deleted since, and whose deletion is not remembered any more. */
    boolean accepts(Definition news) {
        return news.version() > deletions.forgotten() || of(news.kind()).containsKey(news.id());
    }

    private void build(Kind kind, String id, long version, byte[] document, @Nullable Item before) {
        Item item = item(kind, id, version, document, before);
        of(kind).put(id, item);
        place(kind, id, item.account());
        if (kind == Kind.CUSTOMER || kind == Kind.TAG) {
            Holder holder = new Holder(kind, id);
            Account account = item.account();
            if (account != null && limits(account)) {
                limiting.add(holder);
            } else {
                limiting.remove(holder);
            }
        }
    }

    private static boolean limits(Account account) {
        return account.blocked()
                || account.limits().limited()
                || account instanceof Account.Customer customer && customer.region() != null;
    }

    private void place(Kind kind, String id, @Nullable Account account) {
        if (kind == Kind.MEMBER) {
            rosters.place(id, (Account.Member) account);
        } else if (kind == Kind.ORGANIZATION_MEMBER) {
            organizationMembers.put(id, (Account.OrganizationMember) account);
        }
    }

    private Item item(Kind kind, String id, long version, byte[] document, @Nullable Item before) {
        Set<String> budgets = Set.of();
        try {
            JsonObject json = new JsonObject(Buffer.buffer(document));
            budgets = budgets(new Fields(json));
            return new Item(version, Shorthand.of(document, id), reader.read(kind, id, json), budgets, null);
        } catch (Fields.Unreadable | DecodeException e) {
            String trouble = String.valueOf(e.getMessage());
            if (before == null || !trouble.equals(before.trouble())) {
                LOG.error(
                        "The {} `{}` cannot be read and is treated as blocked: {}",
                        kind.storedName(),
                        id.replace('\n', '/'),
                        trouble);
            }
            return new Item(version, Shorthand.of(document, id), AccountReader.stopped(kind, id), budgets, trouble);
        }
    }

    /** Puts these keys before those of the store: they are in the configuration, and all that are. */
    void fix(List<Definition> keys) {
        Map<String, Item> made = new HashMap<>();
        for (Definition key : keys) {
            byte[] document = String.valueOf(key.document()).getBytes(StandardCharsets.UTF_8);
            made.put(key.id(), item(Kind.KEY, key.id(), key.version(), document, fixed.get(key.id())));
        }
        fixed = Map.copyOf(made);
    }

    /** Ids of the budgets that the limits of a document come from. */
    static Set<String> budgets(Fields fields) {
        String own = fields.id("budget_id");
        String members = fields.fields("metadata").id("team_member_budget_id");
        if (own == null) {
            return members == null ? Set.of() : Set.of(members);
        }
        return members == null || members.equals(own) ? Set.of(own) : Set.of(own, members);
    }

    /** Brings what depends on the entries that were put up to date. */
    void settle() {
        if (!changedBudgets.isEmpty()) {
            items.forEach((kind, all) -> all.forEach((id, item) -> {
                if (item.budgets().stream().anyMatch(changedBudgets::contains)) {
                    build(kind, id, item.version(), item.document(id), item);
                    if (kind == Kind.MEMBER) {
                        changedTeams.add(id.substring(0, Math.max(0, id.indexOf('\n'))));
                    }
                }
            }));
            Map<String, Item> again = new HashMap<>(fixed);
            again.replaceAll((id, item) -> item(Kind.KEY, id, item.version(), item.document(id), item));
            fixed = Map.copyOf(again);
            changedBudgets.clear();
        }
        changedTeams.forEach(this::roster);
        changedTeams.clear();
        reader.forget();
    }

    private void roster(String team) {
        Item item = of(Kind.TEAM).get(team);
        rosters.team(team, item == null || item.trouble() != null ? null : item.json(team));
    }

    private @Nullable Item find(Kind kind, String id) {
        Item item = kind == Kind.KEY ? fixed.get(id) : null;
        return item == null ? of(kind).get(id) : item;
    }

    @Nullable Account account(Kind kind, String id) {
        Item item = find(kind, id);
        return item == null ? null : item.account();
    }

    Optional<Entry> entry(Kind kind, String id) {
        Item item = find(kind, id);
        return item == null ? Optional.empty() : Optional.of(item.entry(kind, id));
    }

    /** Each is read when it is got: all documents at once would take many times the room. */
    List<Entry> entries(Kind kind) {
        List<Map.Entry<String, Item>> all = new ArrayList<>(of(kind).entrySet());
        if (kind == Kind.KEY && !fixed.isEmpty()) {
            Map<String, Item> first = fixed;
            all.removeIf(each -> first.containsKey(each.getKey()));
            all.addAll(first.entrySet());
        }
        return new AbstractList<>() {
            @Override
            public Entry get(int index) {
                var each = all.get(index);
                return each.getValue().entry(kind, each.getKey());
            }

            @Override
            public int size() {
                return all.size();
            }
        };
    }

    /** An entry as it is kept. */
    record Kept(Kind kind, String id, Item item) {}

    /** All entries as stored, in no order, without those of the configuration. */
    List<Kept> all() {
        List<Kept> kept = new ArrayList<>(size());
        items.forEach((kind, all) -> all.forEach((id, item) -> kept.add(new Kept(kind, id, item))));
        return kept;
    }

    /** A number that another state of these entries hardly has. */
    long stamp(Kind kind) {
        long stamp = 0;
        for (Map.Entry<String, Item> each : of(kind).entrySet()) {
            stamp += (each.getKey().hashCode() * 31L + each.getValue().version()) * 0x9E3779B97F4A7C15L;
        }
        return stamp;
    }

    int size() {
        return items.values().stream().mapToInt(Map::size).sum();
    }

    Account.@Nullable Key key(String hash) {
        return (Account.Key) account(Kind.KEY, hash);
    }

    Account.@Nullable User user(String id) {
        return (Account.User) account(Kind.USER, id);
    }

    Account.@Nullable Team team(String id) {
        return (Account.Team) account(Kind.TEAM, id);
    }

    Account.@Nullable Member member(String team, String user) {
        return rosters.member(team, user);
    }

    Account.@Nullable OrganizationMember organizationMember(String organization, String user) {
        return organizationMembers.get(organization, user);
    }

    Account.@Nullable Organization organization(String id) {
        return (Account.Organization) account(Kind.ORGANIZATION, id);
    }

    Account.@Nullable Customer customer(String id) {
        return (Account.Customer) account(Kind.CUSTOMER, id);
    }

    Account.@Nullable Tag tag(String name) {
        return (Account.Tag) account(Kind.TAG, name);
    }

    boolean hasKeys() {
        return !fixed.isEmpty() || !of(Kind.KEY).isEmpty();
    }

    List<String> managedTeams(String user) {
        return TeamManagers.teamsOf(user, this);
    }

    boolean limitsEveryone() {
        return !limiting.isEmpty();
    }
}
