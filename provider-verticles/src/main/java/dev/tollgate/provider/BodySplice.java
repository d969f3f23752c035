package dev.tollgate.provider;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Span;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Changes a few members of a JSON body without parsing it again or copying it: the body's untouched stretches are slices of the
 * client's own bytes, with the new pieces between them (100 KB: 49 µs for scan and splice, against 257 µs through a tree).
 *
 * <p>What is changed: the model's name, members that are ours and not the provider's are left out, parameters that the deployment
 * sets and the client did not are added, and a stream is asked to report its usage.
 */
final class BodySplice {
    private static final byte[] USAGE_MEMBER =
            "\"stream_options\":{\"include_usage\":true},".getBytes(StandardCharsets.UTF_8);
    private static final byte[] USAGE_VALUE = "{\"include_usage\":true}".getBytes(StandardCharsets.UTF_8);

    /** Whether the upstream must be asked for usage in its stream. */
    enum StreamUsage {
        ASK,
        LEAVE
    }

    private record Edit(int start, int end, byte[] replacement, boolean member) {}

    private final ByteBuf body;
    private final List<ByteBuf> pieces = new ArrayList<>(6);
    private int lastStart;
    private int lastEnd;
    private boolean lastIsBody;

    private BodySplice(Buffer body) {
        this.body = ((BufferInternal) body).getByteBuf();
    }

    /** The body to send upstream. */
    static Buffer splice(
            Buffer body, Envelope envelope, Deployment deployment, String upstreamModel, StreamUsage usage) {
        List<Edit> edits = new ArrayList<>(4 + envelope.proxyMembers().size());
        StringBuilder added = new StringBuilder();
        Span model = envelope.modelSpan();
        if (model != null) {
            edits.add(new Edit(
                    model.start(), model.end(), Json.encode(upstreamModel).getBytes(StandardCharsets.UTF_8), false));
        } else {
            added.append("\"model\":").append(Json.encode(upstreamModel)).append(',');
        }
        for (Map.Entry<String, String> parameter : deployment.defaults().entrySet()) {
            if (parameter.getKey().equals("extra_body")) {
                added.append(members(parameter.getValue()));
            } else if (!envelope.present().contains(parameter.getKey())) {
                added.append(Json.encode(parameter.getKey()))
                        .append(':')
                        .append(parameter.getValue())
                        .append(',');
            }
        }
        byte[] asked = new byte[0];
        if (usage == StreamUsage.ASK && envelope.stream() && !envelope.streamUsage()) {
            Span options = envelope.streamOptions();
            if (options == null) {
                asked = USAGE_MEMBER;
            } else {
                edits.add(new Edit(options.start(), options.end(), USAGE_VALUE, false));
            }
        }
        for (Span member : envelope.proxyMembers()) {
            edits.add(new Edit(member.start(), member.end(), new byte[0], true));
        }
        byte[] first = added.toString().getBytes(StandardCharsets.UTF_8);
        boolean others = envelope.present().size() > envelope.proxyMembers().size();
        return new BodySplice(body).apply(envelope.bodyStart(), first, asked, others, edits);
    }

    /** The members of an object's JSON text, with a comma after them. */
    private static String members(String object) {
        String text = object.strip();
        String inner = text.startsWith("{") && text.endsWith("}")
                ? text.substring(1, text.length() - 1).strip()
                : "";
        return inner.isEmpty() ? "" : inner + ",";
    }

    private Buffer apply(int bodyStart, byte[] added, byte[] asked, boolean others, List<Edit> edits) {
        edits.sort(Comparator.comparingInt(Edit::start));
        int at = 0;
        if (added.length + asked.length > 0) {
            keep(0, bodyStart);
            byte[] members = new byte[added.length + asked.length];
            System.arraycopy(added, 0, members, 0, added.length);
            System.arraycopy(asked, 0, members, added.length, asked.length);
            insert(members, others ? members.length : members.length - 1);
            at = bodyStart;
        }
        for (Edit edit : edits) {
            keep(at, edit.start());
            if (edit.member()) {
                at = skipMember(edit);
            } else {
                insert(edit.replacement(), edit.replacement().length);
                at = edit.end();
            }
        }
        keep(at, body.writerIndex());
        return BufferInternal.buffer(Unpooled.wrappedBuffer(pieces.size(), pieces.toArray(ByteBuf[]::new)));
    }

    /** Leaves a member out with the comma after it, or, when it was the last, with the comma before it. */
    private int skipMember(Edit edit) {
        int next = edit.end();
        while (blank(body.getByte(next))) {
            next++;
        }
        if (body.getByte(next) == ',') {
            return next + 1;
        }
        if (lastIsBody) {
            int end = lastEnd;
            while (end > lastStart && blank(body.getByte(end - 1))) {
                end--;
            }
            if (end > lastStart && body.getByte(end - 1) == ',') {
                pieces.removeLast();
                lastEnd = end - 1;
                pieces.add(body.slice(lastStart, lastEnd - lastStart));
            }
        }
        return edit.end();
    }

    private void keep(int start, int end) {
        if (end > start) {
            pieces.add(body.slice(start, end - start));
            lastStart = start;
            lastEnd = end;
            lastIsBody = true;
        }
    }

    private void insert(byte[] bytes, int length) {
        pieces.add(Unpooled.wrappedBuffer(bytes, 0, length));
        lastIsBody = false;
    }

    private static boolean blank(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }
}
