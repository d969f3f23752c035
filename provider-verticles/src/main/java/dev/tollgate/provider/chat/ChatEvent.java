package dev.tollgate.provider.chat;

import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.Usage;
import org.jspecify.annotations.Nullable;

/** One step of a streamed answer in the canonical model. */
public sealed interface ChatEvent {

    /**
     * The stream began.
     *
     * @param id the provider's id, or null
     * @param model model name that the provider says it uses, or null
     * @param usage what is known at the start (Anthropic reports prompt tokens here)
     */
    record Start(@Nullable String id, @Nullable String model, Usage usage) implements ChatEvent {}

    /**
     * More text.
     *
     * @param choice which answer, from 0
     * @param text the text
     */
    record Text(int choice, String text) implements ChatEvent {}

    /**
     * More reasoning.
     *
     * @param choice which answer
     * @param text the reasoning; empty when only the signature comes
     * @param signature proof that closes this piece of reasoning, or null
     */
    record Thinking(int choice, String text, @Nullable String signature) implements ChatEvent {}

    /**
     * A piece of encrypted reasoning, whole.
     *
     * @param choice which answer
     * @param data opaque
     */
    record RedactedThinking(int choice, String data) implements ChatEvent {}

    /**
     * A picture that the model made, whole.
     *
     * @param choice which answer
     * @param mediaType such as {@code image/png}
     * @param base64 its bytes
     * @param signature proof to send back with the picture, or null
     */
    record Image(
            int choice,
            String mediaType,
            String base64,
            @Nullable String signature) implements ChatEvent {
        /** A picture that nobody signed. */
        public Image(int choice, String mediaType, String base64) {
            this(choice, mediaType, base64, null);
        }
    }

    /**
     * More of the sound that the model makes.
     *
     * @param choice which answer
     * @param base64 the bytes that follow those before
     */
    record Audio(int choice, String base64) implements ChatEvent {}

    /**
     * A tool call begins.
     *
     * @param choice which answer
     * @param index position among this answer's tool calls, from 0
     * @param id its id
     * @param name the tool
     * @param signature proof to send back with the call, or null
     */
    record ToolCallStart(
            int choice,
            int index,
            String id,
            String name,
            @Nullable String signature) implements ChatEvent {}

    /**
     * More of a tool call's arguments.
     *
     * @param choice which answer
     * @param index which tool call
     * @param fragment next piece of the arguments' JSON text
     */
    record ToolCallArguments(int choice, int index, String fragment) implements ChatEvent {}

    /**
     * An answer is complete.
     *
     * @param choice which answer
     * @param reason why it ended
     * @param stopSequence the stop sequence that ended it, or null
     */
    record Finish(int choice, FinishReason reason, @Nullable String stopSequence) implements ChatEvent {}

    /**
     * Tokens so far; the last one counts.
     *
     * @param usage totals, not increments
     */
    record Tokens(Usage usage) implements ChatEvent {}

    /**
     * The provider reported an error inside the stream; nothing follows.
     *
     * @param failure what it said
     */
    record Broken(Failure failure) implements ChatEvent {}
}
