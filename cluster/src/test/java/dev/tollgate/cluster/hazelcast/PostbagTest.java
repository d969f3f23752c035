package dev.tollgate.cluster.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.cluster.Letter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class PostbagTest {
    private final Deque<Runnable> loop = new ArrayDeque<>();
    private final List<List<String>> left = new ArrayList<>();
    private final Postbag bag = new Postbag(loop::add, wire -> left.add(topics(wire)));

    private static Buffer letter(String topic) {
        return letter(topic, 10);
    }

    private static Buffer letter(String topic, int bytes) {
        return new Letter(topic, new JsonObject().put("a", 1), Buffer.buffer(new byte[bytes])).encode();
    }

    /** What the other node reads. */
    private static List<String> topics(Buffer wire) {
        Letter letter = Letter.decode(wire);
        return letter.topic().equals(Postbag.BUNDLE)
                ? Postbag.open(letter).stream()
                        .map(each -> Letter.decode(each).topic())
                        .toList()
                : List.of(letter.topic());
    }

    private void turn() {
        for (Runnable next = loop.poll(); next != null; next = loop.poll()) {
            next.run();
        }
    }

    @Test
    void lettersOfOneTurnLeaveTogetherAndInTheirOrder() {
        bag.bundles();
        bag.letter(letter("a"));
        bag.letter(letter("b"));
        bag.letter(letter("c"));
        assertThat(loop).as("one task for all").hasSize(1);
        assertThat(left).isEmpty();
        turn();
        bag.letter(letter("d"));
        turn();
        assertThat(left).containsExactly(List.of("a", "b", "c"), List.of("d"));
    }

    @Test
    void anEarlierReleaseGetsEachByItself() {
        bag.letter(letter("a"));
        bag.letter(letter("b"));
        turn();
        assertThat(left).containsExactly(List.of("a"), List.of("b"));
    }

    @Test
    void whatIsAskedKeepsItsPlaceAmongThem() {
        bag.bundles();
        bag.letter(letter("a"));
        bag.letter(letter("b"));
        bag.behind(() -> left.add(List.of("asked")));
        bag.letter(letter("c"));
        turn();
        assertThat(left).containsExactly(List.of("a", "b"), List.of("asked"), List.of("c"));
    }

    @Test
    void whatComesUpMeanwhileIsNotForgotten() {
        bag.bundles();
        bag.letter(letter("a"));
        bag.behind(() -> bag.letter(letter("b")));
        turn();
        assertThat(left).containsExactly(List.of("a"), List.of("b"));
    }

    @Test
    void largeOnesLeaveAloneAndManyAreSeveralBundles() {
        bag.bundles();
        bag.letter(letter("small"));
        bag.letter(letter("large", 20_000));
        bag.letter(letter("next"));
        turn();
        assertThat(left).containsExactly(List.of("small"), List.of("large"), List.of("next"));
        left.clear();
        for (int i = 0; i < 100; i++) {
            bag.letter(letter("n" + i, 2_000));
        }
        turn();
        assertThat(left).hasSize(4);
        assertThat(left.stream().flatMap(List::stream))
                .startsWith("n0", "n1", "n2")
                .endsWith("n99")
                .hasSize(100);
    }

    @Test
    void whatBreaksKeepsNobodyElseWaiting() {
        Postbag broken = new Postbag(loop::add, wire -> {
            left.add(topics(wire));
            throw new IllegalStateException("the bus is closed");
        });
        broken.letter(letter("a"));
        broken.behind(() -> {
            throw new IllegalStateException("as with a bus that is closed");
        });
        broken.letter(letter("b"));
        turn();
        assertThat(left).containsExactly(List.of("a"), List.of("b"));
    }

    @Test
    void anErrorKeepsNobodyElseWaitingEither() {
        bag.behind(() -> {
            throw new StackOverflowError();
        });
        bag.letter(letter("b"));
        turn();
        assertThat(left).containsExactly(List.of("b"));
    }

    @Test
    void aLoopThatTookNothingIsCalledAgainForTheNextLetter() {
        List<Executor> loops = new ArrayList<>(List.of(_ -> {
            throw new RejectedExecutionException("the loop has ended");
        }));
        Postbag refused = new Postbag(
                task -> (loops.isEmpty() ? (Executor) loop::add : loops.removeFirst()).execute(task),
                wire -> left.add(topics(wire)));
        assertThatThrownBy(() -> refused.letter(letter("a"))).isInstanceOf(RejectedExecutionException.class);
        refused.letter(letter("b"));
        turn();
        assertThat(left).containsExactly(List.of("a"), List.of("b"));
    }

    @Test
    void othersHaveTheirTurnOnTheLoopBeforeWhatComesUpMeanwhile() {
        bag.behind(() -> {
            left.add(List.of("first"));
            bag.behind(() -> left.add(List.of("second")));
        });
        loop.remove().run();
        assertThat(left).containsExactly(List.of("first"));
        turn();
        assertThat(left).containsExactly(List.of("first"), List.of("second"));
    }

    @Test
    void aBundleThatIsCutShortIsNone() {
        Buffer whole = Buffer.buffer().appendInt(100).appendString("too short");
        assertThatThrownBy(() -> Postbag.open(new Letter(Postbag.BUNDLE, new JsonObject(), whole)))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aBundleOfLengthsBelowZeroIsNone() {
        Buffer whole = Buffer.buffer().appendInt(-4).appendInt(-4);
        assertThatThrownBy(() -> Postbag.open(new Letter(Postbag.BUNDLE, new JsonObject(), whole)))
                .isInstanceOf(RuntimeException.class);
    }
}
