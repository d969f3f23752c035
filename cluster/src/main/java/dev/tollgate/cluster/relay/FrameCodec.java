package dev.tollgate.cluster.relay;

import dev.tollgate.protocol.StreamFrame;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames of a stream as members of a letter: the number of the first, how long each chunk is, and perhaps an end. The chunks themselves
 * stand behind each other in the letter's bytes, and a trailer behind them.
 */
final class FrameCodec {
    private static final String FIRST = "first";
    private static final String SIZES = "sizes";
    private static final String END = "end";

    private FrameCodec() {}

    /** What the letter carries beside its members. */
    static Buffer bytes(List<StreamFrame> frames) {
        if (frames.size() == 1 && frames.getFirst() instanceof StreamFrame.Chunk only) {
            return only.bytes();
        }
        Buffer all = Buffer.buffer();
        for (StreamFrame frame : frames) {
            if (frame instanceof StreamFrame.Chunk chunk) {
                all.appendBuffer(chunk.bytes());
            } else if (frame instanceof StreamFrame.End end && end.trailer() != null) {
                all.appendBuffer(end.trailer());
            }
        }
        return all;
    }

    /** Adds the members of frames that follow each other; only the last may be an end. */
    static JsonObject write(List<StreamFrame> frames, JsonObject members) {
        members.put(FIRST, frames.getFirst().sequence());
        JsonArray sizes = new JsonArray();
        for (StreamFrame frame : frames) {
            switch (frame) {
                case StreamFrame.Chunk chunk -> sizes.add(chunk.bytes().length());
                case StreamFrame.End end -> {
                    JsonObject written = new JsonObject().put("kind", "end");
                    AnswerCodec.usage(end.usage(), written);
                    AnswerCodec.model(end.upstreamModel(), written);
                    if (end.trailer() != null) {
                        written.put("trailer", end.trailer().length());
                    }
                    members.put(END, written);
                }
                case StreamFrame.Broken broken -> {
                    JsonObject written = new JsonObject().put("kind", "broken");
                    AnswerCodec.failure(broken.failure(), written);
                    AnswerCodec.usage(broken.usage(), written);
                    members.put(END, written);
                }
                case StreamFrame.Cancelled cancelled -> {
                    JsonObject written = new JsonObject().put("kind", "cancelled");
                    AnswerCodec.usage(cancelled.usage(), written);
                    members.put(END, written);
                }
            }
        }
        if (!sizes.isEmpty()) {
            members.put(SIZES, sizes);
        }
        return members;
    }

    /**
     * Reads them.
     *
     * @throws RuntimeException when they are not what {@link #write} makes
     */
    static List<StreamFrame> read(JsonObject members, Buffer bytes) {
        List<StreamFrame> frames = new ArrayList<>();
        long sequence = members.getLong(FIRST);
        JsonArray sizes = members.getJsonArray(SIZES, new JsonArray());
        int at = 0;
        for (int i = 0; i < sizes.size(); i++) {
            int size = sizes.getInteger(i);
            frames.add(new StreamFrame.Chunk(sequence++, bytes.slice(at, at + size)));
            at += size;
        }
        JsonObject end = members.getJsonObject(END);
        if (end != null) {
            frames.add(end(end, sequence, bytes, at));
        }
        return frames;
    }

    private static StreamFrame end(JsonObject end, long sequence, Buffer bytes, int at) {
        Integer trailer = end.getInteger("trailer");
        return switch (end.getString("kind")) {
            case "end" ->
                new StreamFrame.End(
                        sequence,
                        trailer == null ? null : bytes.slice(at, at + trailer),
                        AnswerCodec.usage(end),
                        end.getString("model"));
            case "broken" -> new StreamFrame.Broken(sequence, AnswerCodec.failure(end), AnswerCodec.usage(end));
            case "cancelled" -> new StreamFrame.Cancelled(sequence, AnswerCodec.usage(end));
            case null, default -> throw new IllegalArgumentException("an end of an unknown kind");
        };
    }
}
