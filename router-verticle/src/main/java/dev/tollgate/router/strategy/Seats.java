package dev.tollgate.router.strategy;

import dev.tollgate.cluster.Load;
import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.config.Deployment;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * Deployments, each with its figures beside it. A choice among a hundred asks for everybody's figures two or three times; to find
 * them by id each time was most of what a choice cost ({@code bench/run choose}). So the router seats a group once, when a configuration
 * first resolves its name, and whatever is left of it in a call keeps its seats.
 *
 * <p>A list like any other to whoever needs no figures. Figures belong to the id and live on the board, so those of another
 * configuration, and a wildcard's under each of its names, are the same objects. One lane's own.
 */
public final class Seats extends AbstractList<Deployment> implements RandomAccess {
    private final Deployment[] deployments;
    private final Load[] loads;
    private int size;

    private Seats(int capacity) {
        deployments = new Deployment[capacity];
        loads = new Load[capacity];
    }

    /** Whether one is kept. */
    @FunctionalInterface
    public interface Test {
        /** Asked once for each, in order. */
        boolean keeps(Deployment deployment, Load load);
    }

    /** These with their figures; the same list when it has them already. */
    public static Seats of(List<Deployment> deployments, LoadBoard board) {
        if (deployments instanceof Seats seats) {
            return seats;
        }
        Seats seats = new Seats(deployments.size());
        for (Deployment deployment : deployments) {
            seats.add(deployment, board.load(deployment.id()));
        }
        return seats;
    }

    /** Those that the test keeps; these themselves when it keeps all, which is the usual case and copies nothing. */
    public Seats where(Test test) {
        for (int i = 0; i < size; i++) {
            if (!test.keeps(deployments[i], loads[i])) {
                return without(i, test);
            }
        }
        return this;
    }

    private Seats without(int first, Test test) {
        Seats kept = new Seats(size - 1);
        System.arraycopy(deployments, 0, kept.deployments, 0, first);
        System.arraycopy(loads, 0, kept.loads, 0, first);
        kept.size = first;
        for (int i = first + 1; i < size; i++) {
            if (test.keeps(deployments[i], loads[i])) {
                kept.add(deployments[i], loads[i]);
            }
        }
        return kept;
    }

    private void add(Deployment deployment, Load load) {
        deployments[size] = deployment;
        loads[size++] = load;
    }

    @Override
    public Deployment get(int index) {
        return deployments[index];
    }

    /** The figures of the one at that place. */
    public Load load(int index) {
        return loads[index];
    }

    @Override
    public int size() {
        return size;
    }
}
