package dev.tollgate.provider.dialect.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.Passage;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * One OpenAI-shaped event stream on its way to a client of the same shape. Whole events go on as they came but for the model's
 * name; what a cut left incomplete waits for the rest. Hot path: an event is looked at once by a byte scan for its end and once by
 * a streaming parser for its top-level members (0.6 µs for a usual chunk; a tree would be 0.8 plus writing it again).
 *
 * <p>An event that only carries usage is left out when the client did not ask for it. {@code [DONE]} is held back until the call is
 * settled. A provider that closes after a finish reason without {@code [DONE]} (several copies of the API do) counts as complete.
 */
final class OpenAiStream implements Passage.Stream {
    /** More choices than any provider gives; what lies beyond counts as this one. */
    private static final int MOST_CHOICES = 1_024;

    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);
    private static final Buffer TRAILER = Buffer.buffer("data: [DONE]\n\n");
    private static final byte[] NOTHING = new byte[0];
    private static final int MAX_EVENT = 32 << 20;
    private static final int LONGEST_END = 2; // bytes in which an event's end may have begun

    private final byte[] model;
    private final boolean showUsage;
    private byte[] held = NOTHING;
    private int heldLength;
    private int scanned;
    private Usage usage = Usage.NONE;
    private @Nullable ServiceTier tier;
    private @Nullable String upstreamModel;
    private @Nullable Failure failure;
    private @Nullable Buffer last;
    private boolean done;
    private boolean finishSeen;

    /** Choices that have begun, and those that have a finish reason. */
    private final BitSet seen = new BitSet();

    private final BitSet finished = new BitSet();
    private boolean begun;
    private long generated;

    OpenAiStream(String requestedModel, boolean showUsage) {
        this.model = OpenAiPassage.quoted(requestedModel);
        this.showUsage = showUsage;
    }

    @Override
    public @Nullable Buffer feed(Buffer buffer) {
        byte[] bytes = joined(buffer);
        int length = heldLength == 0 ? bytes.length : heldLength;
        Buffer out = null;
        int start = 0;
        int end = eventEnd(bytes, scanned, length);
        while (end > 0 && failure == null) {
            out = event(bytes, start, end, out);
            start = end;
            end = eventEnd(bytes, start, length);
        }
        hold(bytes, start, length);
        return out;
    }

    /** What was held and what is new; {@code heldLength} says how much of the array counts, 0 when it is all new. */
    private byte[] joined(Buffer buffer) {
        byte[] fresh = buffer.getBytes();
        if (heldLength == 0) {
            return fresh;
        }
        if (held.length < heldLength + fresh.length) {
            held = Arrays.copyOf(held, Math.max(2 * held.length, heldLength + fresh.length));
        }
        System.arraycopy(fresh, 0, held, heldLength, fresh.length);
        heldLength += fresh.length;
        return held;
    }

    /** Keeps what is no whole event yet, and how far it was searched: a large event comes in many pieces, each looked at once. */
    private void hold(byte[] bytes, int start, int length) {
        if (start > 0 || heldLength == 0) {
            held = start == length ? NOTHING : Arrays.copyOfRange(bytes, start, length);
        }
        heldLength = length - start;
        scanned = Math.max(0, heldLength - LONGEST_END);
        if (heldLength > MAX_EVENT) {
            throw new BadPayload("an event of more than " + (MAX_EVENT >> 20) + " MiB");
        }
    }

    /** One past the empty line that ends the event searched from {@code from}, or 0 when it is not complete. */
    private static int eventEnd(byte[] bytes, int from, int length) {
        for (int i = from; i < length; i++) {
            if (bytes[i] == '\n') {
                if (i + 1 < length && bytes[i + 1] == '\n') {
                    return i + 2;
                }
                if (i + 2 < length && bytes[i + 1] == '\r' && bytes[i + 2] == '\n') {
                    return i + 3;
                }
            }
        }
        return 0;
    }

    private @Nullable Buffer event(byte[] bytes, int start, int end, @Nullable Buffer out) {
        int data = dataStart(bytes, start, end);
        if (data < 0) {
            return appended(out, bytes, start, end);
        }
        int line = lineEnd(bytes, data, end);
        if (dataStart(bytes, line, end) >= 0) {
            byte[] joined = oneLine(bytes, start, end);
            return event(joined, 0, joined.length, out);
        }
        int dataEnd = line;
        while (dataEnd > data && bytes[dataEnd - 1] <= ' ') {
            dataEnd--;
        }
        if (dataEnd == data) {
            return out;
        }
        if (bytes[data] == '[') {
            done |= Arrays.equals(bytes, data, dataEnd, DONE, 0, DONE.length);
            return out;
        }
        return json(bytes, start, end, data, dataEnd, out);
    }

    private static int lineEnd(byte[] bytes, int from, int end) {
        int line = from;
        while (line < end && bytes[line] != '\n') {
            line++;
        }
        return Math.min(line + 1, end);
    }

    /** The same event with its {@code data} lines joined into one: JSON does not mind a blank where the standard has a new line. */
    private static byte[] oneLine(byte[] bytes, int start, int end) {
        StringBuilder data = new StringBuilder("data:");
        StringBuilder others = new StringBuilder();
        new String(bytes, start, end - start, StandardCharsets.UTF_8).lines().forEach(line -> {
            if (line.startsWith("data:")) {
                data.append(' ').append(line.substring("data:".length()).strip());
            } else if (!line.isEmpty()) {
                others.append(line).append('\n');
            }
        });
        return others.append(data).append("\n\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Where the value of the {@code data} line begins; -1 for comments and other events, which pass. */
    private static int dataStart(byte[] bytes, int start, int end) {
        int line = start;
        while (line + 5 <= end) {
            if (bytes[line] == 'd'
                    && bytes[line + 1] == 'a'
                    && bytes[line + 2] == 't'
                    && bytes[line + 3] == 'a'
                    && bytes[line + 4] == ':') {
                int value = line + 5;
                while (value < end && bytes[value] == ' ') {
                    value++;
                }
                return value;
            }
            while (line < end && bytes[line] != '\n') {
                line++;
            }
            line++;
        }
        return -1;
    }

    private @Nullable Buffer json(byte[] bytes, int start, int end, int data, int dataEnd, @Nullable Buffer out) {
        int modelStart = -1;
        int modelEnd = -1;
        boolean choices = false;
        boolean reported = false;
        try (JsonParser parser = OpenAiPassage.JSON.createParser(bytes, data, dataEnd - data)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return appended(out, bytes, start, end);
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "model" -> {
                        if (value == JsonToken.VALUE_STRING) {
                            modelStart =
                                    data + (int) parser.currentTokenLocation().getByteOffset();
                            if (upstreamModel == null) {
                                upstreamModel = parser.getText();
                            }
                            parser.finishToken();
                            modelEnd = data + (int) parser.currentLocation().getByteOffset();
                        }
                    }
                    case "choices" -> choices = choices(parser);
                    case "usage" -> {
                        Usage read = OpenAiUsage.read(parser);
                        if (read.reported()) {
                            usage = read;
                            reported = true;
                        }
                    }
                    case "error" -> {
                        if (value != JsonToken.VALUE_NULL) {
                            failure = OpenAiErrors.inStream(
                                    Json.read(new String(bytes, data, dataEnd - data, StandardCharsets.UTF_8))
                                            .path("error"));
                            return out;
                        }
                    }
                    case ServiceTier.MEMBER -> {
                        // It stands in every chunk.
                        if (value == JsonToken.VALUE_STRING) {
                            tier = ServiceTier.named(parser.getText());
                        } else {
                            parser.skipChildren();
                        }
                    }
                    default -> parser.skipChildren();
                }
            }
        } catch (IOException e) {
            throw new BadPayload("an event that is not valid JSON");
        }
        if (reported && !choices && !showUsage) {
            return out;
        }
        if (modelStart < 0) {
            return appended(out, bytes, start, end);
        }
        Buffer result = out == null ? Buffer.buffer(end - start + model.length) : out;
        return result.appendBytes(bytes, start, modelStart - start)
                .appendBytes(model)
                .appendBytes(bytes, modelEnd, end - modelEnd);
    }

    /** Whether there is any choice; notes whether one has a finish reason. */
    private boolean choices(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return false;
        }
        boolean any = false;
        for (JsonToken item = parser.nextToken(); item != JsonToken.END_ARRAY; item = parser.nextToken()) {
            any = true;
            if (item == JsonToken.START_OBJECT) {
                choice(parser);
            } else {
                parser.skipChildren();
            }
        }
        return any;
    }

    private void choice(JsonParser parser) throws IOException {
        int index = 0;
        boolean ends = false;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (value == JsonToken.VALUE_STRING && name.equals("finish_reason")) {
                // Some providers send an empty one with every chunk.
                if (parser.getTextLength() > 0) {
                    finishSeen = true;
                    begun = true;
                    ends = true;
                }
            } else if (value == JsonToken.VALUE_NUMBER_INT && name.equals("index")) {
                index = Math.clamp(parser.getLongValue(), 0, MOST_CHOICES);
            } else if (!begun) {
                begun = FirstWord.in(name, value, parser);
            }
            parser.skipChildren();
        }
        seen.set(index);
        generated++;
        if (ends) {
            finished.set(index);
        }
    }

    private static Buffer appended(@Nullable Buffer out, byte[] bytes, int start, int end) {
        Buffer result = out == null ? Buffer.buffer(end - start) : out;
        return result.appendBytes(bytes, start, end - start);
    }

    /** Copies of the API send one token an event, or two. */
    @Override
    public long generated() {
        return generated;
    }

    @Override
    public boolean begun() {
        return begun;
    }

    /** An event that only lacks its empty line counts, and goes out with the trailer. */
    @Override
    public void closed() {
        if (dataStart(held, 0, heldLength) >= 0) {
            boolean finished = finishSeen;
            try {
                last = feed(Buffer.buffer("\n\n"));
            } catch (BadPayload _) {
                heldLength = 0;
                finishSeen = finished;
            }
        }
    }

    @Override
    public boolean complete() {
        return failure == null && (done || (finishSeen && finished.cardinality() >= seen.cardinality()));
    }

    @Override
    public Buffer trailer() {
        return last == null ? TRAILER.copy() : last.copy().appendBuffer(TRAILER);
    }

    @Override
    public Usage usage() {
        return usage.in(tier);
    }

    @Override
    public @Nullable String upstreamModel() {
        return upstreamModel;
    }

    @Override
    public @Nullable Failure failure() {
        return failure;
    }
}
