package dev.tollgate.cluster;

import dev.tollgate.config.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One event loop with one instance of every room on it. Everything here is used on that loop only, so it is plain, unshared Java.
 */
public final class Lane {
    private final Node node;
    private final int number;
    private final Bus bus;
    private final LoadBoard board;
    private final List<Consumer<Snapshot>> listeners = new ArrayList<>();
    private Snapshot config;

    /** Made by the launcher, one per event loop. */
    public Lane(Node node, int number, Bus bus, LoadBoard board, Snapshot config) {
        this.node = node;
        this.number = number;
        this.bus = bus;
        this.board = board;
        this.config = config;
    }

    /** The process this lane is part of. */
    public Node node() {
        return node;
    }

    /** Number of this lane, from 0. */
    public int number() {
        return number;
    }

    /** How to reach the other rooms. */
    public Bus bus() {
        return bus;
    }

    /** Load and health of deployments. */
    public LoadBoard board() {
        return board;
    }

    /** The configuration in force on this lane now. */
    public Snapshot config() {
        return config;
    }

    /** Calls the listener at once with the configuration in force, and again at each change. */
    public void onConfig(Consumer<Snapshot> listener) {
        listeners.add(listener);
        listener.accept(config);
    }

    /** Switches every room of this lane to a new configuration within one event-loop task: between two requests. */
    public void switchTo(Snapshot next) {
        config = next;
        listeners.forEach(listener -> listener.accept(next));
    }
}
