package dev.tollgate.router;

import dev.tollgate.config.Deployment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which deployments of a group may be tried now: not cooling down; those that have not failed in this call before those that
 * have; of these the lowest {@code order}, so that higher orders are reached on failure.
 */
final class Candidates {
    private Candidates() {}

    static List<Deployment> of(List<Deployment> members, Set<String> failed, Cooldowns cooldowns) {
        if (members.size() == 1) {
            return cooldowns.cooled(members.get(0)) ? List.of() : members;
        }
        List<Deployment> healthy = new ArrayList<>(members.size());
        List<Deployment> fresh = new ArrayList<>(members.size());
        for (int i = 0; i < members.size(); i++) {
            Deployment member = members.get(i);
            if (!cooldowns.cooled(member)) {
                healthy.add(member);
                if (!failed.contains(member.id())) {
                    fresh.add(member);
                }
            }
        }
        return lowestOrder(fresh.isEmpty() ? healthy : fresh);
    }

    /** Whether one is left that is healthy and has not failed in this call. */
    static boolean another(List<Deployment> members, Set<String> failed, Cooldowns cooldowns) {
        for (Deployment member : members) {
            if (!failed.contains(member.id()) && !cooldowns.cooled(member)) {
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
