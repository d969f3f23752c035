package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.protocol.Call;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.protocol.Surface;
import dev.tollgate.router.strategy.Seats;
import io.vertx.core.Future;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which deployments of a group one call may use at all, whatever their state: asked once when the call enters the group. Tags
 * ({@code enable_tag_filtering}) come first, then the checks of {@code enable_pre_call_checks}: the region, what the model can do, and
 * the length of the prompt where a limit is known. With neither switched on nothing is asked.
 */
final class Admission {
    private final RouterSettings settings;
    private final Facts facts;
    private final Prompts prompts;
    private final Patterns patterns = new Patterns();

    /**
     * What came of it.
     *
     * @param members those that may be used
     * @param verdicts one for each deployment of the group
     * @param failure why there is none, or null
     */
    record Admitted(
            List<Deployment> members,
            List<Verdict> verdicts,
            @Nullable Failure failure) {}

    Admission(RouterSettings settings, Facts facts, Prompts prompts) {
        this.settings = settings;
        this.facts = facts;
        this.prompts = prompts;
    }

    /** Whether there is anything to ask. */
    boolean needed() {
        return settings.tags().enabled() || settings.choosing().preCallChecks();
    }

    Future<Admitted> of(Call call, ModelTable.Group group, Predicate<List<Deployment>> anyUsable) {
        Verdict[] verdicts = new Verdict[group.deployments().size()];
        Arrays.fill(verdicts, Verdict.CANDIDATE);
        List<Deployment> members = group.deployments();
        if (settings.tags().enabled()) {
            members = tagged(call, members, anyUsable, verdicts);
            if (members.isEmpty()) {
                return none(
                        verdicts, Tags.nowhere(group.group(), call.envelope().tags()));
            }
        }
        if (!settings.choosing().preCallChecks()) {
            return Future.succeededFuture(new Admitted(members, List.of(verdicts), null));
        }
        members = inRegion(call, group, members, verdicts);
        if (members.isEmpty()) {
            return none(verdicts, nowhere(call, group.group()));
        }
        members = able(call, group, members, verdicts);
        return fits(call.surface())
                ? Future.succeededFuture(new Admitted(members, List.of(verdicts), null))
                : measured(call, group, members, verdicts);
    }

    /** An embedding's limit is for each input, and counting tokens is how a client learns what fits. */
    private static boolean fits(Surface surface) {
        return surface == Surface.EMBEDDINGS || surface == Surface.COUNT_TOKENS;
    }

    private List<Deployment> tagged(
            Call call, List<Deployment> members, Predicate<List<Deployment>> anyUsable, Verdict[] verdicts) {
        String userAgent = call.envelope().marks().userAgent();
        List<Deployment> left = new Tags(
                        call.envelope().tags(), settings.tags(), each -> patterns.recognise(each, userAgent))
                .choose(members, anyUsable);
        for (int i = 0; i < verdicts.length; i++) {
            if (!left.contains(members.get(i))) {
                verdicts[i] = Verdict.TAGS;
            }
        }
        return left;
    }

    private static List<Deployment> inRegion(
            Call call, ModelTable.Group group, List<Deployment> members, Verdict[] verdicts) {
        String region = call.envelope().marks().region();
        return region == null
                ? members
                : without(
                        group,
                        members,
                        verdicts,
                        Verdict.REGION,
                        each -> !region.equals(each.routing().fit().region()));
    }

    /** Those whose models take what the call brings; all of them when that is none: the list may be old. */
    private List<Deployment> able(Call call, ModelTable.Group group, List<Deployment> members, Verdict[] verdicts) {
        Set<String> needs = call.surface() == Surface.EMBEDDINGS ? Set.of() : Needs.of(call);
        if (needs.isEmpty() || members.stream().allMatch(each -> facts.lacks(each, needs))) {
            return members;
        }
        return without(group, members, verdicts, Verdict.UNSUPPORTED, each -> facts.lacks(each, needs));
    }

    private Future<Admitted> measured(Call call, ModelTable.Group group, List<Deployment> members, Verdict[] verdicts) {
        long smallest = Long.MAX_VALUE;
        for (Deployment member : members) {
            long most = facts.maxInputTokens(member);
            smallest = most > 0 ? Math.min(smallest, most) : smallest;
        }
        if (call.body().length() <= smallest) {
            return Future.succeededFuture(new Admitted(members, List.of(verdicts), null));
        }
        return prompts.tokens(call.body().getBytes()).map(tokens -> fitting(tokens, group, members, verdicts));
    }

    private Admitted fitting(int tokens, ModelTable.Group group, List<Deployment> members, Verdict[] verdicts) {
        List<Deployment> left = without(
                group,
                members,
                verdicts,
                Verdict.CONTEXT_WINDOW,
                each -> facts.maxInputTokens(each) > 0 && tokens > facts.maxInputTokens(each));
        long longest = members.stream().mapToLong(facts::maxInputTokens).max().orElse(0);
        Failure failure = left.isEmpty()
                ? Failure.of(
                                FailureKind.CONTEXT_WINDOW,
                                "This model's maximum context length is " + longest
                                        + " tokens. The prompt of this call has " + tokens + ". Passed model="
                                        + group.group())
                        .withParam("messages")
                        .withCode("context_length_exceeded")
                : null;
        return new Admitted(left, List.of(verdicts), failure);
    }

    private static List<Deployment> without(
            ModelTable.Group group,
            List<Deployment> members,
            Verdict[] verdicts,
            Verdict verdict,
            Predicate<Deployment> rejected) {
        return Seats.those(members, member -> {
            boolean out = rejected.test(member);
            if (out) {
                verdicts[group.deployments().indexOf(member)] = verdict;
            }
            return !out;
        });
    }

    private static Future<Admitted> none(Verdict[] verdicts, Failure failure) {
        return Future.succeededFuture(new Admitted(List.of(), List.of(verdicts), failure));
    }

    private static Failure nowhere(Call call, String group) {
        return Failure.of(
                FailureKind.NO_DEPLOYMENTS,
                "No deployments available for selected model: none of `" + group + "` is in the region "
                        + call.envelope().marks().region() + " that this call must stay in");
    }
}
