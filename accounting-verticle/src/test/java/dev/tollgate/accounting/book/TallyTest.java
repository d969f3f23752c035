package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TallyTest {
    @Test
    void sumsAreThoseOfEachCallByItself() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            Tally tally = new Tally();
            Map<Charge, Long> expected = new HashMap<>();
            for (int i = 0; i < 300; i++) {
                List<Charge> charges = charges(random);
                long cost = random.nextInt(-5, 1_000);
                tally.add(charges, cost);
                charges.forEach(charge ->
                        expected.merge(charge.asBalance(), charge.whole() ? cost : charge.partNanos(), Long::sum));
            }
            Map<Charge, Long> found = new HashMap<>();
            tally.forEach((charge, nanos) -> found.merge(charge.asBalance(), nanos, Long::sum));
            assertThat(found).as("seed %d", seed).isEqualTo(expected);
        }
    }

    private static List<Charge> charges(Random random) {
        List<Charge> charges = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            Holder holder = new Holder(random.nextBoolean() ? Kind.KEY : Kind.PROVIDER, "h" + random.nextInt(3));
            charges.add(
                    new Charge(holder, random.nextInt(2), random.nextInt(3) == 0 ? random.nextInt(100) : Charge.WHOLE));
        }
        return charges;
    }
}
