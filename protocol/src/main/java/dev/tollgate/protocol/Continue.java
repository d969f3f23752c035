package dev.tollgate.protocol;

/**
 * A stream broke after the client had part of its text, and can be carried on: gateway to the router of the same lane, answered
 * with an {@link Answer}. Takes the place of the {@link StreamOutcome} message for the part that broke.
 *
 * @param broken how that part ended
 * @param call the call with its text so far, and the wish to go on from there, in its body
 */
public record Continue(StreamOutcome broken, Call call) {}
