package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Envelope;
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
                        "simple-shuffle",
                        0,
                        Map.of(),
                        new RouterSettings.Tags(enabled, matchAny, ""),
                        Map.of(),
                        Map.of()),
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

    private static Deployment recognising(String id, List<String> tags, String... patterns) {
        return Fixtures.in(
                "group",
                id,
                new Deployment.Routing(
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        tags,
                        new Deployment.Fit(null, null, null, List.of(patterns))));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "true, claude-code/1.2, none, agent",
                "true, claude-code/1.2, free, agent free",
                "true, curl/8, none, usual",
                "true, none, none, usual",
                "true, curl/8, free, free",
                "false, my-tool/2, paid, tool",
                "false, my-tool/2, other, usual",
                "true, claude-code/1.2, !free, agent",
                "true, claude-code/1.2, route:!free, agent",
                "true, curl/8, route:free, free"
            })
    void aClientIsRecognisedByItsUserAgentAndPrefixesAreTakenOff(
            boolean matchAny, String userAgent, String tag, String expected) {
        Rig rig = new Rig(
                Fixtures.settings(
                        "simple-shuffle",
                        0,
                        Map.of(),
                        new RouterSettings.Tags(true, matchAny, "route:"),
                        Map.of(),
                        Map.of()),
                recognising("agent", List.of(), "^User-Agent: claude-code/"),
                recognising("tool", List.of("paid"), "tool/\\d"),
                GROUP[0],
                GROUP[2]);
        Call plain = Fixtures.call(
                "group", false, Envelope.Overrides.NONE, List.of(), tag == null ? List.of() : List.of(tag));
        Envelope e = plain.envelope();
        Envelope marked = new Envelope(
                e.model(),
                null,
                1,
                true,
                false,
                false,
                null,
                0,
                null,
                e.tags(),
                List.of(),
                List.of(),
                e.overrides(),
                new Envelope.Marks(null, null, userAgent));
        for (int i = 0; i < 60; i++) {
            rig.router.route(new Call("call", plain.surface(), plain.caller(), marked, Map.of(), plain.body(), 0));
        }
        assertThat(new TreeSet<>(rig.providers.asked)).containsExactlyInAnyOrder(expected.split(" "));
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
