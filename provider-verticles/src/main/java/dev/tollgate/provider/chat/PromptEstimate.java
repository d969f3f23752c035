package dev.tollgate.provider.chat;

/**
 * A rough count of a prompt's tokens, for providers whose API counts none: four characters a token for English (OpenAI cookbook,
 * "How to count tokens"), two for other alphabets, one for Chinese, Japanese and Korean; three tokens a message; 250 a picture
 * (LiteLLM's default). Documents and sound count by their size, of which a page or a second takes many bytes. Good to about a
 * fifth either way for text; nothing is billed by it.
 */
public final class PromptEstimate {
    private static final int QUARTERS = 4;
    private static final char FIRST_BEYOND_ASCII = 0x80;
    private static final char FIRST_IDEOGRAPH = 0x2E80;
    private static final int MESSAGE = 3;
    private static final int PICTURE = 250;
    /** A scanned page of 75 kB stands for about 2,500 tokens. */
    private static final int DOCUMENT_BASE64_A_TOKEN = 40;
    /** A second of speech, 32 kB as wave and 8 kB as mp3, stands for about 30 tokens. */
    private static final int AUDIO_BASE64_A_TOKEN = 400;

    private PromptEstimate() {}

    /** Tokens of messages and tools. */
    public static int tokens(ChatRequest request) {
        int tokens = MESSAGE;
        for (Message message : request.messages()) {
            tokens += MESSAGE;
            for (Part part : message.content()) {
                tokens += tokens(part);
            }
        }
        for (Tool tool : request.tools()) {
            tokens += text(tool.name())
                    + text(tool.description() == null ? "" : tool.description())
                    + text(tool.schema() == null ? "" : tool.schema().toString());
        }
        return tokens;
    }

    private static int tokens(Part part) {
        return switch (part) {
            case Part.Text piece -> text(piece.text());
            case Part.Thinking thinking -> text(thinking.text());
            case Part.ToolCall call -> text(call.name()) + text(call.arguments());
            case Part.ToolResult result ->
                result.content().stream().mapToInt(PromptEstimate::tokens).sum();
            case Part.Image _ -> PICTURE;
            case Part.Document document ->
                document.base64() == null ? PICTURE : document.base64().length() / DOCUMENT_BASE64_A_TOKEN;
            case Part.Audio audio -> audio.base64().length() / AUDIO_BASE64_A_TOKEN;
            case Part.RedactedThinking redacted -> text(redacted.data());
        };
    }

    /** Tokens of a text, at least one unless it is empty. */
    public static int text(String text) {
        long quarters = 0;
        for (int i = 0; i < text.length(); i++) {
            quarters += quarters(text.charAt(i));
        }
        return (int) ((quarters + QUARTERS - 1) / QUARTERS);
    }

    private static int quarters(char c) {
        return c < FIRST_BEYOND_ASCII ? 1 : c < FIRST_IDEOGRAPH ? 2 : QUARTERS;
    }

    /** How many chars of a text, from its beginning, are no more than so many tokens. */
    public static int prefix(String text, int tokens) {
        long left = (long) tokens * QUARTERS;
        int end = 0;
        while (end < text.length()) {
            int next = text.offsetByCodePoints(end, 1);
            for (int i = end; i < next; i++) {
                left -= quarters(text.charAt(i));
            }
            if (left < 0) {
                return end;
            }
            end = next;
        }
        return end;
    }
}
