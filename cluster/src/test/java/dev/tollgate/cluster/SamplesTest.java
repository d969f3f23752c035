package dev.tollgate.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SamplesTest {
    private static final int MOST = 10;

    private record Taken(double seconds, long at) {}

    /** What is found is remembered; it must be what a plain look at all that is kept would find. */
    @Test
    void meanAndPercentileAreThoseOfWhatIsKeptAndNotTooOld() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(5);
        for (int run = 0; run < 200; run++) {
            Samples samples = new Samples();
            List<Taken> kept = new ArrayList<>();
            long now = 1_000;
            for (int step = 0; step < 40; step++) {
                now += random.nextInt(3);
                if (random.nextInt(3) > 0) {
                    Taken taken = new Taken(random.nextDouble(), now);
                    samples.add(taken.seconds(), now, MOST);
                    kept.add(taken);
                    if (kept.size() > MOST) {
                        kept.removeFirst();
                    }
                }
                long since = now - random.nextInt(20);
                double share = random.nextInt(1, 101);
                double[] recent = kept.stream()
                        .filter(each -> each.at() >= since)
                        .mapToDouble(Taken::seconds)
                        .sorted()
                        .toArray();
                for (int again = 0; again < 2; again++) {
                    if (recent.length == 0) {
                        assertThat(samples.mean(since)).isNaN();
                        assertThat(samples.percentile(share, since)).isNaN();
                    } else {
                        double sum = 0;
                        for (double each : recent) {
                            sum += each;
                        }
                        assertThat(samples.mean(since)).isCloseTo(sum / recent.length, Offset.offset(1e-12));
                        assertThat(samples.percentile(share, since))
                                .isEqualTo(recent[(int) Math.ceil(share / 100 * recent.length) - 1]);
                    }
                }
            }
        }
    }

    @Test
    void whatOthersMeasuredTakesItsPlaceInTime() {
        Samples samples = new Samples();
        samples.add(1, 10, 3);
        samples.add(3, 30, 3);
        assertThat(samples.percentile(100, 0)).isEqualTo(3);
        samples.merge(new Samples.Taken(new double[] {9, 2}, new long[] {5, 20}), 3);
        assertThat(samples.mean(0)).isEqualTo(2);
        assertThat(samples.mean(15)).isEqualTo(2.5);
        samples.clear();
        assertThat(samples.mean(0)).isNaN();
    }
}
