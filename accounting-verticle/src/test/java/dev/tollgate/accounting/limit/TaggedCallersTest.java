package dev.tollgate.accounting.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Account;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.ModelAccess;
import dev.tollgate.protocol.UserRole;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose budgets a call is charged to by its tags, whoever named them. */
class TaggedCallersTest {
    private static final Caller CALLER = new Caller(
            "hash", null, null, null, null, UserRole.INTERNAL_USER, ModelAccess.ALL, List.of(), List.of("ci", "eu"));

    private static Envelope asking(String... tags) {
        return new Envelope(
                "chat",
                null,
                1,
                true,
                false,
                false,
                null,
                0,
                null,
                List.of(tags),
                List.of(),
                List.of(),
                Envelope.Overrides.NONE);
    }

    @ParameterizedTest
    @CsvSource({"'', ci eu", "ci, ci eu", "eu night, eu night ci", "ci eu, ci eu"})
    void aCallCarriesTheClientsTagsAndItsKeysEachOnce(String written, String carried) {
        Envelope asked = written.isEmpty() ? asking() : asking(written.split(" "));
        assertThat(asked.tagged(CALLER.tags()).tags()).containsExactly(carried.split(" "));
    }

    @Test
    void withoutTagsOfTheKeyNothingIsCopied() {
        Envelope asked = asking("night");
        assertThat(asked.tagged(Caller.ANYONE.tags())).isSameAs(asked);
        assertThat(asked.tagged(List.of("night"))).isSameAs(asked);
    }

    @ParameterizedTest
    @CsvSource({"ci", "ci ci", "eu", "''"})
    void aTagsBudgetIsChargedOnceWhoeverNamesIt(String written) {
        Gate accounts = new Gate();
        accounts.keys.put(
                "hash",
                new Account.Key(
                        "hash",
                        "hash",
                        null,
                        null,
                        null,
                        null,
                        List.of(),
                        Map.of(),
                        List.of(),
                        List.of("ci", "eu"),
                        0,
                        false,
                        Limits.UNLIMITED));
        for (String tag : List.of("ci", "eu")) {
            accounts.tags.put(tag, new Account.Tag(tag, AdmissionsTest.budget(5)));
        }
        Envelope asked = (written.isEmpty() ? asking() : asking(written.split(" "))).tagged(CALLER.tags());

        List<Party> charged =
                new Parties(accounts).of(CALLER, null, asked.tags(), "chat").parties();

        assertThat(charged)
                .extracting(Party::holder)
                .filteredOn(holder -> holder.kind() == Kind.TAG)
                .containsExactlyInAnyOrder(new Holder(Kind.TAG, "ci"), new Holder(Kind.TAG, "eu"));
    }
}
