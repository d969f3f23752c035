package dev.tollgate.provider.dialect.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.wire.BadPayload;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.Passage;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Passes Anthropic's answers to Anthropic's clients: events go on as they came, and only the two that carry usage or the model's
 * name ({@code message_start}, {@code message_delta}) are read. {@code message_stop} is held back until the call is settled.
 */
public final class AnthropicPassage implements Passage {

    @Override
    public Whole whole(Buffer body, String requestedModel) {
        ObjectNode tree = Json.readObject(body);
        String model = Json.text(tree, "model");
        Usage usage = AnthropicUsage.read(tree.path("usage"), Usage.NONE);
        if (model == null) {
            return new Whole(body, usage, null);
        }
        return new Whole(Json.write(tree.put("model", requestedModel)), usage, model);
    }

    @Override
    public Stream stream(String requestedModel, boolean showUsage) {
        return new Events(requestedModel);
    }

    /** Anthropic sends some words an event. */
    private static final int TOKENS_AN_EVENT = 4;

    private static final class Events implements Stream {
        private static final int MAX_EVENT = 32 << 20;
        private static final byte[] EVENT = ascii("event:");
        private static final byte[] DATA = ascii("data:");
        private static final byte[] TYPE = ascii("\"type\"");
        private static final byte[] START = ascii("message_start");
        private static final byte[] DELTA = ascii("message_delta");
        private static final byte[] STOP = ascii("message_stop");
        private static final byte[] ERROR = ascii("error");
        private static final byte[] PING = ascii("ping");
        private static final byte[] BLOCK_START = ascii("content_block_start");

        private final String requestedModel;
        private byte[] held = new byte[0];
        private Usage usage = Usage.NONE;
        private long generated;
        private @Nullable String model;
        private @Nullable Failure failure;
        private @Nullable Buffer trailer;
        private boolean begun;

        Events(String requestedModel) {
            this.requestedModel = requestedModel;
        }

        private static byte[] ascii(String text) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public @Nullable Buffer feed(Buffer buffer) {
            byte[] fresh = buffer.getBytes();
            byte[] bytes = held.length == 0 ? fresh : Arrays.copyOf(held, held.length + fresh.length);
            if (held.length > 0) {
                System.arraycopy(fresh, 0, bytes, held.length, fresh.length);
            }
            Buffer out = Buffer.buffer();
            int start = 0;
            int end;
            // What was held has no event's end in it; its last bytes may be half of one.
            int from = Math.max(0, held.length - 3);
            while ((end = end(bytes, from)) > 0) {
                event(bytes, start, end, out);
                start = end;
                from = end;
            }
            held = Arrays.copyOfRange(bytes, start, bytes.length);
            if (held.length > MAX_EVENT) {
                throw new BadPayload("an event of more than " + (MAX_EVENT >> 20) + " MiB");
            }
            return out.length() == 0 ? null : out;
        }

        /** Behind the next empty line, or 0. Lines end in LF or CRLF; a lone CR, though legal, ends none. */
        private static int end(byte[] bytes, int from) {
            for (int i = from; i + 1 < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    if (bytes[i + 1] == '\n') {
                        return i + 2;
                    }
                    if (bytes[i + 1] == '\r' && i + 2 < bytes.length && bytes[i + 2] == '\n') {
                        return i + 3;
                    }
                }
            }
            return 0;
        }

        private void event(byte[] bytes, int start, int end, Buffer out) {
            int name = name(bytes, start, end);
            if (is(bytes, name, end, START)) {
                start(data(bytes, start, end), out);
            } else if (is(bytes, name, end, STOP)) {
                trailer = Buffer.buffer().appendBytes(bytes, start, end - start);
                begun = true;
            } else if (is(bytes, name, end, ERROR)) {
                failure = AnthropicDialect.inStream(data(bytes, start, end).path("error"));
            } else {
                boolean content = name < end && !is(bytes, name, end, PING) && !is(bytes, name, end, BLOCK_START);
                begun = begun || content;
                generated += content ? TOKENS_AN_EVENT : 0;
                if (is(bytes, name, end, DELTA)) {
                    usage = AnthropicUsage.read(data(bytes, start, end).path("usage"), usage);
                }
                out.appendBytes(bytes, start, end - start);
            }
        }

        private void start(ObjectNode event, Buffer out) {
            JsonNode message = event.path("message");
            usage = AnthropicUsage.read(message.path("usage"), usage);
            model = Json.text(message, "model");
            if (message instanceof ObjectNode object) {
                object.put("model", requestedModel);
            }
            out.appendString("event: message_start\ndata: ")
                    .appendBuffer(Json.write(event))
                    .appendString("\n\n");
        }

        /**
         * Where the event's name begins: the value of its {@code event} line, which nearly always comes first, else of the first
         * {@code type} in its data; {@code end} when it has neither, as a comment.
         */
        private static int name(byte[] bytes, int start, int end) {
            int data = end;
            for (int line = start; line < end; line = next(bytes, line, end)) {
                if (begins(bytes, line, end, EVENT)) {
                    return value(bytes, line + EVENT.length);
                }
                if (data == end && begins(bytes, line, end, DATA)) {
                    data = line + DATA.length;
                }
            }
            while (data < end && !begins(bytes, data, end, TYPE)) {
                data++;
            }
            for (data = Math.min(end, data + TYPE.length); data < end; data++) {
                byte b = bytes[data];
                if (b != ' ' && b != ':' && b != '"') {
                    return data;
                }
            }
            return end;
        }

        private static int next(byte[] bytes, int from, int end) {
            int at = from;
            while (at < end && bytes[at] != '\n') {
                at++;
            }
            return at + 1;
        }

        /** A value begins after one space, if there is one. */
        private static int value(byte[] bytes, int at) {
            return bytes[at] == ' ' ? at + 1 : at;
        }

        /** Whether the name at {@code at} is this one, to its end. */
        private static boolean is(byte[] bytes, int at, int end, byte[] name) {
            if (at + name.length >= end || !begins(bytes, at, end, name)) {
                return false;
            }
            byte after = bytes[at + name.length];
            return after == '\n' || after == '\r' || after == '"';
        }

        private static boolean begins(byte[] bytes, int at, int end, byte[] prefix) {
            return end - at >= prefix.length && Arrays.equals(bytes, at, at + prefix.length, prefix, 0, prefix.length);
        }

        /** The event's data, its lines joined. */
        private static ObjectNode data(byte[] bytes, int start, int end) {
            Buffer data = Buffer.buffer();
            for (int line = start; line < end; ) {
                int next = next(bytes, line, end);
                if (begins(bytes, line, end, DATA)) {
                    data.appendBytes(bytes, line + DATA.length, next - line - DATA.length);
                }
                line = next;
            }
            if (data.length() == 0) {
                throw new BadPayload("an event without data");
            }
            return Json.readObject(data);
        }

        @Override
        public boolean begun() {
            return begun;
        }

        @Override
        public boolean complete() {
            return trailer != null;
        }

        @Override
        public @Nullable Buffer trailer() {
            return trailer;
        }

        @Override
        public long generated() {
            return generated;
        }

        @Override
        public Usage usage() {
            return usage;
        }

        @Override
        public @Nullable String upstreamModel() {
            return model;
        }

        @Override
        public @Nullable Failure failure() {
            return failure;
        }
    }
}
