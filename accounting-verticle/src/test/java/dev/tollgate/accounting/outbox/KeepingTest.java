package dev.tollgate.accounting.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.accounting.Calls;
import dev.tollgate.accounting.journal.Journal;
import dev.tollgate.accounting.journal.JournalReader;
import dev.tollgate.accounting.journal.Mark;
import dev.tollgate.cluster.Letter;
import dev.tollgate.cluster.Mesh;
import dev.tollgate.cluster.NoPeers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeepingTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    @TempDir
    Path data;

    private final Mesh mesh = new Mesh();
    private final Mesh.Member origin = mesh.join("origin");
    private Keeping keeping;

    @BeforeEach
    void begin() {
        keeping = keeping("keeper");
    }

    private Keeping keeping(String id) {
        Keeping made = new Keeping(data.resolve("outbox"), mesh.join(id), Runnable::run);
        made.listen();
        return made;
    }

    /** What a journal's file holds. */
    private Buffer journal(String... ids) throws IOException {
        Journal journal = new Journal(data.resolve("journal" + System.nanoTime()), "run");
        Calls.records(ids).forEach(journal::append);
        Path file = journal.current();
        journal.close();
        assertThat(file).isNotNull();
        return Buffer.buffer(Files.readAllBytes(file));
    }

    private @Nullable String send(CopyLetter.Part... parts) {
        return CopyLetter.refusal(origin.ask("keeper", CopyLetter.copy("origin", List.of(parts)), SOON)
                .await());
    }

    private static CopyLetter.Part part(long mark, Buffer bytes) {
        return new CopyLetter.Part("run", mark, bytes);
    }

    private void stored(long mark) {
        origin.tell("keeper", CopyLetter.stored("origin", Map.of("run", mark)));
    }

    private List<Path> files() throws IOException {
        if (!Files.isDirectory(data.resolve("outbox"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(data.resolve("outbox"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static Buffer content(Path file) throws IOException {
        return Buffer.buffer(Files.readAllBytes(file));
    }

    @Test
    void partsThatFollowEachOtherAreOneFileAndWhatIsSentAgainIsThereOnce() throws IOException {
        Buffer all = journal("a", "b", "c");
        int one = all.length() / 3;
        assertThat(send(part(0, all.slice(0, one)))).isNull();
        assertThat(send(part(0, all.slice(0, one)))).as("its answer was lost").isNull();
        assertThat(send(part(0, all.slice(0, 2 * one)), part(2L * one, all.slice(2 * one, all.length()))))
                .isNull();
        assertThat(send(part(one, all.slice(one, 2 * one)))).isNull();
        assertThat(files()).hasSize(1);
        assertThat(content(files().getFirst())).isEqualTo(all);
        assertThat(JournalReader.read(files().getFirst(), 0, 9).records()).hasSize(3);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files().getFirst())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(files().getFirst().getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void whatIsNotConnectedIsAFileOfItsOwnAndEachGoesWhenItIsStored() throws IOException {
        Buffer all = journal("a", "b", "c");
        int one = all.length() / 3;
        send(part(2L * one, all.slice(2 * one, all.length())));
        send(part(0, all.slice(0, one)), part(Mark.of(1, 0), all.slice(0, one)));
        assertThat(files()).hasSize(3);
        stored(one - 1);
        assertThat(files()).as("not all of the first").hasSize(3);
        stored(one);
        assertThat(files()).hasSize(2);
        stored(Mark.of(1, 0));
        assertThat(files()).hasSize(1);
        assertThat(keeping.due()).as("its node is there").isEmpty();
        mesh.leave("origin");
        assertThat(keeping.due()).containsExactly(new Outbox.Left(files().getFirst(), 0));
        Files.delete(files().getFirst());
        assertThat(keeping.due()).isEmpty();
        assertThat(data.resolve("outbox").resolve("origin")).doesNotExist();
    }

    @Test
    void ofANodeThatIsGoneOnlyWhatItHadNotStoredIsLeft() throws IOException {
        Buffer all = journal("a", "b", "c");
        int one = all.length() / 3;
        send(part(0, all));
        stored(one);
        mesh.leave("origin");
        assertThat(keeping.due()).containsExactly(new Outbox.Left(files().getFirst(), one));
        send(part(all.length(), all));
        assertThat(files())
                .as("a letter that was under way does not change a file that is being stored")
                .hasSize(2);
        keeping.close();
        Keeping next = keeping("next");
        assertThat(next.due()).as("after a restart, more than is missing").hasSize(2);
    }

    @Test
    void aLongJournalIsKeptInSeveralFiles() throws IOException {
        Buffer large = journal("x".repeat(1 << 20));
        for (int i = 0; i < 9; i++) {
            send(part((long) i * large.length(), large));
        }
        assertThat(files()).hasSize(3);
        stored(large.length() * 8L);
        assertThat(files()).hasSize(1);
        keeping.sync();
        send(part(9L * large.length(), large));
        assertThat(files()).hasSize(1);
    }

    @Test
    void namesThatLeadElsewhereFormsOfTheFutureAndLettersCutShortAreRefused() throws IOException {
        Buffer bytes = journal("a");
        for (String name : List.of("..", "../../x", "a/b", "", "a\u0000b", ".hidden", "x".repeat(200))) {
            assertThat(send(new CopyLetter.Part(name, 0, bytes))).as(name).contains("a name that is none");
            assertThat(CopyLetter.refusal(origin.ask("keeper", CopyLetter.copy(name, List.of(part(0, bytes))), SOON)
                            .await()))
                    .as(name)
                    .contains("a name that is none");
        }
        Letter fine = CopyLetter.copy("origin", List.of(part(0, bytes)));
        Letter later = new Letter(fine.topic(), fine.members().copy().put("form", 2), bytes);
        assertThat(CopyLetter.refusal(origin.ask("keeper", later, SOON).await()))
                .contains("form 2");
        Letter torn = new Letter(fine.topic(), fine.members(), bytes.slice(0, 9));
        assertThat(CopyLetter.refusal(origin.ask("keeper", torn, SOON).await())).contains("cut short");
        assertThat(files()).isEmpty();
        JsonArray parts = fine.members().copy().getJsonArray("parts");
        parts.getJsonObject(0).put("later", 1);
        Letter richer = new Letter(
                fine.topic(),
                new JsonObject().mergeIn(fine.members()).put("parts", parts).put("more", true),
                bytes);
        assertThat(CopyLetter.refusal(origin.ask("keeper", richer, SOON).await()))
                .isNull();
        assertThat(files()).hasSize(1);
    }

    @Test
    void aDiskThatRefusesRefusesTheLetterAndWorksAgainLater() throws IOException {
        Buffer bytes = journal("a");
        Path blocked = Files.writeString(data.resolve("outbox"), "a file where the folder should be");
        assertThat(send(part(0, bytes))).contains("outbox");
        Files.delete(blocked);
        assertThat(send(part(0, bytes))).isNull();
        assertThat(files()).hasSize(1);
        keeping.close();
        assertThat(send(part(bytes.length(), bytes))).contains("leaving");
    }

    @Test
    void aNodeThatLooksForTheOthersStoresNothingYet() throws IOException {
        send(part(0, journal("a")));
        mesh.leave("origin");
        mesh.leave("keeper");
        assertThat(keeping.due()).as("it does not know who is there").isEmpty();
        List<Outbox.Left> alone =
                new ArrayList<>(new Keeping(data.resolve("outbox"), new NoPeers("n", "v"), Runnable::run).due());
        assertThat(alone).as("there is no cluster any more").hasSize(1);
    }
}
