package dev.tollgate.gateway.surface;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    private final BodyBudget budget = new BodyBudget(100);
    private final List<String> granted = new ArrayList<>();

    private BodyBudget.Ticket take(String who, long bytes) {
        return budget.take(bytes, () -> granted.add(who));
    }

    @Test
    void who_finds_no_room_waits_in_line() {
        BodyBudget.Ticket first = take("first", 60);
        BodyBudget.Ticket second = take("second", 60);
        take("third", 10);
        assertThat(granted).containsExactly("first");

        first.release();
        assertThat(granted).containsExactly("first", "second", "third");
        second.release();
    }

    @Test
    void who_leaves_the_line_does_not_block_those_behind() {
        BodyBudget.Ticket first = take("first", 60);
        BodyBudget.Ticket leaver = take("leaver", 60);
        take("third", 40);
        leaver.release();
        assertThat(granted).containsExactly("first", "third");

        first.release();
        take("fourth", 60);
        assertThat(granted).containsExactly("first", "third", "fourth");
    }

    @Test
    void more_than_everything_waits_to_be_alone() {
        BodyBudget.Ticket first = take("first", 1);
        BodyBudget.Ticket giant = take("giant", 1_000);
        assertThat(granted).containsExactly("first");
        first.release();
        assertThat(granted).containsExactly("first", "giant");
        giant.release();
        take("next", 100);
        assertThat(granted).containsExactly("first", "giant", "next");
    }

    @Test
    void what_is_not_needed_after_all_serves_others_and_nothing_is_given_back_twice() {
        BodyBudget.Ticket first = take("first", 100);
        take("second", 70);
        first.shrinkTo(30);
        assertThat(granted).containsExactly("first", "second");
        first.release();
        first.release();
        take("third", 31);
        assertThat(granted).containsExactly("first", "second");
    }
}
