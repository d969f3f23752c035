package dev.tollgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.AlertSettings;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.DeploymentNews.What;
import dev.tollgate.protocol.FailureKind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What accounting hears about deployments. */
class BulletinTest {
    private static final Deployment A = Fixtures.deployment("a");
    private static final Deployment B = Fixtures.deployment("b");

    private static Rig rig(Deployment... deployments) {
        return new Rig(Fixtures.settings("simple-shuffle", 0, Map.of()), deployments);
    }

    private static void fail(Rig rig, String id, int times) {
        for (int i = 0; i < times; i++) {
            rig.providers.fails(id, Rig.failure(FailureKind.UPSTREAM_ERROR));
        }
    }

    private static List<String> heard(Rig rig) {
        return rig.providers.news.stream()
                .map(each -> each.what() + " " + each.deploymentId())
                .toList();
    }

    @Test
    void nothingIsToldWhileAllIsWell() {
        Rig rig = rig(A, B);
        for (int i = 0; i < 20; i++) {
            rig.route();
        }
        assertThat(rig.providers.news).isEmpty();
    }

    @Test
    void cooldownsOutagesAndRecoveriesAreToldOnceEach() {
        Rig rig = rig(A, B);
        fail(rig, "a", 5);
        fail(rig, "b", 5);
        for (int i = 0; i < 20; i++) {
            rig.route();
        }
        assertThat(heard(rig))
                .hasSize(3)
                .contains("COOLED a", "COOLED b")
                .last()
                .asString()
                .startsWith("OUTAGE");
        assertThat(rig.providers.news.getFirst()).satisfies(news -> {
            assertThat(news.group()).isEqualTo("group");
            assertThat(news.cause()).contains("scripted UPSTREAM_ERROR");
            assertThat(news.millis()).isEqualTo(5_000);
        });
        rig.providers.news.clear();
        rig.now += 5_000;
        for (int i = 0; i < 20; i++) {
            rig.route();
        }
        assertThat(heard(rig)).containsExactlyInAnyOrder("RECOVERED a", "RECOVERED b");
    }

    @Test
    void aGroupsOnlyDeploymentIsNotCooledButToldOf() {
        Rig rig = rig(A);
        fail(rig, "a", 7);
        for (int i = 0; i < 9; i++) {
            rig.route();
        }
        assertThat(heard(rig)).containsExactly("FAILING a", "RECOVERED a");
        assertThat(rig.board.cooled).isEmpty();
    }

    @Test
    void anAnswerThatTookLongerThanTheThresholdIsTold() {
        Rig rig = rig(A);
        Bulletin bulletin = new Bulletin(rig.providers, rig.board, () -> rig.now);
        bulletin.configure(Snapshot.EMPTY);
        double usual = AlertSettings.DEFAULT.slow().toMillis();
        bulletin.answered(A, false, usual);
        assertThat(rig.providers.news).isEmpty();
        bulletin.answered(A, false, usual + 1);
        assertThat(rig.providers.news).singleElement().satisfies(news -> {
            assertThat(news.what()).isEqualTo(What.SLOW);
            assertThat(news.millis()).isEqualTo(300_001);
        });
    }
}
