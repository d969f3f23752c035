package dev.tollgate.router.strategy;

import dev.tollgate.cluster.Load;
import dev.tollgate.config.Deployment;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One deployment of a group with its figures beside it, and with what every choice asks of its configuration as plain numbers: a
 * choice among a hundred looks at each of them a few times, and to follow references to boxed ones was most of what that cost
 * ({@code bench/run choose}). One lane's own.
 */
public final class Seat {
    private static final double UNSET = -1;

    private final Deployment deployment;
    private final Load load;
    private final double weight;
    private final long rpm;
    private final long tpm;
    private final int parallel;
    private final int order;

    /** What a strategy found the deployment to be worth, and by which state of its knowledge. */
    private double worth;

    private @Nullable Object worthBy;

    Seat(Deployment deployment, Load load) {
        this.deployment = deployment;
        this.load = load;
        Deployment.Routing routing = deployment.routing();
        this.weight = routing.weight() == null ? UNSET : routing.weight();
        this.rpm = routing.rpm() == null ? Long.MAX_VALUE : routing.rpm();
        this.tpm = routing.tpm() == null ? Long.MAX_VALUE : routing.tpm();
        Integer most = routing.fit().maxParallel();
        this.parallel = most == null ? Integer.MAX_VALUE : most;
        this.order = routing.order() == null ? Integer.MAX_VALUE : routing.order();
    }

    /** Who sits here. */
    public Deployment deployment() {
        return deployment;
    }

    /** Its figures. */
    public Load load() {
        return load;
    }

    /** {@code weight}; negative when it is not set. */
    double weight() {
        return weight;
    }

    /** {@code rpm}; the largest number when it is not set. */
    public long rpm() {
        return rpm;
    }

    /** {@code tpm}; the largest number when it is not set. */
    public long tpm() {
        return tpm;
    }

    /** {@code max_parallel_requests}; the largest number when it is not set. */
    public int parallel() {
        return parallel;
    }

    /** {@code order}; the largest number when it is not set. */
    public int order() {
        return order;
    }

    /** What {@code worth} says of the deployment, asked once as long as {@code by} is the same object: it may be a large map. */
    @SuppressWarnings("ReferenceEquality")
    double worth(Object by, ToDoubleFunction<Deployment> worth) {
        if (worthBy != by) {
            this.worth = worth.applyAsDouble(deployment);
            worthBy = by;
        }
        return this.worth;
    }
}
