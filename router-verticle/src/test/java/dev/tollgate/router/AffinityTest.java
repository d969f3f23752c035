package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.RouterSettings.Affinity;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Caller;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Surface;
import io.vertx.core.buffer.Buffer;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Calls that belong together. */
class AffinityTest {
    private static final List<Deployment> FIVE = List.of(
            Fixtures.deployment("a"),
            Fixtures.deployment("b"),
            Fixtures.deployment("c"),
            Fixtures.deployment("d"),
            Fixtures.deployment("e"));

    private static dev.tollgate.router.Affinity by(Affinity... kinds) {
        return new dev.tollgate.router.Affinity(settings(Map.of(), kinds));
    }

    private static RouterSettings.Choosing settings(Map<String, Set<Affinity>> groups, Affinity... kinds) {
        return new RouterSettings.Choosing(false, false, Set.of(kinds), groups, false, Map.of(), null, false);
    }

    private static Call call(@Nullable String session, @Nullable String key, String body) {
        Envelope envelope = new Envelope(
                "group",
                null,
                1,
                true,
                false,
                false,
                null,
                0,
                null,
                List.of(),
                List.of(),
                List.of(),
                Envelope.Overrides.NONE,
                new Envelope.Marks(session, null, null));
        Caller caller = Caller.ofKey(key, List.of());
        return new Call("call", Surface.CHAT, caller, envelope, Map.of(), Buffer.buffer(body), 0);
    }

    @Test
    void sessionsAreSpreadEvenlyAndOnlyThoseOfALostDeploymentMove() {
        var affinity = by(Affinity.SESSION);
        Map<String, Double> shares = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            Call call = call("session-" + i, null, "");
            String home = affinity.bound(FIVE, call).id();
            shares.merge(home, 1e-4, Double::sum);
            assertThat(affinity.bound(FIVE.reversed(), call).id()).isEqualTo(home);
            String without = affinity.bound(FIVE.subList(1, 5), call).id();
            assertThat(without).isEqualTo(home.equals("a") ? without : home);
        }
        assertThat(shares.values())
                .hasSize(5)
                .allSatisfy(share -> assertThat(share).isCloseTo(0.2, within(0.02)));
    }

    @Test
    void weightsAreKept() {
        List<Deployment> weighted = List.of(
                Fixtures.weighted("a", 3.0, null),
                Fixtures.weighted("b", 1.0, null),
                Fixtures.weighted("z", 0.0, null));
        int a = 0;
        for (int i = 0; i < 10_000; i++) {
            String home = by(Affinity.SESSION)
                    .bound(weighted, call("s" + i, null, ""))
                    .id();
            assertThat(home).isNotEqualTo("z");
            a += home.equals("a") ? 1 : 0;
        }
        assertThat(a / 10_000.0).isCloseTo(0.75, within(0.02));
    }

    @Test
    void eachKindGoesByItsOwnMarkAndTheSessionComesFirst() {
        Call plain = call(null, null, "");
        Call keyed = call(null, "key", "");
        Call both = call("s", "key", "");
        for (Affinity kind : EnumSet.allOf(Affinity.class)) {
            assertThat(by(kind).bound(FIVE, plain)).isNull();
        }
        assertThat(by().bound(FIVE, both)).isNull();
        assertThat(by(Affinity.SESSION).bound(FIVE, keyed)).isNull();
        assertThat(by(Affinity.DEPLOYMENT).bound(FIVE, both))
                .isEqualTo(by(Affinity.DEPLOYMENT).bound(FIVE, keyed));
        assertThat(by(Affinity.DEPLOYMENT, Affinity.SESSION).bound(FIVE, both))
                .isEqualTo(by(Affinity.SESSION).bound(FIVE, both));
        var grouped = new dev.tollgate.router.Affinity(
                settings(Map.of("group", Set.of(Affinity.DEPLOYMENT)), Affinity.SESSION));
        assertThat(grouped.bound(FIVE, both))
                .as("the group's own")
                .isEqualTo(by(Affinity.DEPLOYMENT).bound(FIVE, both));
        assertThat(by(Affinity.SESSION).bound(FIVE.subList(0, 1), both))
                .as("no choice")
                .isNull();
    }

    @Test
    void promptsWithTheSameCacheableBeginningStayTogether() {
        var affinity = by(Affinity.PROMPT_CACHING);
        Set<String> homes = new TreeSet<>();
        for (int i = 0; i < 50; i++) {
            String system = "{\"system\":[{\"text\":\"" + "rule ".repeat(1000) + i % 10 + "\",\"cache_control\":{}}]";
            Deployment home = affinity.bound(FIVE, call(null, null, system + ",\"q\":\"" + i + "\"}"));
            assertThat(home)
                    .isEqualTo(
                            affinity.bound(FIVE, call(null, null, system + ",\"q\":\"other\",\"cache_control\":1}")));
            homes.add(home.id());
        }
        assertThat(homes).as("different beginnings").hasSizeGreaterThan(2);
        assertThat(affinity.bound(FIVE, call(null, null, "{\"system\":\"short\",\"cache_control\":{}}")))
                .isNull();
        assertThat(affinity.bound(FIVE, call(null, null, "{\"system\":\"" + "cache_contro ".repeat(1000) + "\"}")))
                .isNull();
    }

    @Test
    void aSessionLeavesADeploymentThatCannotBeUsedAndComesBack() {
        Rig rig = new Rig(
                Fixtures.choosing("least-busy", settings(Map.of(), Affinity.SESSION)), FIVE.toArray(Deployment[]::new));
        Call call = call("one", null, "{}");
        String home = rig.router.route(call).result().route().deploymentId();
        for (int i = 0; i < 20; i++) {
            assertThat(rig.router.route(call).result().route().deploymentId()).isEqualTo(home);
        }
        assertThat(rig.router.route(call).result().route().attempts().getFirst().chosenBy())
                .isEqualTo("affinity");
        rig.board.cool(home, rig.now + 1000);
        String away = rig.router.route(call).result().route().deploymentId();
        assertThat(away).isNotEqualTo(home);
        assertThat(rig.router.route(call).result().route().deploymentId()).isEqualTo(away);
        rig.now += 1001;
        assertThat(rig.router.route(call).result().route().deploymentId()).isEqualTo(home);
    }
}
