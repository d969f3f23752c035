package dev.tollgate.provider.chat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One turn of a conversation. Tool results are {@link Part.ToolResult} parts of a {@link Role#TOOL} message.
 *
 * @param role who speaks
 * @param content what they say
 * @param name participant's name, or null
 */
public record Message(
        Role role, List<Part> content, @Nullable String name) {
    public Message {
        content = List.copyOf(content);
    }

    /** Who speaks. */
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT,
        TOOL
    }
}
