package dev.tollgate.gateway.pipeline;

import dev.tollgate.gateway.seam.Seam;
import dev.tollgate.gateway.surface.BodyScan;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What it takes to carry a stream on when it breaks: the request, and a copy of what the client has. Both are kept while they are
 * small; beyond that a break is told to the client. The other model gets the conversation, the text so far as its own, and the wish
 * to go on (LiteLLM does the same; the wish comes last here, because several providers refuse an answer that ends in an assistant's
 * words).
 */
final class Continuation {
    private static final int MOST_KEPT = 256 * 1024;
    private static final String GO_ON = "Your answer above was cut off in the middle. Go on from exactly where it ends."
            + " Do not repeat any of it, do not greet or comment, and keep its language and form.";

    private final Visit visit;
    private @Nullable Call call;
    private @Nullable Buffer kept = Buffer.buffer();
    private @Nullable Seam seam;
    private Usage before = Usage.NONE;

    private Continuation(Visit visit, Call call) {
        this.visit = visit;
        this.call = call;
    }

    /** Null when nothing could carry the stream on, or it would take too much memory. */
    static @Nullable Continuation of(Visit visit, Call call, Answer.Streaming streaming) {
        return streaming.continuable()
                        && Seam.of(visit.surface) != null
                        && call.body().length() <= MOST_KEPT
                ? new Continuation(visit, call)
                : null;
    }

    /** What the client gets of these events; possibly nothing. */
    Buffer pass(Buffer events) {
        Buffer shown = seam == null ? events : seam.joined(events, before);
        if (kept != null) {
            if (kept.length() + shown.length() <= MOST_KEPT) {
                kept.appendBuffer(shown);
            } else {
                drop();
            }
        }
        return shown;
    }

    private void drop() {
        kept = null;
        call = null;
        visit.dropBody();
    }

    /** The call that goes on where this part broke; null when the stream must end here. */
    @Nullable Call after(Failure failure, Usage usage) {
        Call first = call;
        Seam next = Seam.of(visit.surface);
        if (first == null || kept == null || next == null || !failure.kind().retryable()) {
            return null;
        }
        next.shown(kept);
        if (!next.plain()) {
            return null;
        }
        Call longer = longer(first, next.text());
        if (longer != null) {
            seam = next;
            before = before.plus(usage);
        }
        return longer;
    }

    private @Nullable Call longer(Call first, String text) {
        JsonObject body = first.body().toJsonObject();
        if (!(body.getValue("messages") instanceof JsonArray messages) || !one(body) || !free(body)) {
            return null;
        }
        if (text.isBlank()) {
            return first;
        }
        messages.add(new JsonObject().put("role", "assistant").put("content", text))
                .add(new JsonObject().put("role", "user").put("content", GO_ON));
        Buffer bytes = body.toBuffer();
        return BodyScan.scan(bytes, visit.route.model()) instanceof BodyScan.Result.Scanned scanned
                ? new Call(
                        first.id(),
                        first.surface(),
                        first.caller(),
                        Granting.joined(first.envelope(), scanned.envelope()),
                        first.headers(),
                        bytes,
                        first.startedNanos())
                : null;
    }

    private static boolean one(JsonObject body) {
        return !(body.getValue("n") instanceof Number n) || n.intValue() == 1;
    }

    /** Half a JSON document cannot be gone on with: the other model would begin a new one. */
    private static boolean free(JsonObject body) {
        return !(body.getValue("response_format") instanceof JsonObject format)
                || "text".equals(format.getString("type"));
    }
}
