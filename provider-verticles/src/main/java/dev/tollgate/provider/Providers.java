package dev.tollgate.provider;

import dev.tollgate.protocol.Surface;
import dev.tollgate.provider.dialect.anthropic.AnthropicDialect;
import dev.tollgate.provider.dialect.anthropic.AnthropicPassage;
import dev.tollgate.provider.dialect.anthropic.AnthropicWire;
import dev.tollgate.provider.dialect.gemini.GeminiDialect;
import dev.tollgate.provider.dialect.ollama.OllamaDialect;
import dev.tollgate.provider.dialect.openai.AzureDialect;
import dev.tollgate.provider.dialect.openai.OpenAiChatWire;
import dev.tollgate.provider.dialect.openai.OpenAiCompletionsWire;
import dev.tollgate.provider.dialect.openai.OpenAiDialect;
import dev.tollgate.provider.dialect.openai.OpenAiPassage;
import dev.tollgate.provider.wire.Dialect;
import dev.tollgate.provider.wire.Passage;
import dev.tollgate.provider.wire.Wire;
import java.time.InstantSource;

/** Every dialect by the name that {@code providers.csv} gives it, and every client format by its surface. Adding one is a package and a line here. */
final class Providers {
    /** The dialect of the built-in model, which no HTTP reaches. */
    static final String ECHO = "echo";

    private static final Passage OPENAI = new OpenAiPassage();
    private static final Passage ANTHROPIC = new AnthropicPassage();

    private Providers() {}

    static Dialect dialect(String name) {
        return switch (name) {
            case "anthropic" -> new AnthropicDialect();
            case "azure" -> new AzureDialect();
            case "gemini" -> new GeminiDialect();
            case "ollama" -> new OllamaDialect();
            case "openai", ECHO -> new OpenAiDialect();
            default -> throw new IllegalArgumentException("No dialect is called " + name);
        };
    }

    /** How clients of a chat surface are read and answered when their body must be translated. */
    static Wire wire(Surface surface) {
        InstantSource clock = InstantSource.system();
        return switch (surface) {
            case COMPLETIONS -> new OpenAiCompletionsWire(clock);
            case MESSAGES, COUNT_TOKENS -> new AnthropicWire();
            case CHAT, EMBEDDINGS -> new OpenAiChatWire(clock);
        };
    }

    /** How answers of a provider that speaks the client's own format pass. */
    static Passage passage(Surface surface) {
        return switch (surface) {
            case CHAT, COMPLETIONS, EMBEDDINGS -> OPENAI;
            case MESSAGES, COUNT_TOKENS -> ANTHROPIC;
        };
    }
}
