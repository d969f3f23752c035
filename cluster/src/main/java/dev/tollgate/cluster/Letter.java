package dev.tollgate.cluster;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.jackson.JacksonCodec;
import java.nio.charset.StandardCharsets;

/**
 * What one node tells another: a topic, some members, and bytes that are passed on as they are. On the wire it is a version byte, the
 * topic and the members with their lengths in front, and the rest is the bytes. Whoever reads members ignores those that it does not
 * know, so that nodes of two releases understand each other.
 *
 * @param topic what it is about; see {@link Peers#receive}
 * @param members its content
 * @param bytes more of it, such as a body
 */
public record Letter(String topic, JsonObject members, Buffer bytes) {
    private static final byte VERSION = 1;
    private static final Buffer NOTHING = Buffer.buffer();

    /** Members are plain JSON, so they need not go through the mapping of objects, which takes longer. */
    private static final JacksonCodec CODEC = new JacksonCodec();

    /** Without bytes. */
    public Letter(String topic, JsonObject members) {
        this(topic, members, NOTHING);
    }

    /** An answer that says nothing but that it is one. */
    public static Letter done() {
        return new Letter("", new JsonObject());
    }

    /** As it travels. */
    public Buffer encode() {
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        Buffer content = CODEC.toBuffer(members, false);
        return Buffer.buffer(9 + name.length + content.length() + bytes.length())
                .appendByte(VERSION)
                .appendInt(name.length)
                .appendBytes(name)
                .appendInt(content.length())
                .appendBuffer(content)
                .appendBuffer(bytes);
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalArgumentException when it is something else, or of a version that this one does not know
     */
    public static Letter decode(Buffer wire) {
        try {
            if (wire.getByte(0) != VERSION) {
                throw new IllegalArgumentException("A letter of unknown version " + wire.getByte(0));
            }
            int name = wire.getInt(1);
            int content = wire.getInt(5 + name);
            int rest = 9 + name + content;
            return new Letter(
                    wire.getString(5, 5 + name, StandardCharsets.UTF_8.name()),
                    members(wire.slice(9 + name, rest)),
                    wire.slice(rest, wire.length()));
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("A letter that is cut short", e);
        }
    }

    private static JsonObject members(Buffer json) {
        if (CODEC.fromBuffer(json) instanceof JsonObject members) {
            return members;
        }
        throw new IllegalArgumentException("A letter whose members are no object");
    }
}
