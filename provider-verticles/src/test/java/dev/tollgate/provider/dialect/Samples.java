package dev.tollgate.provider.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.Provider;
import dev.tollgate.protocol.Secret;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.wire.Json;
import dev.tollgate.provider.wire.StreamDecoder;
import dev.tollgate.provider.wire.StreamEncoder;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What tests of dialects share: deployments, JSON, and streams cut at every byte. */
public final class Samples {
    private Samples() {}

    public static Deployment deployment(String dialect, String model, String base) {
        Provider provider = new Provider(dialect, dialect, base, List.of(), List.of(), false, false, true, List.of());
        return new Deployment(
                "id",
                "group",
                provider,
                model,
                base,
                Secret.of("s3cret"),
                null,
                null,
                Map.of(),
                Map.of(),
                Deployment.Routing.NONE,
                Map.of(),
                Deployment.Info.NONE,
                null,
                null);
    }

    public static ObjectNode json(String text) {
        return Json.readObject(Buffer.buffer(text));
    }

    /** The data of each event, {@code [DONE]} as a text node. */
    public static List<JsonNode> events(StreamEncoder encoder, List<ChatEvent> events) {
        Buffer body = encoder.encode(events);
        String all = (body == null ? "" : body.toString()) + encoder.finish();
        return Arrays.stream(all.split("\n\n"))
                .map(event -> event.substring("data: ".length()))
                .map(data -> data.equals("[DONE]") ? Json.object().textNode(data) : Json.read(data))
                .toList();
    }

    /**
     * The events of a stream, which must be the same when it comes whole, in two pieces cut at any byte, and byte by byte. Invented
     * ids are replaced by {@code call_#}.
     */
    public static List<ChatEvent> read(Supplier<StreamDecoder> decoders, String stream) {
        Buffer bytes = Buffer.buffer(stream);
        List<ChatEvent> whole = feed(decoders.get(), bytes);
        for (int cut = 1; cut < bytes.length(); cut++) {
            assertThat(feed(decoders.get(), bytes.slice(0, cut), bytes.slice(cut, bytes.length())))
                    .as("cut at %d", cut)
                    .isEqualTo(whole);
        }
        Buffer[] single = new Buffer[bytes.length()];
        Arrays.setAll(single, i -> bytes.slice(i, i + 1));
        assertThat(feed(decoders.get(), single)).as("byte by byte").isEqualTo(whole);
        return whole;
    }

    private static List<ChatEvent> feed(StreamDecoder decoder, Buffer... pieces) {
        List<ChatEvent> events = new ArrayList<>();
        for (Buffer piece : pieces) {
            events.addAll(decoder.feed(piece));
        }
        return events.stream().map(Samples::withoutInventedId).toList();
    }

    private static ChatEvent withoutInventedId(ChatEvent event) {
        return event instanceof ChatEvent.ToolCallStart call && call.id().matches("call_[0-9a-f]{32}")
                ? new ChatEvent.ToolCallStart(call.choice(), call.index(), "call_#", call.name(), call.signature())
                : event;
    }
}
