package dev.tollgate.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowReaderTest {
    /** Rows of which many differ in little: whatever it is, none is taken for another. */
    @Test
    void writesAndReadsAsOneByOne() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            RowReader reader = new RowReader();
            RowWriter writer = new RowWriter();
            for (int i = 0; i < 200; i++) {
                SpendRow row = row(random, i);
                Buffer record = row.record();
                assertThat(writer.record(row)).as("seed %d", seed).isEqualTo(record);
                assertThat(reader.read(record)).as("seed %d", seed).isEqualTo(row);
                assertThat(SpendRow.read(record)).as("seed %d", seed).isEqualTo(row);
            }
        }
    }

    private static SpendRow row(Random random, int number) {
        List<Charge> charges = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            charges.add(new Charge(
                    new Holder(Kind.TAG, "t" + random.nextInt(2)),
                    random.nextInt(2),
                    random.nextInt(4) == 0 ? random.nextInt(5) : Charge.WHOLE));
        }
        Usage usage = new Usage(
                        random.nextInt(9),
                        random.nextInt(2),
                        random.nextInt(2),
                        random.nextInt(2),
                        random.nextInt(2),
                        random.nextInt(9),
                        random.nextInt(2),
                        random.nextInt(2),
                        random.nextInt(2),
                        random.nextBoolean())
                .in(random.nextInt(3) == 0 ? ServiceTier.FLEX : null);
        String version = oneOf(random, null, "", "0123456789");
        return new SpendRow(
                random.nextBoolean() ? "call " + number : "é" + number,
                "acompletion",
                oneOf(random, null, "", "key"),
                oneOf(random, null, "anna"),
                oneOf(random, null, "team"),
                null,
                "alias",
                "gpt-4o",
                "deployment",
                "group",
                "openai",
                "https://api.openai.com/v1",
                "a,b",
                "group/deployment=ok",
                oneOf(random, null, "RATE_LIMITED"),
                version == null ? usage : usage.withPictures(random.nextInt(2), random.nextInt(2)),
                random.nextInt(100),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean() ? 200 : 429,
                random.nextLong(1_000_000),
                random.nextDouble(),
                random.nextDouble() - 1,
                charges,
                version);
    }

    private static @Nullable String oneOf(Random random, @Nullable String... of) {
        return of[random.nextInt(of.length)];
    }

    @Test
    void whatIsAlikeIsTheSame() {
        RowReader reader = new RowReader();
        Charge charge = new Charge(new Holder(Kind.TAG, "t"), 0);
        SpendRow first = reader.read(Calls.row("a").charged(List.of(charge)).record());
        SpendRow second = reader.read(Calls.row("another")
                .charged(List.of(new Charge(new Holder(Kind.TAG, "t"), 0)))
                .record());
        assertThat(second.callId()).isEqualTo("another");
        assertThat(second.charges()).isSameAs(first.charges());
        assertThat(second.route()).isSameAs(first.route());
    }

    @Test
    void aRecordThatIsNoneIsRefusedEachTime() {
        RowReader reader = new RowReader();
        byte[] later = Calls.row("a").record().getBytes();
        later[0] = 2;
        byte[] cut = Calls.row("a").record().getBytes(0, 60);
        reader.read(Calls.row("a").record());
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> reader.read(Buffer.buffer(later))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> reader.read(Buffer.buffer(cut))).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
