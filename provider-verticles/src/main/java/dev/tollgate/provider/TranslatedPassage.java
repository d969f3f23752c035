package dev.tollgate.provider;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.ChatResponse;
import dev.tollgate.provider.wire.ChatCodec;
import dev.tollgate.provider.wire.Passage;
import dev.tollgate.provider.wire.StreamDecoder;
import dev.tollgate.provider.wire.StreamEncoder;
import dev.tollgate.provider.wire.Wire;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Passes a provider's answer to a client who speaks another format: dialect to canonical chat, canonical chat to surface. */
final class TranslatedPassage implements Passage {
    private final ChatCodec codec;
    private final Wire wire;
    private final String callId;

    TranslatedPassage(ChatCodec codec, Wire wire, String callId) {
        this.codec = codec;
        this.wire = wire;
        this.callId = callId;
    }

    @Override
    public Whole whole(Buffer body, String requestedModel) {
        ChatResponse response = codec.decode(body);
        return new Whole(wire.write(response, callId, requestedModel), response.usage(), response.model());
    }

    @Override
    public Stream stream(String requestedModel, boolean showUsage) {
        return new Translation(codec.decoder(), wire.encoder(callId, requestedModel, showUsage));
    }

    private static final class Translation implements Stream {
        /** A second of raw sound is 64,000 letters of base64 and 25 tokens (ai.google.dev, "Pricing"). */
        private static final int SOUND_A_CHARACTER = 640;

        private final StreamDecoder decoder;
        private final StreamEncoder encoder;
        private Usage usage = Usage.NONE;
        private @Nullable String model;
        private @Nullable Failure failure;
        private boolean begun;
        private long characters;

        Translation(StreamDecoder decoder, StreamEncoder encoder) {
            this.decoder = decoder;
            this.encoder = encoder;
        }

        @Override
        public @Nullable Buffer feed(Buffer bytes) {
            List<ChatEvent> events = decoder.feed(bytes);
            events.forEach(this::note);
            return events.isEmpty() ? null : encoder.encode(events);
        }

        private void note(ChatEvent event) {
            switch (event) {
                case ChatEvent.Start start -> {
                    model = start.model();
                    if (start.usage().reported()) {
                        usage = start.usage();
                    }
                }
                case ChatEvent.Tokens tokens -> usage = tokens.usage();
                case ChatEvent.Broken broken -> failure = broken.failure();
                case ChatEvent.Text text -> {
                    begun |= !text.text().isEmpty();
                    characters += text.text().length();
                }
                case ChatEvent.Thinking thinking -> {
                    begun |= !thinking.text().isEmpty() || thinking.signature() != null;
                    characters += thinking.text().length();
                }
                case ChatEvent.ToolCallArguments arguments -> {
                    begun = true;
                    characters += arguments.fragment().length();
                }
                case ChatEvent.Audio audio -> {
                    begun = true;
                    characters += audio.base64().length() / SOUND_A_CHARACTER;
                }
                case ChatEvent.RedactedThinking _, ChatEvent.Image _, ChatEvent.ToolCallStart _, ChatEvent.Finish _ ->
                    begun = true;
            }
        }

        /** Four characters a token. */
        @Override
        public long generated() {
            return (characters + 3) / 4;
        }

        @Override
        public boolean begun() {
            return begun;
        }

        @Override
        public boolean complete() {
            return decoder.complete();
        }

        @Override
        public Buffer trailer() {
            return encoder.finish();
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
