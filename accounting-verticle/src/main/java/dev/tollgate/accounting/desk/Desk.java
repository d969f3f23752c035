package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Balances;
import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.stored.Vault;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Manage;
import dev.tollgate.protocol.Managed;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin API of one node. Requests that change something run one after the other, so that those of one node never race; when
 * another node was faster, a request is looked at anew from what is written now. Requests that only look run beside them.
 */
public final class Desk implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Desk.class);
    private static final int TRIES = 4;

    private final Book book;
    private final Balances balances;
    private final InstantSource clock;

    /** How long who asks now may wait for what is still being read from the store. */
    private final Supplier<Duration> patience;

    private final Endpoints endpoints = new Endpoints();
    private final ExecutorService writer = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("tollgate-desk").factory());
    private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
    private volatile KeyRules rules = KeyRules.none();

    private volatile Budgeted budgeted = Budgeted.NONE;

    /** Over the node's book and what was spent; models and credentials are sealed and opened by the vault. */
    public Desk(Book book, Balances balances, Vault vault, InstantSource clock, Supplier<Duration> patience) {
        this.book = book;
        this.patience = patience;
        this.balances = balances;
        this.clock = clock;
        Office office = new Office(book, new Shown(book, balances), balances, () -> rules);
        Keys keys = new Keys(office);
        openKeys(office, keys);
        TeamDesk teams = openPeople(office, keys);
        openOthers(office, teams);
        openSpenders(office);
        openModels(office, vault);
    }

    private void openModels(Office office, Vault vault) {
        ModelDesk models = new ModelDesk(office, vault);
        CredentialDesk credentials = new CredentialDesk(office, vault);
        endpoints
                .post("/model/new", Access.ADMIN, models::create)
                .post("/model/update", Access.ADMIN, models::update)
                .change("PATCH", "/model/*/update", Access.ADMIN, models::patch)
                .post("/model/delete", Access.ADMIN, models::delete)
                .post("/model/block", Access.ADMIN, models::block)
                .post("/model/unblock", Access.ADMIN, models::unblock)
                .post("/credentials", Access.ADMIN, credentials::create)
                .get("/credentials", Access.ADMIN_VIEW, credentials::list)
                // Before the names, which may hold slashes.
                .get("/credentials/by_name/*", Access.ADMIN_VIEW, credentials::named)
                .get("/credentials/by_model/*", Access.ADMIN_VIEW, credentials::ofModel)
                .change("PATCH", "/credentials/*", Access.ADMIN, credentials::update)
                .change("DELETE", "/credentials/*", Access.ADMIN, credentials::delete);
    }

    private void openKeys(Office office, Keys keys) {
        KeyDesk made = new KeyDesk(office, keys);
        KeyLists lists = new KeyLists(office, keys);
        KeySwitches switches = new KeySwitches(office, keys);
        endpoints
                .post("/key/generate", Access.USER, made::generate)
                .post("/key/service-account/generate", Access.USER, made::serviceAccount)
                .post("/key/update", Access.USER, made::update)
                .post("/key/bulk_update", Access.ADMIN, made::bulkUpdate)
                .post("/key/regenerate", Access.USER, made::regenerate)
                .post("/key/*/regenerate", Access.USER, made::regenerate)
                .post("/key/*/reset_spend", Access.ADMIN, switches::resetSpend)
                .post("/key/delete", Access.USER, switches::delete)
                .post("/key/block", Access.USER, switches::block)
                .post("/key/unblock", Access.USER, switches::unblock)
                .get("/key/info", Access.KEY, lists::info)
                .look("/v2/key/info", Access.USER, lists::infos)
                .get("/key/list", Access.USER, lists::list)
                .get("/key/aliases", Access.USER, lists::aliases)
                .look("/key/health", Access.KEY, lists::health);
    }

    private TeamDesk openPeople(Office office, Keys keys) {
        TeamMembers members = new TeamMembers(office);
        UserDesk users = new UserDesk(office, keys, members);
        UserLists people = new UserLists(office);
        TeamDesk teams = new TeamDesk(office, members);
        TeamLists lists = new TeamLists(office);
        endpoints
                .post("/user/new", Access.ADMIN, users::create)
                .post("/user/update", Access.ADMIN, users::update)
                .post("/user/bulk_update", Access.ADMIN, users::bulkUpdate)
                .post("/user/delete", Access.ADMIN, users::delete)
                .get("/user/available_roles", Access.KEY, people::roles)
                .get("/user/info", Access.USER, people::info)
                .get("/v2/user/info", Access.USER, people::row)
                .get("/user/list", Access.USER, people::list)
                .post("/team/new", Access.ADMIN, teams::create)
                .post("/team/update", Access.USER, teams::update)
                .post("/team/delete", Access.ADMIN, teams::delete)
                .post("/team/block", Access.ADMIN, teams::block)
                .post("/team/unblock", Access.ADMIN, teams::unblock)
                .post("/team/model/add", Access.ADMIN, teams::addModels)
                .post("/team/model/delete", Access.ADMIN, teams::removeModels)
                .post("/team/bulk_member_add", Access.ADMIN, members::addAll)
                .post("/team/member_add", Access.USER, members::add)
                .post("/team/member_update", Access.USER, members::change)
                .post("/team/member_delete", Access.USER, members::remove)
                .get("/team/info", Access.USER, lists::info)
                .get("/team/list", Access.USER, lists::list)
                .get("/v2/team/list", Access.USER, lists::page);
        return teams;
    }

    private void openOthers(Office office, TeamDesk teams) {
        OrganizationDesk organizations = new OrganizationDesk(office, teams);
        OrganizationMembers places = new OrganizationMembers(office);
        BudgetDesk budgets = new BudgetDesk(office);
        TagDesk tags = new TagDesk(office, () -> budgeted.tags());
        endpoints
                .post("/organization/new", Access.ADMIN, organizations::create)
                .either("PATCH", "/organization/update", Access.ADMIN, organizations::update)
                .either("DELETE", "/organization/delete", Access.ADMIN, organizations::delete)
                .get("/organization/info", Access.USER, organizations::info)
                .look("/organization/info", Access.ADMIN_VIEW, organizations::infos)
                .get("/organization/list", Access.USER, organizations::list)
                .post("/organization/member_add", Access.USER, places::add)
                .either("PATCH", "/organization/member_update", Access.USER, places::change)
                .either("DELETE", "/organization/member_delete", Access.USER, places::remove)
                .post("/budget/new", Access.ADMIN, budgets::create)
                .post("/budget/update", Access.ADMIN, budgets::update)
                .post("/budget/delete", Access.ADMIN, budgets::delete)
                .look("/budget/info", Access.ADMIN_VIEW, budgets::info)
                .get("/budget/list", Access.ADMIN_VIEW, budgets::list)
                .get("/budget/settings", Access.ADMIN_VIEW, budgets::settings)
                .post("/tag/new", Access.ADMIN, tags::create)
                .post("/tag/update", Access.ADMIN, tags::update)
                .post("/tag/delete", Access.ADMIN, tags::delete)
                .look("/tag/info", Access.ADMIN_VIEW, tags::info)
                .get("/tag/list", Access.ADMIN_VIEW, tags::list);
    }

    private void openSpenders(Office office) {
        SpendDesk spend = new SpendDesk(office, () -> budgeted);
        endpoints
                .post("/team/*/reset_spend", Access.USER, spend::resetMember)
                .post("/spend/set", Access.ADMIN, spend::set)
                .post("/global/spend/reset", Access.MASTER, spend::reset)
                .post("/global/spend/refresh", Access.ADMIN, spend::refresh);
        CustomerDesk customers = new CustomerDesk(office);
        for (String place : List.of("/customer", "/end_user")) {
            endpoints
                    .post(place + "/new", Access.ADMIN, customers::create)
                    .post(place + "/update", Access.ADMIN, customers::update)
                    .post(place + "/delete", Access.ADMIN, customers::delete)
                    .post(place + "/block", Access.ADMIN, customers::block)
                    .post(place + "/unblock", Access.ADMIN, customers::unblock)
                    .get(place + "/info", Access.ADMIN_VIEW, customers::info)
                    .get(place + "/list", Access.ADMIN_VIEW, customers::list);
        }
    }

    /** Takes over what a configuration says about what is made. */
    public void configured(Snapshot config) {
        rules(KeyRules.of(config));
        budgeted(Budgeted.of(config));
    }

    void budgeted(Budgeted next) {
        budgeted = next;
    }

    void rules(KeyRules next) {
        rules = next;
    }

    /** Does what is asked, and tells the answer on another thread. */
    public void ask(Manage manage, Consumer<Managed> answered) {
        Endpoints.Found found;
        try {
            found = endpoints.find(manage);
        } catch (Endpoints.NotHere notHere) {
            answered.accept(notHere.answer());
            return;
        }
        try {
            (found.endpoint().reads() ? readers : writer).execute(() -> answered.accept(answer(manage, found)));
        } catch (RejectedExecutionException _) {
            answered.accept(
                    new Managed.Refused(Failure.of(FailureKind.OVERLOADED, "This node is stopping; ask another one")));
        }
    }

    Endpoints endpoints() {
        return endpoints;
    }

    private Managed answer(Manage manage, Endpoints.Found found) {
        try {
            enter(manage, found);
            return tried(manage, found);
        } catch (Refusal refusal) {
            return refusal.answer();
        } catch (Book.Unavailable e) {
            return new Managed.Refused(Failure.of(FailureKind.OVERLOADED, String.valueOf(e.getMessage())));
        } catch (RuntimeException e) {
            // A fault of ours must not keep the caller waiting, nor the requests after this one.
            LOG.error("{} {} failed", manage.method(), found.path(), e);
            return new Managed.Refused(Failure.of(FailureKind.INTERNAL, "Internal error; the log has the details"));
        }
    }

    private static void enter(Manage manage, Endpoints.Found found) throws Refusal {
        Caller caller = manage.caller();
        Access access = found.endpoint().access();
        if (!access.admits(caller, found.endpoint().reads())) {
            if (access == Access.MASTER) {
                throw Refusal.forbidden("Only the master key may do this. Route=" + found.path() + ". Your role="
                        + caller.role().wireName() + ". Your user_id=" + caller.userId());
            }
            throw Refusal.forbidden(
                    "Only proxy admin can be used to generate, delete, update info for new keys/users/teams. Route="
                            + found.path() + ". Your role=" + caller.role().wireName() + ". Your user_id="
                            + caller.userId());
        }
    }

    private Managed tried(Manage manage, Endpoints.Found found) throws Refusal, Book.Unavailable {
        book.known(patience.get());
        balances.known(patience.get());
        for (int i = 1; ; i++) {
            Writing writing = new Writing(balances);
            Rights rights = new Rights(manage.caller(), book);
            Asked asked = new Asked(manage, found.named(), clock.instant(), rights, writing, new Misspelt());
            Asked.Reply reply = found.endpoint().handler().answer(asked);
            try {
                List<String> unreached = writing.commit(book);
                Managed shown = reply.show();
                return shown instanceof Managed.Done done ? warned(found, asked, done.with(unreached)) : shown;
            } catch (IllegalArgumentException e) {
                // An id that the store cannot keep.
                throw Refusal.bad(String.valueOf(e.getMessage()));
            } catch (Book.Stale e) {
                if (i == TRIES) {
                    throw Refusal.conflict(String.valueOf(e.getMessage()));
                }
            }
        }
    }

    /** Who only looks sees from the answer what was understood. */
    private static Managed warned(Endpoints.Found found, Asked asked, Managed.Done done) {
        List<String> warnings = asked.misspelt().warnings();
        if (found.endpoint().reads() || warnings.isEmpty()) {
            return done;
        }
        LOG.warn("{} {}: {}", asked.manage().method(), found.path(), String.join("; ", warnings));
        return done.warning(warnings);
    }

    /** Takes no more requests; those under way are still answered. */
    @Override
    public void close() {
        writer.shutdown();
        readers.shutdown();
    }
}
