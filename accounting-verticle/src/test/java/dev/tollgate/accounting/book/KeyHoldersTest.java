package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.ledger.SqliteDefinitions;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.ProviderCatalog;
import dev.tollgate.protocol.Authentication;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.UserRole;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyHoldersTest {
    private static final Instant END = Instant.parse("2026-01-31T12:00:00Z");

    @TempDir
    Path data;

    private Instant now = END.minusSeconds(1);
    private StoredBook book;
    private KeyHolders holders;

    @BeforeEach
    void openBook() throws InterruptedException {
        book = new StoredBook(() -> SqliteDefinitions.open(data.resolve("tollgate.db")), () -> now);
        holders = new KeyHolders(book, () -> now);
        assertThat(refusal("k").kind()).as("before anything is loaded").isEqualTo(FailureKind.OVERLOADED);
        CountDownLatch readable = new CountDownLatch(1);
        book.start(readable::countDown);
        assertThat(readable.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @AfterEach
    void closeBook() {
        book.close();
    }

    /** Kind, id and document of each entry. */
    private void write(String... entries) throws Book.Stale, Book.Unavailable {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < entries.length; i += 3) {
            Kind kind = Kind.named(entries[i]).orElseThrow();
            String id = entries[i + 1];
            JsonObject document = new JsonObject(entries[i + 2].replace('\'', '"'));
            changes.add(book.entry(kind, id)
                    .map(entry -> Change.update(entry, document))
                    .orElseGet(() -> Change.create(kind, id, document)));
        }
        book.write(changes);
    }

    private Caller caller(String hash) {
        return holders.apply(hash) instanceof Authentication.Known known ? known.caller() : null;
    }

    private Failure refusal(String hash) {
        return ((Authentication.Refused) holders.apply(hash)).failure();
    }

    @Test
    void anUnknownKeyIsToldByItsHash() {
        Failure failure = refusal("abc");
        assertThat(failure.status()).isEqualTo(401);
        assertThat(failure.shownType()).isEqualTo("token_not_found_in_db");
        assertThat(failure.param()).isEqualTo("key");
        assertThat(failure.message())
                .contains(
                        "Invalid proxy server token passed",
                        "Key Hash (Token) =abc",
                        "Unable to find token in cache or `LiteLLM_VerificationTokenTable`");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{}                              | INTERNAL_USER        |      ",
                "{'user_id':'viewer'}            | PROXY_ADMIN_VIEWER   |      ",
                "{'user_id':'unknown'}           | INTERNAL_USER        |      ",
                "{'team_id':'t'}                 | TEAM                 | acme ",
                "{'team_id':'t','user_id':'viewer'} | PROXY_ADMIN_VIEWER | acme ",
                "{'team_id':'t','user_id':'x','organization_id':'own'} | INTERNAL_USER | own ",
                "{'organization_id':'own'}       | INTERNAL_USER        | own  ",
            })
    void roleAndOrganizationAreThoseOfWhoeverTheKeyBelongsTo(String key, UserRole role, String organization)
            throws Exception {
        write(
                "user",
                "viewer",
                "{'user_role':'proxy_admin_viewer'}",
                "team",
                "t",
                "{'organization_id':'acme'}",
                "key",
                "k",
                key);
        assertThat(caller("k").role()).isEqualTo(role);
        assertThat(caller("k").organizationId()).isEqualTo(organization);
        assertThat(caller("k").keyHash()).isEqualTo("k");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                // key's own fields                                      | its team's | its user's | its organization's
                // | may use | may not, and whose list forbids it
                "''                                                      | []        | []       | []      | a b c            |",
                "'models':['a']                                          | []        | []       | []      | a                | b:key",
                "'models':['all-proxy-models']                           | []        | []       | []      | a b c            |",
                "'models':['no-default-models']                          | []        | []       | []      |                  | a:key",
                "'models':['no-default-models','a']                      | []        | []       | []      | a                | b:key no-default-models:key",
                "'models':['vendor/*','c']                               | []        | []       | []      | vendor/x c       | a:key",
                "'models':['beta']                                       | []        | []       | []      | b c              | a:key",
                "'models':['a'],'aliases':{'fast':'a','slow':'b'}        | []        | []       | []      | a                | slow:key fast:key",
                "'team_id':'t'                                           | ['a','b'] | ['c']    | []      | a b              | c:team",
                "'team_id':'t','models':['all-team-models']              | ['a']     | []       | []      | a                | b:team",
                "'team_id':'t','models':['a','c']                        | ['b','c'] | []       | []      | c                | a:team b:key",
                "'team_id':'t','models':['a'],'aliases':{'fast':'a'}     | ['a']     | []       | ['a']   | a                | b:key fast:key",
                "'team_id':'t'                                           | ['all-proxy-models'] | [] | ['a'] | a              | b:org",
                "'user_id':'u'                                           | []        | ['a']    | []      | a                | b:user",
                "'user_id':'u'                                           | []        | ['no-default-models'] | [] |       | a:user",
                "'team_id':'t','user_id':'u'                             | []        | ['a']    | []      | a b c            |",
                "'organization_id':'o'                                   | []        | []       | ['a']   | a                | b:org",
            })
    void aModelIsAllowedWhenEveryListThatConcernsTheKeyAllowsIt(
            String key, String team, String user, String organization, String may, String mayNot) throws Exception {
        holders.models(
                new ModelTable(List.of(model("a", "{}"), model("b", BETA), model("c", BETA)), Map.of(), Set.of()));
        write(
                "organization",
                "o",
                "{'models':" + organization + "}",
                "team",
                "t",
                "{'organization_id':'o','models':" + team + ",'model_aliases':{'teams':'a'}}",
                "user",
                "u",
                "{'models':" + user + "}",
                "key",
                "k",
                key.startsWith("''") ? "{}" : "{" + key + "}");
        if (may != null) {
            assertThat(may.split(" ")).allMatch(caller("k").models()::allows);
        }
        for (String model : mayNot == null ? new String[0] : mayNot.split(" ")) {
            String[] parts = model.split(":");
            assertThat(caller("k").models().allows(parts[0])).as(parts[0]).isFalse();
            assertThat(caller("k").models().refusal(parts[0]).shownType()).isEqualTo(parts[1] + "_model_access_denied");
        }
    }

    private static final String BETA = "{\"access_groups\":[\"beta\"]}";

    private static Deployment model(String name, String info) {
        return new Deployment(
                name,
                name,
                ProviderCatalog.load().find("openai"),
                name,
                "http://127.0.0.1:1",
                null,
                null,
                null,
                Map.of(),
                Map.of(),
                Deployment.Routing.NONE,
                Map.of(),
                new Deployment.Info(null, null, null, true, info),
                null,
                null);
    }

    @ParameterizedTest
    @CsvSource({"key, k, /key/unblock", "team, t, /team/unblock", "user, u, /user/update"})
    void whoeverIsBlockedIsRefusedFromTheNextCallOn(String kind, String id, String advice) throws Exception {
        String key = "{'team_id':'t','user_id':'u'}";
        write("team", "t", "{}", "user", "u", "{}", "key", "k", key);
        assertThat(caller("k")).isNotNull();
        JsonObject before =
                book.entry(Kind.named(kind).orElseThrow(), id).orElseThrow().document();
        write(kind, id, before.copy().put("blocked", true).encode());
        assertThat(refusal("k").status()).isEqualTo(401);
        assertThat(refusal("k").shownType()).isEqualTo("auth_error");
        assertThat(refusal("k").message()).contains("is blocked", advice);
        write(kind, id, before.encode());
        assertThat(caller("k")).isNotNull().isSameAs(caller("k"));
        book.write(List.of(Change.delete(book.entry(Kind.KEY, "k").orElseThrow())));
        assertThat(refusal("k").shownType()).isEqualTo("token_not_found_in_db");
    }

    @Test
    void aKeyEndsWithItsTimeWithoutAnyChange() throws Exception {
        write("key", "k", "{'expires':'" + END + "'}");
        assertThat(caller("k")).isNotNull();
        now = END;
        assertThat(refusal("k").status()).isEqualTo(401);
        assertThat(refusal("k").shownType()).isEqualTo("expired_key");
        assertThat(refusal("k").message()).contains("Expired Key. Key Expiry time 2026-01-31T12:00:00Z");
    }

    @Test
    void keysOfTheConfigurationHideOthersAndGoWithIt() throws Exception {
        write("key", "k", "{'key_alias':'stored'}");
        book.fix(Map.of("k", new JsonObject().put("config", true).put("key_alias", "file"), "f", new JsonObject()))
                .await();
        write("budget", "b", "{}");
        assertThat(caller("k").keyAlias()).isEqualTo("file");
        assertThat(caller("f")).isNotNull();
        assertThat(book.entries(Kind.KEY)).extracting(Entry::id).containsExactlyInAnyOrder("k", "f");
        book.fix(Map.of("f", new JsonObject().put("budget_id", "b"))).await();
        write("budget", "b", "{'rpm_limit':1}");
        assertThat(book.key("f").limits().rpm()).isOne();
        assertThat(caller("k").keyAlias()).isEqualTo("stored");
        book.fix(Map.of()).await();
        assertThat(refusal("f").shownType()).isEqualTo("token_not_found_in_db");
    }

    @Test
    void tagsAreTheKeysAndThenItsTeamsEachOnce() throws Exception {
        write(
                "team",
                "t",
                "{'metadata':{'tags':['ci','shop']}}",
                "key",
                "k",
                "{'team_id':'t','tags':['night','ci','night']}",
                "key",
                "plain",
                "{}",
                "key",
                "teams",
                "{'team_id':'t'}");
        assertThat(caller("k").tags()).containsExactly("night", "ci", "shop");
        assertThat(caller("teams").tags()).containsExactly("ci", "shop");
        assertThat(caller("plain").tags()).isEmpty();
    }
}
