package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tollgate.accounting.ledger.SqliteDefinitions;
import dev.tollgate.cluster.NoPeers;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoredBookTest {
    private static final long DOLLAR = 1_000_000_000L;

    @TempDir
    Path data;

    private StoredBook book;

    @BeforeEach
    void openBook() throws InterruptedException {
        book = open();
    }

    @AfterEach
    void closeBook() {
        book.close();
    }

    private StoredBook open() throws InterruptedException {
        StoredBook opened =
                new StoredBook(() -> SqliteDefinitions.open(data.resolve("tollgate.db")), InstantSource.system());
        CountDownLatch readable = new CountDownLatch(1);
        opened.start(readable::countDown);
        assertThat(readable.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(opened.readable()).isTrue();
        return opened;
    }

    private void put(Kind kind, String id, String document) throws Book.Stale, Book.Unavailable {
        JsonObject json = new JsonObject(document.replace('\'', '"'));
        Change change = book.entry(kind, id)
                .map(entry -> Change.update(entry, json))
                .orElseGet(() -> Change.create(kind, id, json));
        book.write(List.of(change));
    }

    @Test
    void moreWindowsAndLimitsOfSingleModelsAreReadForEverybody() throws Exception {
        put(Kind.BUDGET, "b", "{'budget_limits':[{'budget_duration':'1d','max_budget':2}]}");
        put(Kind.USER, "anna", "{'budget_id':'b','metadata':{'model_rpm_limit':{'gpt-4o':3}}}");
        put(Kind.ORGANIZATION_MEMBER, "org\nanna", "{'max_budget':7}");
        put(Kind.KEY, "half", "{'budget_limits':[{'budget_duration':'1d'}]}");
        Limits.Window day = new Limits.Window(2_000_000_000L, Period.parse("1d").orElseThrow());
        assertThat(book.user("anna").limits().windows()).containsExactly(day);
        assertThat(book.user("anna").limits().models().get("gpt-4o").rpm()).isEqualTo(3);
        assertThat(book.organizationMember("org", "anna").limits().budgetNanos())
                .isEqualTo(7_000_000_000L);
        assertThat(book.key("half").blocked()).isTrue();
    }

    @Test
    void placesInTeamsAndOrganizationsAreFoundChangedAndForgotten() throws Exception {
        put(Kind.BUDGET, "b", "{'rpm_limit':3}");
        put(Kind.ORGANIZATION_MEMBER, "org\nanna", "{'budget_id':'b'}");
        put(Kind.MEMBER, "t\nanna", "{'budget_id':'b'}");
        Account.OrganizationMember place = book.organizationMember("org", "anna");
        assertThat(place.holder()).isEqualTo(new Holder(Kind.ORGANIZATION_MEMBER, "org\nanna"));
        assertThat(place.limits().rpm()).isEqualTo(3);
        assertThat(book.member("t", "anna").holder()).isEqualTo(Holder.member("t", "anna"));
        put(Kind.BUDGET, "b", "{'rpm_limit':4}");
        assertThat(book.organizationMember("org", "anna").limits().rpm()).isEqualTo(4);
        assertThat(book.member("t", "anna").limits().rpm()).isEqualTo(4);
        assertThat(book.organizationMember("org", "bert")).isNull();
        assertThat(book.organizationMember("other", "anna")).isNull();
        for (Kind kind : List.of(Kind.ORGANIZATION_MEMBER, Kind.MEMBER)) {
            for (Entry entry : List.copyOf(book.entries(kind))) {
                book.write(List.of(Change.delete(entry)));
            }
        }
        assertThat(book.organizationMember("org", "anna")).isNull();
        assertThat(book.member("t", "anna")).isNull();
    }

    @Test
    void whoManagesATeamIsItsAdminOrOneOfItsOrganization() throws Exception {
        put(
                Kind.TEAM,
                "mine",
                "{'members_with_roles':[{'user_id':'anna','role':'admin'},{'user_id':'bert','role':'user'}]}");
        put(Kind.TEAM, "ours", "{'organization_id':'org'}");
        put(Kind.TEAM, "theirs", "{'organization_id':'other'}");
        put(
                Kind.ORGANIZATION_MEMBER,
                "org\nanna",
                "{'organization_id':'org','user_id':'anna','user_role':'org_admin'}");
        put(Kind.ORGANIZATION_MEMBER, "other\nanna", "{'organization_id':'other','user_id':'anna'}");
        assertThat(book.managedTeams("anna")).containsExactlyInAnyOrder("mine", "ours");
        assertThat(book.managedTeams("bert")).isEmpty();
    }

    @Test
    void aKeyIsReadInLiteLlmsFieldsAlsoAfterAStart() throws Exception {
        put(Kind.KEY, "hash", """
                {'key_alias':'ci','user_id':'u','team_id':'t','org_id':'o','models':['gpt-4o','beta'],'aliases':{'fast':'gpt-4o'},
                 'allowed_routes':['/v1/models'],'metadata':{'tags':['blue'],'model_rpm_limit':{'gpt-4o':5}},'max_budget':0.1,
                 'soft_budget':'0.05','budget_duration':'7d','rpm_limit':3,'tpm_limit':1000.0,'max_parallel_requests':2,
                 'model_max_budget':{'gpt-4o':{'budget_limit':1.5,'time_period':'1d'},'o3':2},'account':'first','blocked':null,
                 'expires':'2026-01-31T12:00:00+01:00'}""");
        Account.Key key = new Account.Key(
                "hash",
                "first",
                "ci",
                "u",
                "t",
                "o",
                List.of("gpt-4o", "beta"),
                Map.of("fast", "gpt-4o"),
                List.of("/v1/models"),
                List.of("blue"),
                1_769_857_200_000L,
                false,
                new Limits(
                        DOLLAR / 10,
                        DOLLAR / 20,
                        Period.parse("7d").orElseThrow(),
                        3,
                        1_000,
                        2,
                        Map.of(
                                "gpt-4o",
                                new Limits(
                                        DOLLAR * 3 / 2, -1, Period.parse("1d").orElseThrow(), 5, -1, -1, Map.of()),
                                "o3",
                                new Limits(2 * DOLLAR, -1, null, -1, -1, -1, Map.of()))));
        assertThat(book.key("hash")).isEqualTo(key);
        book.close();
        book = open();
        assertThat(book.key("hash")).isEqualTo(key);
        assertThat(book.entry(Kind.KEY, "hash").orElseThrow().document().getString("key_alias"))
                .isEqualTo("ci");
        book.write(List.of(Change.delete(book.entry(Kind.KEY, "hash").orElseThrow())));
        assertThat(book.key("hash")).isNull();
        assertThat(book.entries(Kind.KEY)).isEmpty();
    }

    @Test
    void aBudgetsLimitsHoldWhereTheEntrySaysNoneAndChangeWithIt() throws Exception {
        put(Kind.BUDGET, "b", "{'max_budget':5,'rpm_limit':10,'budget_duration':'1d'}");
        put(Kind.KEY, "k", "{'budget_id':'b','rpm_limit':3}");
        put(Kind.MEMBER, "t\nanna", "{'budget_id':'b'}");
        put(
                Kind.TEAM,
                "t",
                "{'members_with_roles':[{'user_id':'anna','role':'admin'},{'user_id':'ben','role':'user'}],"
                        + "'team_member_rpm_limit':7,'metadata':{'team_member_budget_id':'b'}}");
        long stamp = book.stamp();
        assertThat(book.key("k").limits().budgetNanos()).isEqualTo(5 * DOLLAR);
        assertThat(book.key("k").limits().rpm()).isEqualTo(3);
        put(Kind.BUDGET, "b", "{'max_budget':0}");
        assertThat(book.stamp()).isGreaterThan(stamp);
        assertThat(book.key("k").limits()).isEqualTo(new Limits(0, -1, null, 3, -1, -1, Map.of()));
        assertThat(book.member("t", "anna"))
                .isEqualTo(new Account.Member("t", "anna", true, new Limits(0, -1, null, -1, -1, -1, Map.of())));
        assertThat(book.member("t", "ben")).isEqualTo(new Account.Member("t", "ben", false, Limits.UNLIMITED));
        assertThat(book.member("t", "carl")).isNull();
        assertThat(book.team("t").memberLimits()).isEqualTo(new Limits(0, -1, null, 7, -1, -1, Map.of()));
        book.write(List.of(Change.delete(book.entry(Kind.MEMBER, "t\nanna").orElseThrow())));
        assertThat(book.member("t", "anna").limits()).isEqualTo(Limits.UNLIMITED);
        book.write(List.of(Change.delete(book.entry(Kind.BUDGET, "b").orElseThrow())));
        assertThat(book.key("k").limits().budgetNanos()).isEqualTo(Limits.NONE);
        book.write(List.of(Change.delete(book.entry(Kind.TEAM, "t").orElseThrow())));
        assertThat(book.member("t", "ben")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "{'max_budget':-1}",
                "{'max_budget':'much'}",
                "{'max_budget':1e999999999}",
                "{'budget_duration':'soon'}",
                "{'models':'gpt-4o'}",
                "{'models':[1]}",
                "{'blocked':'yes'}",
                "{'metadata':[]}",
                "{'expires':'tomorrow'}",
                "{'model_max_budget':{'m':{'budget_limit':[]}}}",
                "{'budget_id':'bad'}",
            })
    void whatCannotBeReadIsBlockedAndNotWithoutLimits(String document) throws Exception {
        put(Kind.BUDGET, "bad", "{'rpm_limit':'many'}");
        put(Kind.KEY, "k", document);
        assertThat(book.key("k").blocked()).isTrue();
        assertThat(book.key("k").limits().budgetNanos()).isZero();
        put(Kind.KEY, "k", "{'models':[]}");
        assertThat(book.key("k").blocked()).isFalse();
        assertThat(book.key("k").limits()).isSameAs(Limits.UNLIMITED);
    }

    @Test
    void aModelsRatesMayStandInItsBudget() throws Exception {
        put(Kind.KEY, "k", """
                {'model_max_budget':{'o3':{'budget_limit':2,'rpm_limit':4,'tpm_limit':500},'gpt-4o':{'rpm_limit':7,'tpm_limit':8}},
                 'model_rpm_limit':{'gpt-4o':5}}""");
        assertThat(book.key("k").limits().models())
                .isEqualTo(Map.of(
                        "o3", new Limits(2 * DOLLAR, -1, null, 4, 500, -1, Map.of()),
                        "gpt-4o", new Limits(-1, -1, null, 5, 8, -1, Map.of())));
    }

    @Test
    void keysOfTheConfigurationAreKeysToo() {
        assertThat(book.hasKeys()).isFalse();
        book.fix(Map.of("k", new JsonObject().put("rpm_limit", 1)));
        await().atMost(Duration.ofSeconds(60)).until(book::hasKeys);
    }

    @Test
    void twoWindowsOfOneLengthAreOneWithTheSmallerBudget() throws Exception {
        put(
                Kind.KEY,
                "k",
                "{'budget_limits':[{'budget_duration':'1d','max_budget':10},{'budget_duration':'1d','max_budget':5},"
                        + "{'budget_duration':'1h','max_budget':1}]}");
        assertThat(book.key("k").limits().windows())
                .extracting(Limits.Window::budgetNanos)
                .containsExactly(5_000_000_000L, 1_000_000_000L);
    }

    @Test
    void endUsersAndLabelsWithLimitsConcernEveryone() throws Exception {
        put(Kind.CUSTOMER, "c", "{'alias':'shop'}");
        assertThat(book.limitsEveryone()).isFalse();
        put(Kind.CUSTOMER, "c", "{'blocked':true}");
        assertThat(book.limitsEveryone()).isTrue();
        put(Kind.CUSTOMER, "c", "{}");
        assertThat(book.limitsEveryone()).isFalse();
        put(Kind.CUSTOMER, "c", "{'allowed_model_region':'eu'}");
        assertThat(book.limitsEveryone()).isTrue();
        put(Kind.CUSTOMER, "c", "{}");
        put(Kind.BUDGET, "b", "{}");
        put(Kind.TAG, "blue", "{'budget_id':'b'}");
        assertThat(book.limitsEveryone()).isFalse();
        put(Kind.BUDGET, "b", "{'tpm_limit':1}");
        assertThat(book.limitsEveryone()).isTrue();
        assertThat(book.tag("blue").limits().tpm()).isOne();
        book.write(List.of(Change.delete(book.entry(Kind.TAG, "blue").orElseThrow())));
        assertThat(book.limitsEveryone()).isFalse();
    }

    @Test
    void aStaleChangeBringsWhatTheOtherWrote() throws Exception {
        put(Kind.USER, "u", "{'user_role':'proxy_admin'}");
        Entry mine = book.entry(Kind.USER, "u").orElseThrow();
        StoredBook other = open();
        other.write(List.of(Change.update(mine, new JsonObject().put("blocked", true))));
        other.close();
        assertThat(book.user("u").blocked()).isFalse();
        assertThatThrownBy(() -> book.write(List.of(Change.update(mine, new JsonObject()))))
                .isInstanceOf(Book.Stale.class);
        assertThat(book.user("u").blocked()).isTrue();
        put(Kind.USER, "u", "{'user_alias':'Anna'}");
        assertThat(book.user("u").alias()).isEqualTo("Anna");
    }

    @Test
    void whatAnotherWroteBeforeOursIsNotMissed() throws Exception {
        StoredBook other = open();
        other.write(List.of(Change.create(Kind.TEAM, "theirs", new JsonObject())));
        put(Kind.TEAM, "ours", "{}");
        assertThat(book.team("theirs")).isNotNull();
        other.close();
    }

    /** Its deletion is not told of any more, as after many days of sleep. */
    @Test
    void whoeverHasNotLookedForLongReadsAllAnew() throws Exception {
        AtomicLong now = new AtomicLong(1_767_225_600_000L);
        put(Kind.TEAM, "old", "{}");
        StoredBook sleeper = new StoredBook(
                () -> SqliteDefinitions.open(data.resolve("tollgate.db")),
                new BookCopy(data.resolve("copy.json"), "here"),
                () -> Instant.ofEpochMilli(now.get()),
                new NoPeers("", ""));
        sleeper.start(() -> {});
        await().atMost(Duration.ofSeconds(60)).until(() -> sleeper.team("old") != null);
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("tollgate.db"));
                var statement = connection.createStatement()) {
            statement.execute("DELETE FROM definitions");
        }
        put(Kind.TEAM, "new", "{}");
        await().atMost(Duration.ofSeconds(60)).until(() -> sleeper.team("new") != null);
        assertThat(sleeper.team("old")).isNotNull();
        now.addAndGet(Duration.ofDays(2).toMillis());
        await().atMost(Duration.ofSeconds(60)).until(() -> sleeper.team("old") == null);
        assertThat(sleeper.team("new")).isNotNull();
        sleeper.close();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {"\"\"", "a\0b", "\uD800", "513"})
    void idsThatAStoreCouldNotKeepAreRefused(String id) {
        String written = id.equals("513") ? "ü".repeat(257) : id;
        assertThatThrownBy(() -> book.write(List.of(Change.create(Kind.TEAM, written, new JsonObject()))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aHundredThousandKeysFitAndLoadSoon() throws Exception {
        int keys = 100_000;
        for (int from = 0; from < keys; from += 10_000) {
            List<Change> changes = new ArrayList<>();
            for (int i = from; i < from + 10_000; i++) {
                changes.add(Change.create(Kind.KEY, "%064x".formatted(i), generated(i)));
            }
            book.write(changes);
        }
        book.close();
        book = null;
        long before = used();
        long began = System.nanoTime();
        book = open();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        long megabytes = (used() - before) >> 20;
        System.out.printf("%d keys: loaded in %d ms, %d MB%n", keys, millis, megabytes);
        assertThat(megabytes).isLessThan(150);
        assertThat(book.entries(Kind.KEY)).hasSize(keys);
        assertThat(book.key("%064x".formatted(keys - 1)).alias()).isEqualTo("alias-99999");
    }

    private static JsonObject generated(int i) {
        return new JsonObject()
                .put("token", "%064x".formatted(i))
                .put("key_name", "sk-...%04d".formatted(i % 10_000))
                .put("key_alias", "alias-" + i)
                .put("models", List.of("gpt-4o", "gpt-4o-mini"))
                .put("user_id", "user-" + i % 5_000)
                .put("team_id", "team-" + i % 200)
                .put("max_budget", 10.5)
                .put("budget_duration", "30d")
                .put("rpm_limit", 100)
                .put("metadata", new JsonObject().put("tags", List.of("blue")))
                .put("created_at", "2026-01-31T12:00:00Z")
                .put("updated_at", "2026-01-31T12:00:00Z")
                .put("created_by", "default_user_id")
                .put("updated_by", "default_user_id");
    }

    private static long used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
