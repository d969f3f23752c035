package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which deployments of a group may be tried now: not cooling down, not over a limit and not too busy; those that have not
 * failed in this call before those that have; of these the lowest {@code order}, so that higher orders are reached on failure.
 */
final class Candidates {
    private static final Duration LIMIT_WAIT = Duration.ofSeconds(60);
    private static final Duration BUSY_WAIT = Duration.ofSeconds(1);

    private final Cooldowns cooldowns;
    private final Limits limits;

    Candidates(Cooldowns cooldowns, Limits limits) {
        this.cooldowns = cooldowns;
        this.limits = limits;
    }

    /** What speaks against the deployment now, whatever the call; {@link Verdict#CANDIDATE} when nothing does. */
    Verdict now(Deployment member) {
        return at(limits.now(), member);
    }

    private Verdict at(long now, Deployment member) {
        if (!cooldowns.cooled(member)) {
            return limits.of(member, now);
        }
        return cooldowns.avoided(member) ? Verdict.AVOIDED : Verdict.COOLING;
    }

    /** Whether a call may go there now. */
    boolean usable(Deployment member) {
        return now(member) == Verdict.CANDIDATE;
    }

    /** What {@link #of} decided about each member, and why. */
    List<Verdict> verdicts(List<Deployment> members, Set<String> failed) {
        List<Deployment> chosen = of(members, failed);
        List<Verdict> verdicts = new ArrayList<>(members.size());
        for (Deployment member : members) {
            Verdict verdict = now(member);
            if (verdict == Verdict.AVOIDED && chosen.contains(member)) {
                verdict = Verdict.CANDIDATE;
            } else if (verdict == Verdict.CANDIDATE && !chosen.contains(member)) {
                verdict = failed.contains(member.id()) ? Verdict.FAILED : Verdict.HIGHER_ORDER;
            }
            verdicts.add(verdict);
        }
        return verdicts;
    }

    /** Those to choose from. Those that are only avoided are better than nobody. */
    List<Deployment> of(List<Deployment> members, Set<String> failed) {
        if (members.size() == 1 && usable(members.get(0))) {
            return members;
        }
        List<Deployment> usable = usable(members, failed);
        if (!usable.isEmpty() && !failed.contains(usable.get(0).id())) {
            return usable;
        }
        List<Deployment> avoided = avoided(members);
        List<Deployment> untried =
                avoided.stream().filter(each -> !failed.contains(each.id())).toList();
        return !untried.isEmpty() ? untried : usable.isEmpty() ? avoided : usable;
    }

    private List<Deployment> avoided(List<Deployment> members) {
        long now = limits.now();
        return members.stream()
                .filter(member -> at(now, member) == Verdict.AVOIDED && limits.of(member, now) == Verdict.CANDIDATE)
                .toList();
    }

    private List<Deployment> usable(List<Deployment> members, Set<String> failed) {
        long now = limits.now();
        List<Deployment> healthy = new ArrayList<>(members.size());
        for (int i = 0; i < members.size(); i++) {
            Deployment member = members.get(i);
            if (at(now, member) == Verdict.CANDIDATE) {
                healthy.add(member);
            }
        }
        return lowestOrder(failed.isEmpty() ? healthy : fresh(healthy, failed));
    }

    /** Those that have not failed in this call; all when all have. */
    private static List<Deployment> fresh(List<Deployment> healthy, Set<String> failed) {
        List<Deployment> fresh = new ArrayList<>(healthy.size());
        for (int i = 0; i < healthy.size(); i++) {
            Deployment member = healthy.get(i);
            if (!failed.contains(member.id())) {
                fresh.add(member);
            }
        }
        return fresh.isEmpty() ? healthy : fresh;
    }

    /** Whether one is left that is usable and has not failed in this call. */
    boolean another(List<Deployment> members, Set<String> failed) {
        for (Deployment member : members) {
            if (!failed.contains(member.id()) && (usable(member) || now(member) == Verdict.AVOIDED)) {
                return true;
            }
        }
        return false;
    }

    /** Members with a higher {@code order} than this one. */
    static List<Deployment> above(List<Deployment> members, int order) {
        return members.stream()
                .filter(member ->
                        member.routing().order() != null && member.routing().order() > order)
                .toList();
    }

    /** How long until the deployment may be used again; zero when it may now. */
    Duration left(Deployment member) {
        return switch (now(member)) {
            case COOLING -> cooldowns.left(member);
            case OVER_RPM, OVER_TPM -> LIMIT_WAIT;
            case BUSY -> BUSY_WAIT;
            default -> Duration.ZERO;
        };
    }

    /** Why there is none, and when to come back. */
    Failure none(List<Deployment> members, String group) {
        boolean cooling = members.stream().allMatch(member -> now(member) == Verdict.COOLING);
        Duration soonest =
                members.stream().map(this::left).min(Duration::compareTo).orElse(Duration.ZERO);
        long seconds = Math.max(1, (soonest.toMillis() + 999) / 1000);
        return Failure.of(
                        FailureKind.NO_DEPLOYMENTS,
                        "No deployments available for selected model, Try again in " + seconds + " seconds. "
                                + (cooling
                                        ? "All deployments for selected model are in cooldown."
                                        : "All deployments for selected model are over their rpm, tpm or parallel limit or in cooldown.")
                                + " Passed model=" + group)
                .withRetryAfter(Duration.ofSeconds(seconds));
    }

    private static List<Deployment> lowestOrder(List<Deployment> candidates) {
        int lowest = Integer.MAX_VALUE;
        for (Deployment candidate : candidates) {
            lowest = Math.min(lowest, order(candidate));
        }
        if (lowest == Integer.MAX_VALUE) {
            return candidates;
        }
        List<Deployment> first = new ArrayList<>(candidates.size());
        for (Deployment candidate : candidates) {
            if (order(candidate) == lowest) {
                first.add(candidate);
            }
        }
        return first;
    }

    private static int order(Deployment deployment) {
        Integer order = deployment.routing().order();
        return order == null ? Integer.MAX_VALUE : order;
    }
}
