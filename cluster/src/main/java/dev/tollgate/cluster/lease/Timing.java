package dev.tollgate.cluster.lease;

import java.time.Duration;

/**
 * How long things take between nodes.
 *
 * @param answer how long one node waits for another's answer
 * @param retry after how long it asks again
 * @param patience how long somebody waits for more before nobody can say
 * @param arrival how long somebody waits while a node is just coming, this one or another: until it answers nothing is given away, and on
 *     a busy machine that takes a while. Less than calls wait for a budget
 * @param beat how often nodes tell each other that they are there
 * @param standing how long a node that nobody answers may use what it has
 * @param margin how much later what it had is given to others
 * @param window how long what a window has counted stays in it
 * @param idle after how long a share that was not added to is given back
 * @param longestCall after how long no call of a lost node can cost anything any more
 */
record Timing(
        Duration answer,
        Duration retry,
        Duration patience,
        Duration arrival,
        Duration beat,
        Duration standing,
        Duration margin,
        Duration window,
        Duration idle,
        Duration longestCall) {
    static final Timing USUAL = new Timing(
            Duration.ofSeconds(1),
            Duration.ofMillis(20),
            Duration.ofSeconds(20),
            Duration.ofSeconds(55),
            Duration.ofSeconds(1),
            Duration.ofSeconds(15),
            Duration.ofSeconds(5),
            Duration.ofSeconds(61),
            Duration.ofSeconds(3),
            Duration.ofMinutes(30));

    /** How long what a node had still counts after the node is gone; negative: until the total is divided anew. */
    long lingersNanos(Meter.Use use) {
        return switch (use) {
            case SPENT -> -1;
            case WINDOW -> standing.plus(margin).plus(window).toNanos();
            case HELD -> standing.plus(margin).toNanos();
        };
    }
}
