package dev.tollgate.accounting.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir
    Path folder;

    private static Buffer record(int number, int length) {
        byte[] bytes = new byte[length];
        new Random(number).nextBytes(bytes);
        return Buffer.buffer(bytes);
    }

    private static List<Buffer> all(Path file) throws IOException {
        List<Buffer> records = new ArrayList<>();
        long position = 0;
        JournalReader.Batch batch;
        do {
            batch = JournalReader.read(file, position, 3);
            records.addAll(batch.records());
            position = batch.next();
        } while (!batch.end());
        return records;
    }

    private Path current(Journal journal) {
        return Objects.requireNonNull(journal.current());
    }

    @Test
    void recordsReadAsTheyWereWrittenInWhateverBatches() throws IOException {
        Journal journal = new Journal(folder, "run-lane0");
        List<Buffer> written = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            written.add(record(i, 1 + i * 997));
            journal.append(written.get(i));
        }
        assertThat(all(current(journal))).isEqualTo(written);
        Path file = current(journal);
        journal.close();
        assertThat(journal.current()).isNull();
        assertThat(all(file)).isEqualTo(written);
    }

    @Test
    void severalAtOnceAreRecordsLikeAnyOther() throws IOException {
        Journal journal = new Journal(folder, "run-lane0");
        journal.append(record(1, 40));
        journal.append(List.of(record(2, 5_000), record(3, 1), record(4, 300)));
        journal.append(record(5, 40));
        assertThat(all(current(journal)))
                .containsExactly(record(1, 40), record(2, 5_000), record(3, 1), record(4, 300), record(5, 40));
        journal.close();
    }

    @Test
    void cutAnywhereInItsLastRecordAFileStillGivesTheOthers() throws IOException {
        Journal journal = new Journal(folder, "run-lane0");
        journal.append(record(1, 40));
        journal.append(record(2, 40));
        journal.append(record(3, 40));
        byte[] whole = Files.readAllBytes(current(journal));
        Path cut = folder.resolve("cut");
        for (int length = 96; length < whole.length; length++) {
            Files.write(cut, Arrays.copyOf(whole, length));
            JournalReader.Batch batch = JournalReader.read(cut, 0, 100);
            assertThat(batch.records()).as("cut at %s", length).containsExactly(record(1, 40), record(2, 40));
            assertThat(batch.next()).isEqualTo(96);
            assertThat(batch.end()).isTrue();
            assertThat(JournalReader.resume(cut, 96)).isEqualTo(-1);
        }
    }

    @Test
    void behindADamagedRecordTheNextOneIsFound() throws IOException {
        Journal journal = new Journal(folder, "run-lane0");
        journal.append(record(1, 40));
        journal.append(record(2, 40));
        journal.append(record(3, 40));
        byte[] whole = Files.readAllBytes(current(journal));
        Path damaged = folder.resolve("damaged");
        for (int at = 48; at < 96; at++) {
            byte[] bytes = whole.clone();
            bytes[at] ^= 0x55;
            Files.write(damaged, bytes);
            assertThat(JournalReader.read(damaged, 0, 100).next())
                    .as("byte %s", at)
                    .isEqualTo(48);
            assertThat(JournalReader.resume(damaged, 48)).as("byte %s", at).isEqualTo(96);
        }
        Files.write(damaged, new byte[5000], StandardOpenOption.APPEND);
        assertThat(JournalReader.read(damaged, 96, 100).next()).isEqualTo(144);
        assertThat(JournalReader.resume(damaged, 144)).as("nothing but zeros").isEqualTo(-1);
    }

    @Test
    void whatAFailedWriteLeftIsWrittenOver() throws IOException {
        Journal journal = new Journal(folder, "run-lane0");
        journal.append(record(1, 40));
        Files.write(current(journal), new byte[] {0, 0, 0, 60, 1, 2, 3}, StandardOpenOption.APPEND);
        journal.append(record(2, 60));
        journal.append(record(3, 40));
        assertThat(all(current(journal))).containsExactly(record(1, 40), record(2, 60), record(3, 40));
    }

    @Test
    void aFullFileIsFollowedByAnother() throws IOException {
        Journal journal = new Journal(folder, "run-lane0");
        Buffer large = record(1, 6 << 20);
        journal.append(large);
        Path first = current(journal);
        journal.append(large);
        journal.append(large);
        assertThat(current(journal)).isEqualTo(first);
        journal.append(record(2, 10));
        assertThat(current(journal)).isNotEqualTo(first);
        journal.sync();
        assertThat(all(first)).containsExactly(large, large, large);
        assertThat(all(current(journal))).containsExactly(record(2, 10));
        journal.close();
    }

    @Test
    void aMarkGrowsWithEachRecordThatIsWrittenAndFromFileToFile() throws IOException {
        Journal journal = new Journal(folder, "run-lane0");
        assertThat(journal.mark()).isZero();
        journal.append(record(1, 40));
        assertThat(journal.mark()).isEqualTo(Mark.of(0, 48));
        journal.append(record(2, 16 << 20));
        journal.append(record(3, 10));
        assertThat(journal.mark()).isEqualTo(Mark.of(1, 18));
        assertThat(Mark.file(journal.mark())).isEqualTo(1);
        assertThat(Mark.position(journal.mark())).isEqualTo(18);
        assertThat(journal.numberOf(current(journal))).isEqualTo(1);
        assertThat(current(journal)).isEqualTo(folder.resolve(Journal.fileName("run-lane0", 1)));
    }

    @Test
    void anExtractIsWholeRecordsAsTheyStandThere() throws IOException {
        Journal journal = new Journal(folder, "run-lane0");
        for (int i = 0; i < 4; i++) {
            journal.append(record(i, 40));
        }
        Path file = current(journal);
        Buffer bytes = Buffer.buffer(Files.readAllBytes(file));
        try (FileChannel open = FileChannel.open(file)) {
            for (int most = 8; most < 200; most++) {
                int records = Math.clamp(most / 48, 1, 4);
                assertThat(JournalReader.extract(open, 0, Long.MAX_VALUE, most))
                        .as("of %s bytes", most)
                        .isEqualTo(new JournalReader.Extract(bytes.slice(0, 48 * records), records));
            }
            assertThat(JournalReader.extract(open, 48, 144, 4096))
                    .isEqualTo(new JournalReader.Extract(bytes.slice(48, 144), 2));
            Files.write(file, new byte[] {0, 0, 0, 40, 1, 2, 3, 4, 5}, StandardOpenOption.APPEND);
            assertThat(JournalReader.extract(open, 144, Long.MAX_VALUE, 4096).records())
                    .as("a torn end is no record")
                    .isEqualTo(1);
            assertThat(JournalReader.extract(open, 192, Long.MAX_VALUE, 4096).records())
                    .isZero();
        }
    }

    @Test
    void whileTheFolderCannotBeWrittenRecordsWaitAndThenFollowInOrder() throws IOException {
        Path blocked = folder.resolve("journal");
        Files.writeString(blocked, "a file where the folder should be");
        Journal journal = new Journal(blocked, "run-lane0");
        journal.append(record(1, 40));
        journal.append(record(2, 40));
        journal.retry();
        Files.delete(blocked);
        journal.retry();
        assertThat(all(current(journal))).containsExactly(record(1, 40), record(2, 40));
        journal.append(record(3, 40));
        assertThat(all(current(journal))).hasSize(3);
        assertThat(journal.lost()).isZero();
    }

    @Test
    void whatWaitsIsBoundedCountedAndTriedOnceMoreAtTheEnd() throws IOException {
        Path blocked = folder.resolve("journal");
        Files.writeString(blocked, "a file where the folder should be");
        Journal journal = new Journal(blocked, "run-lane0");
        Journal hopeless = new Journal(blocked, "run-lane1");
        for (int i = 0; i < 10_003; i++) {
            journal.append(record(i, 4));
        }
        assertThat(journal.lost()).isEqualTo(3);
        hopeless.append(record(1, 4));
        hopeless.close();
        assertThat(hopeless.lost()).isEqualTo(1);
        Files.delete(blocked);
        journal.close();
        assertThat(all(blocked.resolve("run-lane0-" + fileNumber(blocked) + ".log")))
                .hasSize(10_000);
        assertThat(journal.lost()).isEqualTo(3);
    }

    private static String fileNumber(Path journal) throws IOException {
        try (var files = Files.list(journal)) {
            String name = files.findFirst().orElseThrow().getFileName().toString();
            return name.substring("run-lane0-".length(), name.length() - ".log".length());
        }
    }

    @Test
    void anInterruptThatClosesTheFileCostsNothing() throws IOException {
        Journal journal = new Journal(folder, "run-lane0");
        journal.append(record(1, 40));
        Path first = current(journal);
        Thread.currentThread().interrupt();
        journal.append(record(2, 40));
        assertThat(Thread.interrupted()).isTrue();
        journal.append(record(3, 40));
        assertThat(all(first)).startsWith(record(1, 40));
        List<Buffer> both = new ArrayList<>(all(first));
        both.addAll(all(current(journal)));
        assertThat(both).contains(record(1, 40), record(2, 40), record(3, 40));
    }

    @Test
    void aFileOfThatNameFromBeforeTheClockWentBackIsLeftAlone() throws IOException {
        Journal earlier = new Journal(folder, "run-lane0");
        earlier.append(record(1, 40));
        Journal later = new Journal(folder, "run-lane0");
        later.append(record(2, 40));
        assertThat(all(current(earlier))).containsExactly(record(1, 40));
        assertThat(all(current(later))).containsExactly(record(2, 40));
    }
}
