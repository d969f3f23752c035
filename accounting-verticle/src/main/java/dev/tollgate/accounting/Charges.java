package dev.tollgate.accounting;

import dev.tollgate.accounting.book.Charge;
import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Charges in a spend record: their number in a byte, and of each one byte for the kind and three flags, the period's start unless it is
 * that of the charge before, the id unless the row tells it, and the amount unless it is all that the call cost. Most charges take one byte.
 */
final class Charges {
    /** What stands in records; a kind keeps its number for good. */
    private static final List<Kind> KINDS = List.of(
            Kind.KEY,
            Kind.USER,
            Kind.TEAM,
            Kind.MEMBER,
            Kind.ORGANIZATION,
            Kind.ORGANIZATION_MEMBER,
            Kind.CUSTOMER,
            Kind.BUDGET,
            Kind.TAG,
            Kind.MODEL,
            Kind.CREDENTIAL,
            Kind.KEY_MODEL,
            Kind.GLOBAL,
            Kind.PART,
            Kind.PROVIDER,
            Kind.DEPLOYMENT);

    private static final Map<Kind, Integer> NUMBERS = numbers();

    private static final int KIND = 0x1f;
    private static final int OWN = 0x20;
    private static final int SAME_PERIOD = 0x40;

    /** Not the whole cost counts, but the amount that follows. */
    private static final int PART = 0x80;

    /** As many as a byte counts, or more: they go on to their end. Earlier releases read so many of them. */
    private static final int MANY = 255;

    private Charges() {}

    private static Map<Kind, Integer> numbers() {
        Map<Kind, Integer> numbers = new EnumMap<>(Kind.class);
        KINDS.forEach(kind -> numbers.put(kind, KINDS.indexOf(kind)));
        return numbers;
    }

    /** Of which charges the row itself tells whom they are for. */
    static boolean[] told(SpendRow row) {
        List<Charge> charges = row.charges();
        boolean[] told = new boolean[charges.size()];
        for (int i = 0; i < told.length; i++) {
            told[i] = told(row, charges.get(i).holder());
        }
        return told;
    }

    /** No less than what they take; {@code told}: of which the row tells whom they are for. */
    static int room(SpendRow row, boolean[] told) {
        List<Charge> charges = row.charges();
        int room = 1 + told.length * (1 + 2 * Long.BYTES);
        for (int i = 0; i < told.length; i++) {
            room += told[i] ? 0 : RowForm.room(charges.get(i).holder().id());
        }
        return room;
    }

    /** Appends the charges of {@code row}; who reads them must know where they end. */
    static void write(SpendRow row, boolean[] told, ByteBuffer out) {
        List<Charge> charges = row.charges();
        out.put((byte) Math.min(MANY, told.length));
        long period = 0;
        for (int i = 0; i < told.length; i++) {
            Charge charge = charges.get(i);
            Holder holder = charge.holder();
            boolean own = told[i];
            boolean same = charge.periodMillis() == period;
            out.put((byte) (Objects.requireNonNull(NUMBERS.get(holder.kind()))
                    | (own ? OWN : 0)
                    | (same ? SAME_PERIOD : 0)
                    | (charge.whole() ? 0 : PART)));
            if (!same) {
                out.putLong(charge.periodMillis());
                period = charge.periodMillis();
            }
            if (!own) {
                RowForm.text(out, SpendRow.clipped(holder.id()));
            }
            if (!charge.whole()) {
                out.putLong(charge.partNanos());
            }
        }
    }

    /** The charges that stand from {@code at} to {@code end}; {@code row} is the call without them. */
    static List<Charge> read(SpendRow row, Buffer in, int at, int end) {
        int count = in.getUnsignedByte(at++);
        List<Charge> charges = new ArrayList<>(count);
        long period = 0;
        while (count == MANY ? at < end : charges.size() < count) {
            int head = in.getUnsignedByte(at++);
            if ((head & KIND) >= KINDS.size()) {
                throw new IllegalArgumentException("A spend record with a charge of unknown kind " + (head & KIND));
            }
            Kind kind = KINDS.get(head & KIND);
            if ((head & SAME_PERIOD) == 0) {
                period = in.getLong(at);
                at += Long.BYTES;
            }
            String id = own(row, kind);
            if ((head & OWN) == 0) {
                int length = in.getInt(at);
                at += Integer.BYTES;
                id = in.getString(at, at + length, StandardCharsets.UTF_8.name());
                at += length;
            }
            long part = Charge.WHOLE;
            if ((head & PART) != 0) {
                part = in.getLong(at);
                at += Long.BYTES;
            }
            charges.add(new Charge(new Holder(kind, id), period, part));
        }
        return charges;
    }

    /** Whether the row itself tells that id. Ids of two texts are compared as two, or each record would put them together again. */
    private static boolean told(SpendRow row, Holder holder) {
        return switch (holder.kind()) {
            case MEMBER -> both(holder.id(), text(row.team()), text(row.user()));
            case KEY_MODEL -> both(holder.id(), text(row.keyHash()), row.requestedModel());
            default -> holder.id().equals(own(row, holder.kind()));
        };
    }

    private static boolean both(String id, String first, String second) {
        int between = first.length();
        return id.length() == between + 1 + second.length()
                && id.charAt(between) == '\n'
                && id.startsWith(first)
                && id.endsWith(second);
    }

    /** The id of this kind that the row itself tells. */
    private static String own(SpendRow row, Kind kind) {
        return switch (kind) {
            case KEY -> text(row.keyHash());
            case USER -> text(row.user());
            case TEAM -> text(row.team());
            case MEMBER -> text(row.team()) + '\n' + text(row.user());
            case CUSTOMER -> text(row.endUser());
            case KEY_MODEL -> text(row.keyHash()) + '\n' + row.requestedModel();
            case PROVIDER -> row.provider();
            case DEPLOYMENT -> row.modelId();
            case GLOBAL, ORGANIZATION, ORGANIZATION_MEMBER, BUDGET, TAG, MODEL, CREDENTIAL, PART -> "";
        };
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
