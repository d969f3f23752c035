package dev.tollgate.accounting.ledger;

import dev.tollgate.accounting.RowReader;
import dev.tollgate.accounting.RowWriter;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.List;

/** What a batch adds: a byte that tells what, then rows in the journal's form with their lengths in front, or amounts as JSON. */
final class BatchBody {
    private static final byte ROWS = 1;
    private static final byte BY_HAND = 2;
    private static final byte HELD = 3;

    private BatchBody() {}

    static Buffer rows(List<SpendRow> rows) {
        Buffer body = Buffer.buffer().appendByte(ROWS);
        RowWriter writer = new RowWriter();
        for (SpendRow row : rows) {
            Buffer record = writer.record(row);
            body.appendInt(record.length()).appendBuffer(record);
        }
        return body;
    }

    /** Amounts that balances are changed by. */
    static Buffer byHand(BalanceSums sums) {
        return amounts(BY_HAND, sums);
    }

    /** What a store held when its node became one of a cluster. */
    static Buffer held(BalanceSums sums) {
        return amounts(HELD, sums);
    }

    private static Buffer amounts(byte what, BalanceSums sums) {
        JsonArray amounts = new JsonArray();
        sums.sums()
                .forEach((charge, nanos) -> amounts.add(new JsonArray()
                        .add(charge.holder().kind().storedName())
                        .add(charge.holder().id())
                        .add(charge.periodMillis())
                        .add(nanos)));
        return Buffer.buffer().appendByte(what).appendBuffer(amounts.toBuffer());
    }

    static boolean isByHand(Buffer body) {
        return body.getByte(0) == BY_HAND;
    }

    static boolean isHeld(Buffer body) {
        return body.getByte(0) == HELD;
    }

    private static boolean isRows(Buffer body) {
        return switch (body.getByte(0)) {
            case ROWS -> true;
            case BY_HAND, HELD -> false;
            default -> throw new IllegalArgumentException("A batch of unknown kind " + body.getByte(0));
        };
    }

    /** What it adds to balances, if all its rows are new. Of kinds that this release knows. */
    static BalanceSums sums(Buffer body) {
        BalanceSums sums = new BalanceSums();
        if (isRows(body)) {
            rows(body).forEach(sums::add);
            return sums;
        }
        for (Object each : new JsonArray(body.slice(1, body.length()))) {
            JsonArray amount = (JsonArray) each;
            Kind.named(amount.getString(0))
                    .ifPresent(kind -> sums.add(
                            new Charge(new Holder(kind, amount.getString(1)), amount.getLong(2)), amount.getLong(3)));
        }
        return sums;
    }

    /** Its rows; none when it is of amounts. */
    static List<SpendRow> rows(Buffer body) {
        List<SpendRow> rows = new ArrayList<>();
        RowReader reader = new RowReader();
        for (int at = isRows(body) ? 1 : body.length(); at < body.length(); ) {
            int length = body.getInt(at);
            at += Integer.BYTES;
            rows.add(reader.read(body.slice(at, at + length)));
            at += length;
        }
        return rows;
    }
}
