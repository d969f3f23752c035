package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Weighted random choice, LiteLLM's default strategy. The weight is the first of {@code weight}, {@code rpm}, {@code tpm} that any
 * candidate sets; with none set all are equal.
 *
 * <p>LiteLLM gives a deployment that lacks the field the weight 0, so it is never used while another has it. Its documentation
 * promises load balancing over the group, so here such a deployment counts as much as the mean of the others.
 */
public final class SimpleShuffle implements Strategy {
    private final RandomGenerator random;

    /** Draws from this source. */
    public SimpleShuffle(RandomGenerator random) {
        this.random = random;
    }

    private enum Field {
        WEIGHT,
        RPM,
        TPM;

        double of(Deployment deployment) {
            @Nullable Number value = switch (this) {
                case WEIGHT -> deployment.routing().weight();
                case RPM -> deployment.routing().rpm();
                case TPM -> deployment.routing().tpm();
            };
            return value == null ? -1 : value.doubleValue();
        }
    }

    @Override
    public Deployment choose(List<Deployment> candidates, boolean stream) {
        int size = candidates.size();
        if (size == 1) {
            return candidates.get(0);
        }
        Field field = field(candidates);
        return field == null ? candidates.get(random.nextInt(size)) : weighted(candidates, field);
    }

    private static @Nullable Field field(List<Deployment> candidates) {
        for (Field field : Field.values()) {
            for (int i = 0; i < candidates.size(); i++) {
                if (field.of(candidates.get(i)) > 0) {
                    return field;
                }
            }
        }
        return null;
    }

    private Deployment weighted(List<Deployment> candidates, Field field) {
        double sum = 0;
        int set = 0;
        for (int i = 0; i < candidates.size(); i++) {
            double weight = field.of(candidates.get(i));
            if (weight >= 0) {
                sum += weight;
                set++;
            }
        }
        double mean = sum / set;
        double left = random.nextDouble() * (sum + mean * (candidates.size() - set));
        for (int i = 0; i < candidates.size(); i++) {
            double weight = field.of(candidates.get(i));
            left -= weight >= 0 ? weight : mean;
            if (left < 0) {
                return candidates.get(i);
            }
        }
        return candidates.get(candidates.size() - 1);
    }
}
