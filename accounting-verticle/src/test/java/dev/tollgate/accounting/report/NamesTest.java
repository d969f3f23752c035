package dev.tollgate.accounting.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Change;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.StoredBook;
import dev.tollgate.accounting.ledger.SqliteDefinitions;
import dev.tollgate.protocol.Query;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamesTest {
    @TempDir
    Path data;

    private StoredBook book;
    private Names names;

    @BeforeEach
    void openBook() throws Exception {
        book = new StoredBook(() -> SqliteDefinitions.open(data.resolve("tollgate.db")), InstantSource.system());
        book.start(() -> {});
        book.known(Duration.ofMinutes(1));
        names = Names.of(book, () -> new BigDecimal("1e1"));
    }

    @AfterEach
    void closeBook() {
        book.close();
    }

    private void put(Kind kind, String id, String document) throws Exception {
        book.write(List.of(Change.create(kind, id, new JsonObject(document.replace('\'', '"')))));
    }

    @Test
    void aCallCountsForTheOrganizationOfItsKeyElseOfItsTeam() throws Exception {
        put(Kind.TEAM, "t", "{'organization_id':'of-team'}");
        put(Kind.KEY, "own", "{'organization_id':'of-key','account':'before','former':['before','earlier']}");
        put(Kind.KEY, "plain", "{'team_id':'t'}");
        Names.Organizations organizations = names.organizations();
        assertThat(organizations.of("own", "t")).isEqualTo("of-key");
        assertThat(organizations.of("earlier", "t"))
                .as("before it was regenerated")
                .isEqualTo("of-key");
        assertThat(organizations.of("plain", "t")).isEqualTo("of-team");
        assertThat(organizations.of("deleted", "t")).isEqualTo("of-team");
        assertThat(organizations.of("plain", "")).isNull();
    }

    @Test
    void aKeyThatWasRegeneratedIsFoundUnderAllItsHashes() throws Exception {
        put(Kind.KEY, "now", "{'key_alias':'a','account':'first','former':['first','second']}");
        put(Kind.KEY, "second", "{'key_alias':'a','account':'first','successor':'now'}");
        assertThat(List.of("first", "second", "now", "other").stream().map(names.presentKeys()))
                .containsExactly("now", "now", "now", "other");
    }

    @Test
    void aBudgetIsAPlainNumberHoweverItWasWritten() throws Exception {
        put(Kind.KEY, "k", "{'max_budget':2000}");
        put(Kind.KEY, "without", "{}");
        assertThat(names.budget(new Holder(Kind.KEY, "k"))).hasToString("2000.0");
        assertThat(names.budget(new Holder(Kind.KEY, "without"))).isNull();
        assertThat(names.budget(Holder.ALL)).hasToString("10.0");
    }

    @Test
    void ofAKeyAndAUserIsToldWhatTheyAre() throws Exception {
        put(Kind.KEY, "k", "{'user_id':'anna','team_id':'t','blocked':true,'expires':'2026-03-01T00:00:00Z'}");
        put(Kind.USER, "anna", "{'user_role':'internal_user_viewer'}");
        assertThat(names.facts(new Holder(Kind.KEY, "k")).encode())
                .isEqualTo("{\"user_id\":\"anna\",\"team_id\":\"t\",\"organization_id\":null,\"blocked\":true,"
                        + "\"expires\":\"2026-03-01T00:00:00Z\"}");
        assertThat(names.facts(new Holder(Kind.USER, "anna")).encode())
                .isEqualTo("{\"user_role\":\"internal_user_viewer\"}");
        assertThat(names.facts(new Holder(Kind.KEY, "deleted"))).isEmpty();
    }

    @Test
    void anOrganizationIsSeenByThoseWhoManageItAndByThoseWhoSeeEverything() throws Exception {
        put(Kind.ORGANIZATION_MEMBER, "o\nanna", "{'organization_id':'o','user_id':'anna','user_role':'org_admin'}");
        put(Kind.ORGANIZATION_MEMBER, "o\nbert", "{'organization_id':'o','user_id':'bert'}");
        assertThat(names.seesOrganization(Query.Scope.ALL, "o")).isTrue();
        assertThat(names.seesOrganization(new Query.Scope("anna", null), "o")).isTrue();
        assertThat(names.seesOrganization(new Query.Scope("anna", null), "p")).isFalse();
        assertThat(names.seesOrganization(new Query.Scope("bert", null), "o")).isFalse();
        assertThat(names.seesOrganization(new Query.Scope(null, "own"), "o")).isFalse();
    }
}
