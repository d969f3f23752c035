package dev.tollgate.provider.dialect.echo;

import dev.tollgate.protocol.Usage;
import dev.tollgate.provider.chat.ChatEvent;
import dev.tollgate.provider.chat.ChatRequest;
import dev.tollgate.provider.chat.ChatResponse;
import dev.tollgate.provider.chat.EmbeddingRequest;
import dev.tollgate.provider.chat.EmbeddingResponse;
import dev.tollgate.provider.chat.FinishReason;
import dev.tollgate.provider.chat.Message;
import dev.tollgate.provider.chat.Part;
import dev.tollgate.provider.chat.PromptEstimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The built-in model: repeats what the user said last, or says one fixed thing. It makes the first {@code curl} work with nothing configured. */
public final class EchoModel {
    private static final int DIMENSIONS = 8;

    private final String name;
    private final @Nullable String fixed;

    /** {@code fixed} is what to say whatever is asked, or null to repeat. */
    public EchoModel(String name, @Nullable String fixed) {
        this.name = name;
        this.fixed = fixed;
    }

    /** A whole answer. */
    public ChatResponse answer(ChatRequest request) {
        Said said = said(request);
        return new ChatResponse(
                null,
                name,
                List.of(new ChatResponse.Choice(0, List.of(new Part.Text(said.text())), said.why(), null)),
                usage(request, said.text()),
                Map.of());
    }

    /** The same answer in pieces, a word at a time. */
    public List<ChatEvent> stream(ChatRequest request) {
        Said said = said(request);
        String text = said.text();
        List<ChatEvent> events = new ArrayList<>();
        events.add(new ChatEvent.Start(null, name, Usage.NONE));
        int start = 0;
        while (start < text.length()) {
            int space = text.indexOf(' ', start);
            int end = space < 0 ? text.length() : space + 1;
            events.add(new ChatEvent.Text(0, text.substring(start, end)));
            start = end;
        }
        events.add(new ChatEvent.Tokens(usage(request, text)));
        events.add(new ChatEvent.Finish(0, said.why(), null));
        return events;
    }

    private record Said(String text, FinishReason why) {}

    /** What is fixed is said as it stands; an echo keeps to the tokens that it may generate, by our own count of them. */
    private Said said(ChatRequest request) {
        if (fixed != null) {
            return new Said(fixed, FinishReason.STOP);
        }
        String text = echo(request);
        int most = request.maxTokens() == null ? Integer.MAX_VALUE : Math.max(1, request.maxTokens());
        if (PromptEstimate.text(text) <= most) {
            return new Said(text, FinishReason.STOP);
        }
        int end = PromptEstimate.prefix(text, most);
        return new Said(text.substring(0, end), FinishReason.LENGTH);
    }

    private static String echo(ChatRequest request) {
        for (Message message : request.messages().reversed()) {
            if (message.role() == Message.Role.USER) {
                StringBuilder text = new StringBuilder("echo: ");
                for (Part part : message.content()) {
                    if (part instanceof Part.Text piece) {
                        text.append(piece.text());
                    }
                }
                return text.toString();
            }
        }
        return "echo: ";
    }

    private static Usage usage(ChatRequest request, String answer) {
        return Usage.of(PromptEstimate.tokens(request), PromptEstimate.text(answer));
    }

    /** Unit vectors that depend on nothing but the text. */
    public static EmbeddingResponse embed(EmbeddingRequest request) {
        List<float[]> vectors = new ArrayList<>();
        long tokens = 0;
        for (String input : request.inputs()) {
            tokens += PromptEstimate.text(input);
            vectors.add(vector(input, request.dimensions() == null ? DIMENSIONS : request.dimensions()));
        }
        return new EmbeddingResponse(vectors, Usage.of(tokens, 0));
    }

    private static float[] vector(String text, int dimensions) {
        float[] vector = new float[Math.clamp(dimensions, 1, 4096)];
        long state = text.hashCode() * 0x9E3779B97F4A7C15L + 1;
        double square = 0;
        for (int i = 0; i < vector.length; i++) {
            state = (state ^ (state >>> 29)) * 0xBF58476D1CE4E5B9L + i;
            vector[i] = (state >> 40) / (float) (1 << 23);
            square += (double) vector[i] * vector[i];
        }
        double length = Math.sqrt(Math.max(square, 1e-12));
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) (vector[i] / length);
        }
        return vector;
    }
}
