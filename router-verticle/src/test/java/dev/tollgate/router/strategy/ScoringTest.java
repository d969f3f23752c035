package dev.tollgate.router.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.router.Fixtures;
import dev.tollgate.router.PlainBoard;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** What each strategy that scores prefers. */
class ScoringTest {
    private static final int DRAWS = 10_000;
    private static final Deployment A = Fixtures.deployment("a");
    private static final Deployment B = Fixtures.deployment("b");
    private static final Deployment C = Fixtures.deployment("c");

    private final PlainBoard board = new PlainBoard();
    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(3);
    private long now = 600_000;

    private Set<String> chosen(Strategy strategy, boolean stream) {
        return chosen(strategy, stream, A, B, C);
    }

    private Set<String> chosen(Strategy strategy, boolean stream, Deployment... group) {
        Map<String, Integer> draws = new TreeMap<>();
        for (int i = 0; i < DRAWS; i++) {
            draws.merge(strategy.choose(Seats.of(List.of(group), board), stream).id(), 1, Integer::sum);
        }
        int each = DRAWS / draws.size();
        assertThat(draws.values())
                .as("equals are drawn equally often")
                .allSatisfy(count -> assertThat(count).isCloseTo(each, Percentage.withPercentage(6)));
        return draws.keySet();
    }

    private LowestLatency latency(double buffer) {
        RouterSettings.Latency args = new RouterSettings.Latency(10, Duration.ofSeconds(60), buffer, null);
        return new LowestLatency(args, () -> now, random);
    }

    private void measured(String id, double... seconds) {
        for (double each : seconds) {
            board.load(id).perToken().add(each, now, 10);
        }
    }

    @Test
    void leastBusyPrefersTheFewestUnderWayAndDrawsAmongEquals() {
        board.load("a").began(now);
        LeastBusy strategy = new LeastBusy(random);
        assertThat(chosen(strategy, false)).containsExactly("b", "c");
        board.load("b").began(now);
        board.load("c").began(now);
        board.load("a").ended();
        assertThat(chosen(strategy, false)).containsExactly("a");
    }

    @Test
    void latencyPrefersTheLowestMeanAndTriesTheUnknownFirst() {
        measured("a", 0.1, 0.3);
        measured("b", 0.15);
        assertThat(chosen(latency(0), false)).containsExactly("c");
        measured("c", 0.19);
        assertThat(chosen(latency(0), false)).containsExactly("b");
        assertThat(chosen(latency(0.3), false)).containsExactly("b", "c");
        assertThat(chosen(latency(0.4), false)).containsExactly("a", "b", "c");
    }

    @Test
    void latencyOfStreamsIsTheTimeToTheFirstTokenWhereItIsKnown() {
        measured("a", 0.1);
        measured("b", 0.2);
        measured("c", 0.3);
        board.load("a").firstToken().add(0.9, now, 10);
        assertThat(chosen(latency(0), true)).containsExactly("b");
        assertThat(chosen(latency(0), false)).containsExactly("a");
    }

    @Test
    void aPercentileOfTheFirstTokensCountsInsteadOfTheirMean() {
        double[] spiky = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 5};
        for (int i = 0; i < spiky.length; i++) {
            board.load("a").firstToken().add(spiky[i], now, 10);
            board.load("b").firstToken().add(0.2, now, 10);
        }
        assertThat(chosen(latency(0), true, A, B)).as("by the mean").containsExactly("b");
        for (double[] share : new double[][] {{50, 'a'}, {90, 'a'}, {95, 'b'}, {100, 'b'}}) {
            RouterSettings.Latency args = new RouterSettings.Latency(10, Duration.ofSeconds(60), 0, share[0]);
            assertThat(chosen(new LowestLatency(args, () -> now, random), true, A, B))
                    .as("p" + share[0])
                    .containsExactly(Character.toString((char) share[1]));
        }
    }

    @Test
    void latencyForgetsBeyondTenMeasurementsAndBeyondItsTime() {
        measured("a", 1000);
        measured("b", 1);
        measured("c", 2);
        assertThat(chosen(latency(0), false)).containsExactly("b");
        measured("a", 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5);
        assertThat(chosen(latency(0), false)).containsExactly("b");
        measured("a", 0.5);
        assertThat(chosen(latency(0), false)).containsExactly("a");
        now += 60_001;
        measured("a", 0.5);
        measured("b", 1);
        assertThat(chosen(latency(0), false))
                .as("nothing is known of c any more")
                .containsExactly("c");
    }

    @Test
    void costPrefersTheLowestPriceOfInputAndOutputTogether() {
        LowestCost strategy = new LowestCost(ScoringTest::price, random);
        Deployment cheap = priced("cheap", "0.000001", "0.000003");
        Deployment dear = priced("dear", "0.0000005", "0.00001");
        Deployment half = priced("half", "0.0000001", null);
        assertThat(chosen(strategy, false, dear, cheap, half, A)).containsExactly("cheap");
        assertThat(chosen(strategy, false, A, half)).containsExactly("half");
    }

    @Test
    void pricesAreReadAgainOnceTheyHaveChanged() {
        Map<String, Double> prices = new HashMap<>(Map.of("a", 1.0, "b", 2.0, "c", 3.0));
        Object[] edition = {"first"};
        Pricing pricing = new Pricing() {
            @Override
            public double ofBothTokens(Deployment deployment) {
                return prices.get(deployment.id());
            }

            @Override
            public Object edition() {
                return edition[0];
            }
        };
        LowestCost strategy = new LowestCost(pricing, random);
        Seats seats = Seats.of(List.of(A, B, C), board);
        assertThat(strategy.choose(seats, false)).isSameAs(A);
        prices.put("c", 0.5);
        edition[0] = "second";
        assertThat(strategy.choose(seats, false)).isSameAs(C);
    }

    private static double price(Deployment deployment) {
        return deployment.prices().values().stream()
                        .mapToDouble(BigDecimal::doubleValue)
                        .sum()
                + 5 * (2 - deployment.prices().size());
    }

    private static Deployment priced(String id, String input, String output) {
        Map<String, BigDecimal> prices = output == null
                ? Map.of("input_cost_per_token", new BigDecimal(input))
                : Map.of(
                        "input_cost_per_token", new BigDecimal(input), "output_cost_per_token", new BigDecimal(output));
        return Fixtures.priced("group", id, Deployment.Routing.NONE, prices);
    }

    @Test
    void usagePrefersTheFewestTokensOfTheMinute() {
        board.load("a").used(now, 300);
        board.load("b").used(now, 200);
        board.load("c").used(now, 100);
        assertThat(chosen(new LowestUsage(() -> now, random), false)).containsExactly("c");
        now += 60_000;
        board.load("c").used(now, 1);
        assertThat(chosen(new LowestUsage(() -> now, random), false)).containsExactly("a", "b");
    }
}
