package dev.tollgate.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.JournalReader;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupCommitTest {
    @TempDir
    private Path folder = Path.of("");

    private final Deque<Runnable> turns = new ArrayDeque<>();
    private @Nullable Journal journal;

    private GroupCommit commit() {
        Journal made = new Journal(folder, "j");
        journal = made;
        return new GroupCommit(made, turns::add);
    }

    @AfterEach
    void close() {
        if (journal != null) {
            journal.close();
        }
    }

    private static List<Buffer> records(String id) {
        return Calls.records(id).toList();
    }

    private List<String> written() throws IOException {
        List<String> ids = new ArrayList<>();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                JournalReader.read(file, 0, 100)
                        .records()
                        .forEach(record -> ids.add(SpendRow.read(record).callId()));
            }
        }
        return ids;
    }

    @Test
    void noCallIsAnsweredBeforeItsRecordIsInTheFile() throws IOException {
        GroupCommit commit = commit();
        List<List<String>> seen = new ArrayList<>();
        List<Future<Boolean>> answers = new ArrayList<>();
        for (String id : List.of("a", "b", "c")) {
            Future<Boolean> answer = commit.append(records(id));
            answer.onSuccess(_ -> seen.add(read()));
            answers.add(answer);
        }
        assertThat(answers).noneMatch(Future::isComplete);
        assertThat(turns).hasSize(1);
        turns.remove().run();
        assertThat(answers).allMatch(Future::result);
        assertThat(seen).containsOnly(List.of("a", "b", "c"));
    }

    private List<String> read() {
        try {
            return written();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Whoever has its answer may ask again at once, in the same turn. */
    @Test
    void whatComesWhileAGroupIsAnsweredIsTheNextOne() throws IOException {
        GroupCommit commit = commit();
        List<Future<Boolean>> next = new ArrayList<>();
        commit.append(records("a")).onSuccess(_ -> next.add(commit.append(records("b"))));
        turns.remove().run();
        assertThat(next).singleElement().matches(answer -> !answer.isComplete());
        assertThat(written()).containsExactly("a");
        turns.remove().run();
        assertThat(next).allMatch(Future::succeeded);
        assertThat(written()).containsExactly("a", "b");
        assertThat(turns).isEmpty();
    }

    /** As at the end of a lane; its turn comes later and finds nothing. */
    @Test
    void aLargeGroupIsWrittenBeforeItsTurn() throws IOException {
        GroupCommit commit = commit();
        List<Future<Boolean>> answers = new ArrayList<>();
        while (answers.size() < 100 && answers.stream().noneMatch(Future::isComplete)) {
            answers.add(commit.append(records("call" + answers.size() + "x".repeat(10_000))));
        }
        assertThat(answers).hasSizeBetween(20, 30).allMatch(Future::result);
        assertThat(written()).hasSameSizeAs(answers);
        Future<Boolean> next = commit.append(records("next"));
        assertThat(next.isComplete()).isFalse();
        turns.forEach(Runnable::run);
        assertThat(next.result()).isTrue();
    }

    /** A call that ends when its lane has ended. */
    @Test
    void behindTheEndOfTheLaneEachRecordIsWrittenAtOnce() throws IOException {
        GroupCommit commit = commit();
        Future<Boolean> before = commit.append(records("before"));
        commit.close();
        assertThat(before.result()).isTrue();
        assertThat(commit.append(records("behind")).result()).isTrue();
        assertThat(written()).containsExactly("before", "behind");
    }

    @Test
    void whatWaitsCanBeWrittenAtOnce() throws IOException {
        GroupCommit commit = commit();
        Future<Boolean> answer = commit.append(records("a"));
        commit.write();
        assertThat(answer.succeeded()).isTrue();
        turns.remove().run();
        assertThat(written()).containsExactly("a");
    }

    @Test
    void whoFailsOverAnAnswerHindersNobodyElse() {
        GroupCommit commit = commit();
        commit.append(records("a")).onComplete(_ -> {
            throw new IllegalStateException("as with a response that is closed");
        });
        Future<Boolean> other = commit.append(records("b"));
        turns.remove().run();
        assertThat(other.result()).isTrue();
    }

    @Test
    void norDoesAnErrorOverAnAnswer() {
        GroupCommit commit = commit();
        commit.append(records("a")).onComplete(_ -> {
            throw new StackOverflowError();
        });
        Future<Boolean> other = commit.append(records("b"));
        turns.remove().run();
        assertThat(other.result()).isTrue();
    }

    /** One that no journal can write. */
    private static Buffer noBuffer(Error thrown) {
        List<Integer> lengths = new ArrayList<>(List.of(0));
        return (Buffer)
                Proxy.newProxyInstance(Buffer.class.getClassLoader(), new Class<?>[] {Buffer.class}, (_, _, _) -> {
                    if (lengths.isEmpty()) {
                        throw thrown;
                    }
                    return lengths.removeFirst();
                });
    }

    @Test
    void aFailureIsToldToAllOfTheGroupAndOfNoOther() throws IOException {
        GroupCommit commit = commit();
        Future<Boolean> good = commit.append(records("a"));
        Future<Boolean> bad = commit.append(List.of(noBuffer(new StackOverflowError())));
        turns.remove().run();
        assertThat(good.failed()).isTrue();
        assertThat(bad.failed()).isTrue();
        Future<Boolean> later = commit.append(records("b"));
        turns.remove().run();
        assertThat(later.succeeded()).isTrue();
    }

    @Test
    void withoutMemoryToWriteTheRecordsWaitAsWithoutADisk() throws IOException {
        GroupCommit commit = commit();
        Future<Boolean> good = commit.append(records("a"));
        Future<Boolean> large = commit.append(List.of(noBuffer(new OutOfMemoryError("no direct memory"))));
        turns.remove().run();
        assertThat(good.result()).isFalse();
        assertThat(large.result()).isFalse();
        assertThat(written()).isEmpty();
    }
}
