package dev.tollgate.cluster.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class PastTest {
    private static final List<String> BOTH = List.of("a", "b");

    private final Past a = new Past();
    private final Past b = new Past();

    private static JsonObject letter(Past of) {
        JsonObject letter = new JsonObject();
        of.put(letter);
        return new JsonObject(letter.encode());
    }

    /** Each hears itself and the other, as both were before. */
    private void meet() {
        JsonObject ofA = letter(a);
        JsonObject ofB = letter(b);
        for (Past each : List.of(a, b)) {
            each.begin();
            each.told(ofA);
            each.told(ofB);
        }
    }

    private static List<Memory> alone(Past of) {
        of.begin();
        of.told(letter(of));
        return of.decisive();
    }

    @Test
    void theSameNodesAtALaterTimeDoNotHideThatTheyWereAboutToBefore() {
        meet();
        Memory first = a.about(BOTH);
        assertThat(b.about(BOTH)).isEqualTo(first);
        // One of them begins anew, so the other does; only that one hears all, and is about to once more.
        meet();
        Memory second = b.about(BOTH);
        assertThat(second.epoch()).isGreaterThan(first.epoch());
        assertThat(alone(a)).as("cut off, both ask by the same name first").startsWith(first);
        assertThat(alone(b)).startsWith(first).contains(second);
        // The arbiter's late word to the one: they have divided.
        a.divided(first);
        assertThat(alone(a)).containsExactly(first);
        assertThat(b.isOpen(first)).isTrue();
    }

    @Test
    void whatAnotherDividedWithIsRememberedBeforeDividingWithIt() {
        meet();
        Memory first = a.about(BOTH);
        b.about(BOTH);
        a.divided(first);
        b.divided(first);
        Memory later = new Memory(first.epoch() + 1, List.of("a", "c"));
        a.divided(later);
        meet();
        Memory about = b.about(BOTH);
        assertThat(alone(b)).as("cut off again").containsExactlyInAnyOrder(first, later, about);
        b.divided(about);
        assertThat(alone(b)).as("nobody can go back behind this").containsExactly(about);
    }
}
