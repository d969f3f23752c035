package dev.tollgate.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An attempt is about to be made that needs money besides what was set aside at admission: on a deployment that has a budget, or whose
 * provider has one, or after attempts that have to be paid though they brought no answer; or that is made under another model's name
 * than the one the call was let in for, whose own limits it must keep, too. Router to accounting, answered with {@link Held}. What is set aside goes back with the call's settlement, or with {@link Unhold}.
 *
 * @param call the call
 * @param deploymentId where it would go
 * @param upstreamModel model name that would be sent
 * @param patient whether there is nobody else to go to, so that waiting for calls under way and fewer tokens are
 *     better than a refusal
 * @param owed parts of the call that ended before and have to be paid
 * @param fallback model name that the call has fallen back to, or null: it is still where it was let in
 */
public record Hold(
        Call call,
        String deploymentId,
        String upstreamModel,
        boolean patient,
        List<Leg> owed,
        @Nullable String fallback) {}
