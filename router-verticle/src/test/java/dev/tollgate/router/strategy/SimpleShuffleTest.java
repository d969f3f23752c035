package dev.tollgate.router.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.tollgate.config.Deployment;
import dev.tollgate.router.Fixtures;
import dev.tollgate.router.PlainBoard;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class SimpleShuffleTest {
    private static final int DRAWS = 10_000;

    private static Map<String, Double> shares(List<Deployment> candidates) {
        SimpleShuffle shuffle =
                new SimpleShuffle(RandomGeneratorFactory.of("L64X128MixRandom").create(42), Map.of());
        Map<String, Double> shares = new HashMap<>();
        for (int i = 0; i < DRAWS; i++) {
            shares.merge(
                    shuffle.choose(Seats.of(candidates, new PlainBoard()), false)
                            .id(),
                    1.0 / DRAWS,
                    Double::sum);
        }
        return shares;
    }

    @Test
    void drawsEvenlyWhenNothingIsSet() {
        Map<String, Double> shares = shares(List.of(Fixtures.deployment("a"), Fixtures.deployment("b")));
        assertThat(shares.get("a")).isCloseTo(0.5, offset(0.02));
    }

    @Test
    void drawsByWeightBeforeRpm() {
        Map<String, Double> shares =
                shares(List.of(Fixtures.weighted("a", 3.0, 1L), Fixtures.weighted("b", 1.0, 1000L)));
        assertThat(shares.get("a")).isCloseTo(0.75, offset(0.02));
    }

    @Test
    void aDeploymentWithoutTheFieldCountsAsTheMeanOfTheOthers() {
        Map<String, Double> shares = shares(List.of(
                Fixtures.weighted("a", null, 100L), Fixtures.weighted("b", null, 300L), Fixtures.deployment("c")));
        assertThat(shares.get("c")).isCloseTo(1 / 3.0, offset(0.02));
        assertThat(shares.get("b")).isCloseTo(0.5, offset(0.02));
    }

    @Test
    void weightZeroIsNeverDrawnWhileOthersHaveWeight() {
        Map<String, Double> shares =
                shares(List.of(Fixtures.weighted("a", 0.0, null), Fixtures.weighted("b", 1.0, null)));
        assertThat(shares).doesNotContainKey("a");
    }
}
