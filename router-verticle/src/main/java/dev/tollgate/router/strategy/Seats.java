package dev.tollgate.router.strategy;

import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.config.Deployment;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.Predicate;

/**
 * Deployments, each with its figures beside it ({@link Seat}). To find those by id for every choice was most of what a choice among a
 * hundred cost. So the router seats a group once, when a configuration first resolves its name, and whatever is left of it in a call
 * keeps its seats.
 *
 * <p>A list like any other to whoever needs no figures. Figures belong to the id and live on the board, so those of another
 * configuration, and a wildcard's under each of its names, are the same objects. One lane's own.
 */
public final class Seats extends AbstractList<Deployment> implements RandomAccess {
    private final Seat[] seats;
    private int size;

    private Seats(int capacity) {
        seats = new Seat[capacity];
    }

    /** These with their figures; the same list when it has them already. */
    public static Seats of(List<Deployment> deployments, LoadBoard board) {
        if (deployments instanceof Seats seats) {
            return seats;
        }
        Seats seats = new Seats(deployments.size());
        for (Deployment deployment : deployments) {
            seats.add(new Seat(deployment, board.load(deployment.id())));
        }
        return seats;
    }

    /** Those that are kept, in their seats if they have some. */
    public static List<Deployment> those(List<Deployment> deployments, Predicate<Deployment> kept) {
        return deployments instanceof Seats seats
                ? seats.where(seat -> kept.test(seat.deployment()))
                : deployments.stream().filter(kept).toList();
    }

    /** Those that are kept, each asked once in order; these themselves when all are, which is the usual case and copies nothing. */
    public Seats where(Predicate<Seat> kept) {
        for (int i = 0; i < size; i++) {
            if (!kept.test(seats[i])) {
                return without(i, kept);
            }
        }
        return this;
    }

    private Seats without(int first, Predicate<Seat> kept) {
        Seats left = new Seats(size - 1);
        System.arraycopy(seats, 0, left.seats, 0, first);
        left.size = first;
        for (int i = first + 1; i < size; i++) {
            if (kept.test(seats[i])) {
                left.add(seats[i]);
            }
        }
        return left;
    }

    private void add(Seat seat) {
        seats[size++] = seat;
    }

    @Override
    public Deployment get(int index) {
        return seats[index].deployment();
    }

    /** The one at that place with its figures. */
    public Seat seat(int index) {
        return seats[index];
    }

    @Override
    public int size() {
        return size;
    }
}
