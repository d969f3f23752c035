package dev.tollgate.router;

import dev.tollgate.cluster.LoadBoard;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Failure;
import dev.tollgate.protocol.FailureKind;
import dev.tollgate.router.strategy.Seat;
import dev.tollgate.router.strategy.Seats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which deployments of a group may be tried now: not cooling down, not over a limit and not too busy; those that have not
 * failed in this call before those that have; of these the lowest {@code order}, so that higher orders are reached on failure.
 */
final class Candidates {
    private static final Duration LIMIT_WAIT = Duration.ofSeconds(60);
    private static final Duration BUSY_WAIT = Duration.ofSeconds(1);

    private final LoadBoard board;
    private final Cooldowns cooldowns;
    private final Limits limits;

    Candidates(LoadBoard board, Cooldowns cooldowns, Limits limits) {
        this.board = board;
        this.cooldowns = cooldowns;
        this.limits = limits;
    }

    /** What speaks against the deployment then, whatever the call; {@link Verdict#CANDIDATE} when nothing does. */
    private Verdict at(long now, Seat member) {
        if (!cooldowns.cooled(member.deployment(), member.load(), now)) {
            return limits.of(member, now);
        }
        return cooldowns.avoided(member.deployment(), member.load(), now) ? Verdict.AVOIDED : Verdict.COOLING;
    }

    /** Whether a call may go there now. */
    boolean usable(Seat member) {
        return at(limits.now(), member) == Verdict.CANDIDATE;
    }

    /** Whether a call may go to one of them now. */
    boolean anyUsable(List<Deployment> members) {
        Seats seated = Seats.of(members, board);
        long now = limits.now();
        for (int i = 0; i < seated.size(); i++) {
            if (at(now, seated.seat(i)) == Verdict.CANDIDATE) {
                return true;
            }
        }
        return false;
    }

    /** What {@link #of} decided about each member, and why. */
    List<Verdict> verdicts(List<Deployment> members, Set<String> failed) {
        Seats seated = Seats.of(members, board);
        List<Deployment> chosen = of(seated, failed);
        long now = limits.now();
        List<Verdict> verdicts = new ArrayList<>(members.size());
        for (int i = 0; i < seated.size(); i++) {
            Deployment member = seated.get(i);
            Verdict verdict = at(now, seated.seat(i));
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
    Seats of(List<Deployment> members, Set<String> failed) {
        Seats seated = Seats.of(members, board);
        long now = limits.now();
        Seats usable = seated.where(member -> at(now, member) == Verdict.CANDIDATE);
        if (!usable.isEmpty() && (failed.isEmpty() || leavesOne(usable, failed))) {
            return lowestOrder(fresh(usable, failed));
        }
        Seats avoided = avoided(seated, now);
        Seats untried =
                avoided.where(member -> !failed.contains(member.deployment().id()));
        return !untried.isEmpty() ? untried : usable.isEmpty() ? avoided : lowestOrder(usable);
    }

    private static boolean leavesOne(Seats usable, Set<String> failed) {
        return !usable.where(member -> !failed.contains(member.deployment().id()))
                .isEmpty();
    }

    private Seats avoided(Seats members, long now) {
        return members.where(
                member -> at(now, member) == Verdict.AVOIDED && limits.of(member, now) == Verdict.CANDIDATE);
    }

    /** Those that have not failed in this call; all when all have. */
    private static Seats fresh(Seats usable, Set<String> failed) {
        if (failed.isEmpty()) {
            return usable;
        }
        Seats fresh =
                usable.where(member -> !failed.contains(member.deployment().id()));
        return fresh.isEmpty() ? usable : fresh;
    }

    /** Whether one is left that is usable and has not failed in this call. */
    boolean another(List<Deployment> members, Set<String> failed) {
        Seats seated = Seats.of(members, board);
        long now = limits.now();
        for (int i = 0; i < seated.size(); i++) {
            Verdict verdict = at(now, seated.seat(i));
            if ((verdict == Verdict.CANDIDATE || verdict == Verdict.AVOIDED)
                    && !failed.contains(seated.get(i).id())) {
                return true;
            }
        }
        return false;
    }

    /** One that would be a candidate if it had not as many attempts under way as it may have; null when there is none. */
    @Nullable Deployment busy(List<Deployment> members) {
        Seats seated = Seats.of(members, board);
        long now = limits.now();
        for (int i = 0; i < seated.size(); i++) {
            if (at(now, seated.seat(i)) == Verdict.BUSY) {
                return seated.get(i);
            }
        }
        return null;
    }

    /** Members with a higher {@code order} than this one. */
    static List<Deployment> above(List<Deployment> members, int order) {
        return Seats.those(
                members,
                member -> member.routing().order() != null && member.routing().order() > order);
    }

    /** How long until the deployment may be used again; zero when it may now. */
    Duration left(Deployment member) {
        return left(member, at(limits.now(), Seats.of(List.of(member), board).seat(0)));
    }

    private Duration left(Deployment member, Verdict verdict) {
        return switch (verdict) {
            case COOLING -> cooldowns.left(member);
            case OVER_RPM, OVER_TPM -> LIMIT_WAIT;
            case BUSY -> BUSY_WAIT;
            default -> Duration.ZERO;
        };
    }

    /** Why there is none, and when to come back. */
    Failure none(List<Deployment> members, String group) {
        Seats seated = Seats.of(members, board);
        long now = limits.now();
        boolean cooling = true;
        long soonest = Long.MAX_VALUE;
        for (int i = 0; i < seated.size(); i++) {
            Verdict verdict = at(now, seated.seat(i));
            cooling &= verdict == Verdict.COOLING;
            soonest = Math.min(soonest, left(seated.get(i), verdict).toMillis());
        }
        long seconds = seated.isEmpty() ? 1 : Math.max(1, (soonest + 999) / 1000);
        return Failure.of(
                        FailureKind.NO_DEPLOYMENTS,
                        "No deployments available for selected model, Try again in " + seconds + " seconds. "
                                + (cooling
                                        ? "All deployments for selected model are in cooldown."
                                        : "All deployments for selected model are over their rpm, tpm or parallel limit or in cooldown.")
                                + " Passed model=" + group)
                .withRetryAfter(Duration.ofSeconds(seconds));
    }

    private static Seats lowestOrder(Seats candidates) {
        int lowest = Integer.MAX_VALUE;
        for (int i = 0; i < candidates.size(); i++) {
            lowest = Math.min(lowest, candidates.seat(i).order());
        }
        if (lowest == Integer.MAX_VALUE) {
            return candidates;
        }
        int first = lowest;
        return candidates.where(member -> member.order() == first);
    }
}
