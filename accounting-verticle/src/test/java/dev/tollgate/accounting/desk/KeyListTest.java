package dev.tollgate.accounting.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.UserRole;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys are called by the letters of their aliases; a is the oldest. */
class KeyListTest {
    private static final Caller TOM = Counter.user("tom");
    private static final Caller ALICE = Counter.user("alice");

    private final Counter counter = new Counter();

    @BeforeEach
    void some() {
        counter.ok("POST /user/new", "{'user_id': 'alice', 'user_email': 'alice@x.org', 'auto_create_key': false}");
        counter.ok("POST /organization/new", "{'organization_id': 'o', 'organization_alias': 'O'}");
        counter.ok(
                "POST /team/new",
                "{'team_id': 't', 'members_with_roles': [{'user_id': 'tom', 'role': 'admin'}, {'user_id': 'alice', 'role': 'user'}]}");
        key(Counter.MASTER, "a", "'user_id': 'alice', 'max_budget': 5");
        key(Counter.MASTER, "b", "'user_id': 'bob', 'duration': '30m'");
        key(Counter.MASTER, "c", "'team_id': 't', 'max_budget': 10, 'blocked': true");
        key(Counter.MASTER, "d", "'organization_id': 'o'");
        key(TOM, "e", "'team_id': 't', 'user_id': 'alice'");
        counter.spent.put(new Holder(Kind.KEY, hash("c")), 9L);
        counter.spent.put(new Holder(Kind.KEY, hash("a")), 3L);
        counter.now = counter.now.plus(Duration.ofHours(1));
    }

    @AfterEach
    void close() {
        counter.close();
    }

    private static String hash(String alias) {
        return Keys.hash("sk-the-key-called-" + alias);
    }

    private void key(Caller maker, String alias, String fields) {
        counter.now = counter.now.plusSeconds(1);
        counter.ok(
                maker,
                "POST /key/generate",
                "{'key': 'sk-the-key-called-" + alias + "', 'key_alias': '" + alias + "', " + fields + "}");
    }

    private String listed(Caller caller, String parameters) {
        JsonArray keys = counter.ok(caller, "GET /key/list?return_full_object=true&" + parameters, null)
                .getJsonArray("keys");
        List<String> aliases = new ArrayList<>();
        keys.forEach(key -> aliases.add(((JsonObject) key).getString("key_alias")));
        return String.join("", aliases);
    }

    @ParameterizedTest
    @CsvSource({
        "page=1, edcba",
        "user_id=alice, ea",
        "user_id=LIC&substring_matching=true, ea",
        "user_id=LIC, ''",
        "team_id=t, ec",
        "organization_id=o, d",
        "key_alias=A&substring_matching=true, a",
        "key_alias=A, ''",
        "key_hash=sk-the-key-called-b, b",
        "search=BOB, b",
        "status=active, eda",
        "status=expired, b",
        "status=revoked, c",
        "status=deleted, ''",
        "expires=expired, b",
        "expires=active, edca",
        "expires=active&status=revoked, c",
        "project_id=p, ''",
        "agent_id=g&team_id=t, ''",
        "user_id=tom&include_created_by_keys=true, e",
        "sort_order=asc, edcba",
        "sort_by=spend&size=2, ca",
        "sort_by=spend&sort_order=asc&size=3&page=2, ac",
        "sort_by=max_budget&size=2, ca",
        "sort_by=max_budget&sort_order=ASC&size=2, ac",
        "sort_by=key_alias&sort_order=asc, abcde",
        "sort_by=user_id&size=1, b",
        "sort_by=expires&sort_order=asc&size=1, b",
        "sort_by=created_at&size=2&page=2, cb",
    })
    void aListHasTheKeysAndTheOrderThatWereAskedFor(String parameters, String expected) {
        assertThat(listed(Counter.MASTER, parameters)).isEqualTo(expected);
    }

    @Test
    void nobodyListsMoreThanTheyMaySee() {
        assertThat(listed(ALICE, "page=1")).isEqualTo("ea");
        assertThat(listed(ALICE, "user_id=alice&include_team_keys=true&include_created_by_keys=true"))
                .isEqualTo("ea");
        assertThat(listed(ALICE, "search=b")).isEmpty();
        assertThat(listed(ALICE, "status=revoked&team_id=t")).isEmpty();
        assertThat(listed(TOM, "page=1")).isEmpty();
        assertThat(listed(TOM, "include_team_keys=true")).isEqualTo("ec");
        assertThat(listed(TOM, "include_created_by_keys=true")).isEqualTo("e");
        assertThat(listed(Counter.user("vera", UserRole.PROXY_ADMIN_VIEWER), "page=1"))
                .isEqualTo("edcba");
        assertThat(counter.refusal(ALICE, "GET /key/list?user_id=bob&include_created_by_keys=true", null))
                .startsWith("403 auth_error You are not allowed to list the keys of user_id=bob");
        counter.ok("POST /team/member_update", "{'team_id': 't', 'user_id': 'tom', 'role': 'user'}");
        assertThat(listed(TOM, "include_created_by_keys=true"))
                .as("nor who manages it no longer what they made for others")
                .isEmpty();
        counter.ok("POST /team/member_delete", "{'team_id': 't', 'user_id': 'tom'}");
        assertThat(listed(TOM, "include_created_by_keys=true"))
                .as("who has left a team does not see what they made in it")
                .isEmpty();
    }

    @Test
    void anExpandedListShowsWhoseEachKeyIs() {
        JsonArray all = counter.ok("GET /key/list?expand=user&sort_by=key_alias&sort_order=asc", null)
                .getJsonArray("keys");
        assertThat(all.getJsonObject(0).getJsonObject("user").getString("user_email"))
                .isEqualTo("alice@x.org");
        assertThat(all.getJsonObject(0).getJsonObject("user").containsKey("spend"))
                .isTrue();
        assertThat(all.getJsonObject(2).getValue("user")).as("of nobody").isNull();
        JsonArray toms =
                counter.ok(TOM, "GET /key/list?expand=user&team_id=t", null).getJsonArray("keys");
        assertThat(toms.getJsonObject(0).getJsonObject("user"))
                .isEqualTo(
                        new JsonObject("{\"user_id\":\"alice\",\"user_alias\":null,\"user_email\":\"alice@x.org\"}"));
    }

    @ParameterizedTest
    @CsvSource({"sort_by, password", "sort_order, up", "status, gone", "expires, soon"})
    void aParameterThatCannotBeIsRefusedByItsName(String name, String value) {
        assertThat(counter.refusal(Counter.MASTER, "GET /key/list?" + name + "=" + value, null))
                .startsWith("400 bad_request_error Invalid");
    }
}
