package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.StampedDefinitions.Stamped;
import java.util.List;
import org.junit.jupiter.api.Test;

class MarksTest {
    private static Stamped entry(Kind kind, String id, long stamp, String document) {
        return new Stamped(kind, id, stamp, document, 1_000);
    }

    private static Marks of(Stamped... entries) {
        Marks marks = new Marks();
        for (Stamped each : entries) {
            marks.put(each);
        }
        return marks;
    }

    private static List<String> ids(List<Marks.Mark> marks) {
        return marks.stream().map(each -> each.holder().id()).toList();
    }

    @Test
    void equalEntriesHaveEqualMarksWhateverTheOrderAndWhatWasThereBefore() {
        Marks one = of(entry(Kind.USER, "a", 1, "{}"), entry(Kind.USER, "b", 2, "{}"), entry(Kind.USER, "a", 3, null));
        Marks two = of(entry(Kind.USER, "a", 3, null), entry(Kind.USER, "b", 2, "{}"));
        assertThat(one.total()).isEqualTo(two.total());
        assertThat(one.lacking(two.digests(), null, 9)).isEmpty();
        for (Stamped other : List.of(
                entry(Kind.USER, "b", 2, "{\"x\":1}"), entry(Kind.USER, "b", 4, "{}"), entry(Kind.TAG, "b", 2, "{}"))) {
            Marks three = of(entry(Kind.USER, "a", 3, null), other);
            assertThat(three.total()).isNotEqualTo(one.total());
            assertThat(ids(three.lacking(one.digests(), null, 9))).contains("b");
        }
    }

    @Test
    void whatMayBeLackingComesInPartsBudgetsFirstAndKeysLast() {
        Marks all = of(
                entry(Kind.KEY, "key", 1, "{}"),
                entry(Kind.TEAM, "team", 8, "{}"),
                entry(Kind.USER, "user", 2, "{}"),
                entry(Kind.BUDGET, "budget", 9, "{}"));
        Marks none = new Marks();
        List<Marks.Mark> first = all.lacking(none.digests(), null, 2);
        assertThat(ids(first)).containsExactly("budget", "user");
        assertThat(ids(all.lacking(none.digests(), first.getLast(), 9))).containsExactly("team", "key");
    }

    @Test
    void deletionsOfLongAgoLeaveNoMark() {
        Marks marks = of(entry(Kind.USER, "a", 1, null), entry(Kind.USER, "b", 2, "{}"));
        marks.forget(1_000);
        assertThat(marks.has(new Holder(Kind.USER, "a"))).isTrue();
        marks.forget(1_001);
        assertThat(marks.has(new Holder(Kind.USER, "a"))).isFalse();
        assertThat(marks.total()).isEqualTo(of(entry(Kind.USER, "b", 2, "{}")).total());
    }
}
