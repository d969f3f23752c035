package dev.tollgate.provider.chat;

/**
 * A rough count of a prompt's tokens, for providers whose API counts none: four characters a token, three tokens a message (OpenAI
 * cookbook, "How to count tokens"), 250 a picture (LiteLLM's default). Good to about a fifth either way; nothing is billed by it.
 */
public final class PromptEstimate {
    private static final int CHARACTERS_A_TOKEN = 4;
    private static final int MESSAGE = 3;
    private static final int PICTURE = 250;

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
            case Part.Document document -> text(document.base64() == null ? "" : document.base64());
            case Part.Audio audio -> text(audio.base64());
            case Part.RedactedThinking redacted -> text(redacted.data());
        };
    }

    /** Tokens of a text, at least one unless it is empty. */
    public static int text(String text) {
        return (text.length() + CHARACTERS_A_TOKEN - 1) / CHARACTERS_A_TOKEN;
    }
}
