package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.book.Definitions.Definition;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node takes of news that come late, twice, in another order, or while it reads everything. */
class BookMemoryTest {
    private static final String HERE = "here";

    @TempDir
    Path data;

    private final BookMemory memory = new BookMemory();

    @BeforeEach
    void load() {
        memory.loading();
        memory.load(new Contents(), 10, HERE);
    }

    private static Definition user(long version, String id, @Nullable String alias) {
        return new Definition(Kind.USER, id, version, alias == null ? null : "{\"user_alias\":\"" + alias + "\"}");
    }

    private static BookNews news(Definition... written) {
        return new BookNews(List.of(written), HERE);
    }

    private @Nullable String alias(String id) {
        Account.User user = memory.contents().user(id);
        return user == null ? null : user.alias();
    }

    @Test
    void anOlderLetterBringsNothingBackThatWasDeletedSince() {
        assertThat(memory.heard(news(user(11, "u", "Anna")))).as("no gap").isFalse();
        assertThat(memory.heard(news(user(15, "u", null)))).as("a gap").isTrue();
        assertThat(memory.seen()).isEqualTo(11);
        memory.heard(news(user(13, "u", "Berta")));
        assertThat(alias("u")).isNull();
        memory.heard(news(user(16, "u", "Carla")));
        assertThat(alias("u")).as("made anew").isEqualTo("Carla");
        memory.looked(List.of(user(16, "u", "Carla")), 16);
        assertThat(memory.heard(news(user(17, "u", null)))).isFalse();
        assertThat(alias("u")).isNull();
        assertThat(memory.seen()).isEqualTo(17);
    }

    @Test
    void deletionsThatAreNotRememberedAnyMoreStillLetNothingOldBackIn() {
        memory.load(new Contents(2), 10, HERE);
        memory.heard(news(user(21, "a", null)));
        memory.heard(news(user(31, "b", null)));
        memory.heard(news(user(41, "c", null)));
        memory.heard(news(user(20, "a", "old")));
        memory.heard(news(user(40, "c", "old")));
        memory.heard(news(user(22, "d", "new")));
        assertThat(alias("a")).as("forgotten, so nothing so old is taken").isNull();
        assertThat(alias("c")).isNull();
        assertThat(alias("d")).isEqualTo("new");
        memory.looked(List.of(user(19, "e", "store"), user(20, "a", null)), 50);
        assertThat(alias("e")).as("the store knows").isEqualTo("store");
    }

    @Test
    void whatIsHeardWhileAllIsReadHoldsAfterwards() {
        memory.heard(news(user(11, "u", "Anna")));
        memory.loading();
        Contents fresh = new Contents();
        fresh.put(user(11, "u", "Anna"));
        memory.heard(news(user(12, "u", null)));
        memory.heard(news(user(13, "v", "Berta")));
        memory.heard(new BookNews(List.of(user(14, "w", "of another store")), "there"));
        memory.load(fresh, 11, HERE);
        assertThat(alias("u")).isNull();
        assertThat(alias("v")).isEqualTo("Berta");
        assertThat(alias("w")).isNull();
        assertThat(memory.seen()).isEqualTo(13);
    }

    /** What was revoked while it waited for the store to answer at its start. */
    @Test
    void whatIsHeardBeforeTheCopyIsReadHoldsAfterwards() {
        BookMemory starting = new BookMemory();
        starting.loading();
        starting.heard(news(user(12, "u", null)));
        assertThat(starting.readable()).isFalse();
        Contents copy = new Contents();
        copy.put(user(11, "u", "Anna"));
        starting.copied(copy, HERE);
        assertThat(starting.readable()).isTrue();
        assertThat(starting.contents().user("u")).isNull();
    }

    /** A copy that has a key without the team that limits it would let it spend more. */
    @Test
    void aCopyHasAllOfAChangeOrNothing() throws Exception {
        BookCopy copy = new BookCopy(data.resolve("copy"), HERE);
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService writer = Executors.newSingleThreadExecutor()) {
            var written = writer.submit(() -> {
                for (int i = 0; i < 2_000 && !over.get(); i++) {
                    String id = "id" + i;
                    memory.wrote(List.of(
                            new Definition(Kind.TEAM, id, 11 + 2L * i, "{}"),
                            new Definition(Kind.KEY, id, 12 + 2L * i, "{\"team_id\":\"" + id + "\"}")));
                }
            });
            int seen = 0;
            do {
                memory.save(copy);
                Map<Kind, Long> kinds = copy.load().entries().stream()
                        .collect(Collectors.groupingBy(Definition::kind, Collectors.counting()));
                assertThat(kinds.get(Kind.KEY)).isEqualTo(kinds.get(Kind.TEAM));
                seen++;
            } while (!written.isDone() && seen < 500);
            over.set(true);
            written.get();
        }
    }
}
