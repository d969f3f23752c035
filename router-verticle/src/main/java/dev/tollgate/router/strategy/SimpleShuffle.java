package dev.tollgate.router.strategy;

import dev.tollgate.config.Deployment;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Weighted random choice, LiteLLM's default strategy. The weight is the first of {@code weights} in the settings, {@code weight},
 * {@code rpm}, {@code tpm} that any candidate has; with none all are equal.
 *
 * <p>LiteLLM gives a deployment that lacks the field the weight 0, so it is never used while another has it. Its documentation
 * promises load balancing over the group, so here such a deployment counts as much as the mean of the others.
 */
public final class SimpleShuffle implements Strategy {
    private static final Field[] FIELDS = Field.values();
    private static final double UNSET = -1;

    private final RandomGenerator random;
    private final Map<String, Double> weights;
    private final ToDoubleFunction<Deployment> named;

    /** Draws from this source; {@code weights} are the settings' own, by deployment id or by provider and model. */
    public SimpleShuffle(RandomGenerator random, Map<String, Double> weights) {
        this.random = random;
        this.weights = weights;
        this.named = this::named;
    }

    private enum Field {
        WEIGHTS,
        WEIGHT,
        RPM,
        TPM
    }

    /** Negative when it is not set. */
    private double of(Field field, Seat candidate) {
        return switch (field) {
            case WEIGHTS -> candidate.worth(weights, named);
            case WEIGHT -> candidate.weight();
            case RPM -> candidate.rpm() == Long.MAX_VALUE ? UNSET : candidate.rpm();
            case TPM -> candidate.tpm() == Long.MAX_VALUE ? UNSET : candidate.tpm();
        };
    }

    private double named(Deployment deployment) {
        for (String group : List.of(deployment.group() + "\n", "")) {
            Double value = weights.get(group + deployment.id());
            value = value != null ? value : weights.get(group + deployment.qualifiedModel());
            if (value != null) {
                return value;
            }
        }
        return UNSET;
    }

    @Override
    public Deployment choose(Seats candidates, boolean stream) {
        int size = candidates.size();
        if (size == 1) {
            return candidates.get(0);
        }
        Field field = field(candidates);
        return field == null ? candidates.get(random.nextInt(size)) : weighted(candidates, field);
    }

    @Override
    public Standing standing(Seats candidates, boolean stream) {
        Field field = field(candidates);
        if (field == null) {
            double same = 1.0 / candidates.size();
            return new Standing(
                    "no weights",
                    candidates.stream().map(_ -> 1.0).toList(),
                    candidates.stream().map(_ -> same).toList());
        }
        double mean = mean(candidates, field);
        List<Double> shares = IntStream.range(0, candidates.size())
                .mapToObj(i -> of(field, candidates.seat(i)))
                .map(weight -> weight >= 0 ? weight : mean)
                .toList();
        double sum = shares.stream().mapToDouble(Double::doubleValue).sum();
        return new Standing(
                field.name().toLowerCase(Locale.ROOT),
                shares,
                shares.stream().map(share -> share / sum).toList());
    }

    private @Nullable Field field(Seats candidates) {
        for (Field field : FIELDS) {
            if (field == Field.WEIGHTS && weights.isEmpty()) {
                continue;
            }
            for (int i = 0; i < candidates.size(); i++) {
                if (of(field, candidates.seat(i)) > 0) {
                    return field;
                }
            }
        }
        return null;
    }

    private double mean(Seats candidates, Field field) {
        double sum = 0;
        int set = 0;
        for (int i = 0; i < candidates.size(); i++) {
            double weight = of(field, candidates.seat(i));
            if (weight >= 0) {
                sum += weight;
                set++;
            }
        }
        return sum / set;
    }

    /** With the mean for those without a weight, all weights together are the mean as often as there are candidates. */
    private Deployment weighted(Seats candidates, Field field) {
        double mean = mean(candidates, field);
        double left = random.nextDouble() * mean * candidates.size();
        for (int i = 0; i < candidates.size(); i++) {
            double weight = of(field, candidates.seat(i));
            left -= weight >= 0 ? weight : mean;
            if (left < 0) {
                return candidates.get(i);
            }
        }
        return candidates.get(candidates.size() - 1);
    }
}
