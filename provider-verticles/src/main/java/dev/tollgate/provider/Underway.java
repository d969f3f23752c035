package dev.tollgate.provider;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * All exchanges of one lane that have not ended, by the name of their attempt (the call id, nearly always): who is past its time, and which one a gone client means.
 *
 * <p>One sweep four times a second looks at all of them instead of one timer each: a timer costs a heap insertion and removal on
 * every request, while a deadline of seconds may well be met a quarter of a second late.
 */
final class Underway {
    /** How often {@link #sweep} must be called; also how late a deadline may be. */
    static final Duration SWEEP = Duration.ofMillis(250);

    /** Something that can run out of time or be called off. */
    interface Task {
        /** Ends the task when it is past its time. */
        void expire(long nowNanos);

        /** Ends the task because nobody wants it. */
        void cancel();
    }

    private final Map<String, Task> tasks = new HashMap<>();

    void add(String leg, Task task) {
        tasks.put(leg, task);
    }

    /** Forgets the task, unless another attempt of the same call has taken its place. */
    void remove(String leg, Task task) {
        tasks.remove(leg, task);
    }

    void sweep(long nowNanos) {
        if (!tasks.isEmpty()) {
            for (Task task : tasks.values().toArray(Task[]::new)) {
                task.expire(nowNanos);
            }
        }
    }

    void cancel(String leg) {
        Task task = tasks.get(leg);
        if (task != null) {
            task.cancel();
        }
    }
}
