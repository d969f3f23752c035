package dev.tollgate.provider.chat;

/** Whether the model must call a tool. */
public sealed interface ToolChoice {
    /** As it likes. */
    record Auto() implements ToolChoice {}

    /** It must not. */
    record None() implements ToolChoice {}

    /** It must call at least one. */
    record Required() implements ToolChoice {}

    /**
     * It must call this one.
     *
     * @param name the tool
     */
    record Named(String name) implements ToolChoice {}
}
