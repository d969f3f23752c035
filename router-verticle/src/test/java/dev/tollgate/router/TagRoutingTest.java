package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Failure;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TagRoutingTest {
    private static final Deployment[] GROUP = {
        Fixtures.tagged("free", "free"),
        Fixtures.tagged("paid", "paid", "eu"),
        Fixtures.tagged("usual", "default"),
        Fixtures.deployment("bare")
    };

    private static Rig rig(boolean enabled, boolean matchAny, Deployment... group) {
        return new Rig(
                Fixtures.settings(
                        "simple-shuffle", 0, Map.of(), new RouterSettings.Tags(enabled, matchAny), Map.of(), Map.of()),
                group);
    }

    /** Every deployment that sixty draws lead to. */
    private static Set<String> used(Rig rig, String tags) {
        String[] each = tags == null ? new String[0] : tags.split(" ");
        for (int i = 0; i < 60; i++) {
            rig.route(each);
        }
        return new TreeSet<>(rig.providers.asked);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "true, free, free",
                "true, eu, paid",
                "true, free eu, free paid",
                "true, free other, free",
                "false, paid eu, paid",
                "false, free eu, usual",
                "true, other, usual",
                "true, none, usual",
                "true, &paid, paid",
                "true, &paid free, none",
                "true, free eu !paid, free",
                "true, !default, none"
            })
    void leadToTheirDeploymentsElseToTheDefaultOnes(boolean matchAny, String tags, String expected) {
        assertThat(used(rig(true, matchAny, GROUP), tags))
                .isEqualTo(expected == null ? Set.of() : Set.of(expected.split(" ")));
    }

    @Test
    void meanNothingUntilSwitchedOn() {
        assertThat(used(rig(false, true, GROUP), "free")).hasSize(4);
    }

    @Test
    void withoutTagsAndWithoutDefaultsAllServe() {
        assertThat(used(rig(true, true, GROUP[0], GROUP[1]), null)).containsExactly("free", "paid");
    }

    @Test
    void theDefaultOnesStandInWhileTheTaggedOnesCool() {
        Rig rig = rig(true, true, GROUP);
        rig.board.cool("free", rig.now + 1);
        assertThat(used(rig, "free")).containsExactly("usual");
    }

    @Test
    void thatLeadNowhereAreRefusedAsLitellmDoes() {
        Failure failure = Rig.refusal(rig(true, true, GROUP[0], GROUP[1]).route("other"));
        assertThat(failure.status()).isEqualTo(401);
        assertThat(failure.message())
                .isEqualTo("Not allowed to access model due to tags configuration. Passed model=group and tags="
                        + List.of("other"));
    }
}
