package dev.tollgate.accounting.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlateTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("journal").resolve("run-lane0.slate");
    }

    private static Buffer entry(String text, int bytes) {
        return Buffer.buffer(text).appendBytes(new byte[bytes - text.length()]);
    }

    private List<String> left() throws IOException {
        SlateReader.Left left = SlateReader.read(file());
        assertThat(left.torn()).isZero();
        return left.entries().stream()
                .map(entry -> entry.toString().trim() + " " + entry.length())
                .toList();
    }

    @Test
    void whatIsNotWipedIsFoundAndWhatIsWipedIsNot() throws IOException {
        Slate slate = new Slate(file());
        Slate.Entry first = Objects.requireNonNull(slate.write(entry("first", 700)));
        slate.write(entry("second", 701));
        assertThat(left()).containsExactly("first 700", "second 701");
        slate.wipe(first);
        assertThat(left()).containsExactly("second 701");
        slate.write(entry("third", 10));
        assertThat(left()).containsExactlyInAnyOrder("second 701", "third 10");
        assertThat(slate.live()).isEqualTo(2);
    }

    @Test
    void entriesOfAllSizesFindAPlaceAndPlacesAreUsedAgain() throws IOException {
        Slate slate = new Slate(file());
        int[] sizes = {1, 1012, 1013, 4_084, 4_085, 16_372, 16_373, 65_524, 65_525, Slate.CHUNK - Slate.HEADER};
        List<Slate.Entry> entries = new ArrayList<>();
        for (int size : sizes) {
            entries.add(Objects.requireNonNull(slate.write(entry("", size)), "of " + size));
        }
        assertThat(left()).hasSize(sizes.length);
        entries.forEach(slate::wipe);
        assertThat(left()).isEmpty();
        long size = Files.size(file());
        for (int i = 0; i < 10_000; i++) {
            slate.wipe(Objects.requireNonNull(slate.write(entry("", sizes[i % sizes.length]))));
        }
        assertThat(Files.size(file())).isEqualTo(size);
        assertThat(slate.write(entry("", Slate.CHUNK - Slate.HEADER + 1)))
                .as("nothing is that long")
                .isNull();
        assertThat(slate.missed()).isEqualTo(1);
    }

    @Test
    void thousandsAtOnceFindAPlace() throws IOException {
        Slate slate = new Slate(file());
        Random random = new Random(5);
        List<Slate.Entry> live = new ArrayList<>();
        int written = 0;
        for (int i = 0; i < 20_000; i++) {
            if (!live.isEmpty() && random.nextInt(5) < 2) {
                slate.wipe(live.remove(random.nextInt(live.size())));
            } else {
                live.add(Objects.requireNonNull(slate.write(entry("number " + written++, 20 + random.nextInt(2_000)))));
            }
        }
        assertThat(left()).hasSize(live.size()).doesNotHaveDuplicates();
    }

    @Test
    void anEntryThatWasCutShortIsNotTakenForOne() throws IOException {
        Slate slate = new Slate(file());
        slate.write(entry("whole", 100));
        slate.write(entry("torn", 100));
        byte[] bytes = Files.readAllBytes(file());
        bytes[1024 + Slate.HEADER + 50]++;
        Files.write(file(), bytes);
        SlateReader.Left left = SlateReader.read(file());
        assertThat(left.entries()).extracting(each -> each.toString().trim()).containsExactly("whole");
        assertThat(left.torn()).isEqualTo(1);
    }

    @Test
    void aChunkThatWasBeingMadeIsNoTrouble() throws IOException {
        Slate slate = new Slate(file());
        slate.write(entry("whole", 100));
        byte[] bytes = Files.readAllBytes(file());
        for (int end : new int[] {bytes.length + 5, bytes.length + Slate.CHUNK}) {
            Files.write(file(), Arrays.copyOf(bytes, end));
            assertThat(left()).containsExactly("whole 100");
        }
    }

    @Test
    void theFileGoesWithTheLaneUnlessSomethingIsUnderWayStill() throws IOException {
        Slate done = new Slate(file());
        done.wipe(Objects.requireNonNull(done.write(entry("done", 100))));
        done.close();
        assertThat(file()).doesNotExist();
        Slate unused = new Slate(file());
        unused.close();
        Slate cut = new Slate(file());
        cut.write(entry("cut", 100));
        cut.close();
        assertThat(left()).containsExactly("cut 100");
        try (Stream<Path> files = Files.list(file().getParent())) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void whenTheDiskRefusesWorkGoesOnAndIsCounted() throws IOException {
        Files.writeString(folder.resolve("journal"), "in the way");
        Slate slate = new Slate(file());
        assertThat(slate.write(entry("one", 100))).isNull();
        assertThat(slate.write(entry("two", 100))).isNull();
        assertThat(slate.missed()).isEqualTo(2);
        Files.delete(folder.resolve("journal"));
        assertThat(slate.write(entry("still", 100)))
                .as("it is not tried for each call")
                .isNull();
        slate.retry();
        assertThat(slate.write(entry("three", 100))).as("it works again").isNotNull();
        assertThat(left()).containsExactly("three 100");
    }
}
