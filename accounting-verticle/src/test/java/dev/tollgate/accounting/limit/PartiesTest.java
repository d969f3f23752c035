package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.config.BudgetSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.ModelAccess;
import dev.tollgate.protocol.UserRole;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose limits a call must keep is found once for all calls that are alike. */
class PartiesTest {
    private final Gate accounts = new Gate();
    private final Parties parties = new Parties(accounts);

    private static Caller caller(String key, String team) {
        return new Caller(key, null, "ann", team, null, UserRole.INTERNAL_USER, ModelAccess.ALL, List.of(), List.of());
    }

    private static Account.Key key(String hash, int rpm) {
        Limits limits = new Limits(Limits.NONE, Limits.NONE, null, rpm, Limits.NONE, Limits.NONE, Map.of());
        return new Account.Key(
                hash, hash, null, null, null, null, List.of(), Map.of(), List.of(), List.of(), 0, false, limits);
    }

    @BeforeEach
    void oneKey() {
        accounts.silent();
        accounts.keys.put("a", key("a", 1));
    }

    private List<Party> of(Caller caller, @Nullable String endUser, List<String> tags, String model) {
        return parties.of(caller, endUser, tags, model).parties();
    }

    private long rpm(String key) {
        return of(caller(key, "t"), null, List.of(), "chat").getFirst().limits().rpm();
    }

    @Test
    void callsThatAreAlikeHaveTheSameOnes() {
        List<Party> first = of(caller("a", "t"), "visitor", List.of("ci"), "chat");
        assertThat(of(caller("a", "t"), "visitor", List.of("ci"), "chat")).isSameAs(first);
    }

    @Test
    void whateverDecidesWhoseLimitsTheyAreTellsCallsApart() {
        accounts.keys.put("b", key("b", 2));
        accounts.teams.put(
                "u",
                new Account.Team(
                        "u", null, null, List.of(), Map.of(), false, Limits.UNLIMITED, Limits.UNLIMITED, List.of()));
        accounts.customers.put(
                "visitor", new Account.Customer("visitor", null, List.of(), null, null, false, Limits.UNLIMITED));
        accounts.tags.put("ci", new Account.Tag("ci", Limits.UNLIMITED));
        assertThat(rpm("a")).isEqualTo(1);
        assertThat(rpm("b")).isEqualTo(2);
        assertThat(of(caller("a", "u"), null, List.of(), "chat"))
                .extracting(Party::holder)
                .contains(new Holder(Kind.TEAM, "u"));
        assertThat(of(caller("a", "t"), "visitor", List.of(), "chat"))
                .extracting(Party::holder)
                .contains(new Holder(Kind.CUSTOMER, "visitor"));
        assertThat(of(caller("a", "t"), null, List.of("ci"), "chat"))
                .extracting(Party::holder)
                .contains(new Holder(Kind.TAG, "ci"));
    }

    @Test
    void soDoesTheModel() {
        Limits one = key("a", 5).limits();
        Limits limits =
                new Limits(Limits.NONE, Limits.NONE, null, Limits.NONE, Limits.NONE, Limits.NONE, Map.of("dear", one));
        accounts.keys.put(
                "a",
                new Account.Key(
                        "a", "a", null, null, null, null, List.of(), Map.of(), List.of(), List.of(), 0, false, limits));
        accounts.changed();
        for (String model : List.of("cheap", "dear", "cheap")) {
            assertThat(of(caller("a", "t"), null, List.of(), model).stream()
                            .anyMatch(party -> party.holder().equals(Holder.model("a", "dear"))))
                    .as(model)
                    .isEqualTo(model.equals("dear"));
        }
    }

    @Test
    void aChangeOfAccountsHoldsForTheNextCall() {
        assertThat(rpm("a")).isEqualTo(1);
        accounts.keys.put("a", key("a", 7));
        accounts.changed();
        assertThat(rpm("a")).isEqualTo(7);
    }

    @Test
    void soDoesAChangeOfTheFile() {
        Party before = of(caller("a", "t"), null, List.of(), "chat").getLast();
        assertThat(before.holder()).isEqualTo(Holder.ALL);
        assertThat(before.budgeted()).isFalse();
        BudgetSettings settings = Snapshot.EMPTY.general().budgets();
        parties.configured(settings);
        assertThat(of(caller("a", "t"), null, List.of(), "chat").getLast()).isNotSameAs(before);
    }

    @Test
    void whatClientsChooseIsNotRememberedWithoutEnd() {
        List<Party> first = of(caller("a", "t"), "0", List.of(), "chat");
        for (int i = 1; i <= 1_024; i++) {
            of(caller("a", "t"), Integer.toString(i), List.of(), "chat");
        }
        assertThat(of(caller("a", "t"), "0", List.of(), "chat"))
                .isEqualTo(first)
                .isNotSameAs(first);
    }

    @Test
    void norIsWhatTheyWriteAtLength() {
        String model = "m".repeat(1_001);
        List<Party> first = of(caller("a", "t"), null, List.of(), model);
        assertThat(of(caller("a", "t"), null, List.of(), model))
                .isEqualTo(first)
                .isNotSameAs(first);
        List<String> nothings = Collections.nCopies(1_000, "");
        List<Party> many = of(caller("a", "t"), null, nothings, "chat");
        assertThat(of(caller("a", "t"), null, nothings, "chat")).isNotSameAs(many);
    }

    @Test
    void aPartyLooksItsPurseAndItsMinuteUpOnce() {
        Counters counters = new Counters();
        Party key = of(caller("a", "t"), null, List.of(), "chat").getFirst();
        assertThat(key.purse(counters)).isSameAs(counters.purse(key.holder())).isSameAs(key.purse(counters));
        assertThat(key.window(counters)).isSameAs(counters.window(key.holder())).isSameAs(key.window(counters));
    }
}
