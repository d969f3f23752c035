package dev.tollgate.provider;

import dev.tollgate.provider.dialect.anthropic.AnthropicDialect;
import dev.tollgate.provider.dialect.gemini.GeminiDialect;
import dev.tollgate.provider.dialect.ollama.OllamaDialect;
import dev.tollgate.provider.dialect.openai.AzureDialect;
import dev.tollgate.provider.dialect.openai.OpenAiDialect;
import dev.tollgate.provider.wire.Dialect;

/** Every dialect, by the name that {@code providers.csv} gives it. Adding one is a package and a line here. */
final class Providers {
    /** The dialect of the built-in model, which no HTTP reaches. */
    static final String ECHO = "echo";

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
}
