package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.book.Period;
import dev.tollgate.config.Allowance;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.Snapshot;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Those who are paid for calls and may get so much only: providers ({@code provider_budget_config}) and deployments ({@code max_budget}). */
final class Payees {
    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000);

    private final Map<String, Party> providers = new LinkedHashMap<>();
    private final Map<String, Party> deployments = new LinkedHashMap<>();
    private final Map<String, List<Party>> parties = new LinkedHashMap<>();

    Payees(Snapshot config) {
        config.router()
                .choosing()
                .budgets()
                .forEach((name, allowance) -> providers.put(
                        name, new Party(new Holder(Kind.PROVIDER, name), "provider", name, limits(allowance), true)));
        for (Deployment deployment : config.models().deployments()) {
            Allowance own = deployment.routing().fit().budget();
            if (own != null) {
                deployments.put(
                        deployment.id(),
                        new Party(
                                new Holder(Kind.DEPLOYMENT, deployment.id()),
                                "deployment",
                                deployment.group() + "/" + deployment.id(),
                                limits(own),
                                true));
            }
            List<Party> concerned = new ArrayList<>(2);
            add(concerned, providers.get(deployment.provider().name()));
            add(concerned, deployments.get(deployment.id()));
            if (!concerned.isEmpty()) {
                parties.put(deployment.id(), concerned);
            }
        }
    }

    private static void add(List<Party> to, @Nullable Party party) {
        if (party != null) {
            to.add(party);
        }
    }

    /** Whether there is none with a budget. */
    boolean none() {
        return providers.isEmpty() && deployments.isEmpty();
    }

    /** Whose budgets a call to this deployment concerns. */
    List<Party> of(String deploymentId) {
        return parties.getOrDefault(deploymentId, List.of());
    }

    /** Whether a call to this deployment concerns this budget. */
    boolean pays(String deploymentId, Holder holder) {
        for (Party party : of(deploymentId)) {
            if (party.holder().equals(holder)) {
                return true;
            }
        }
        return false;
    }

    /** Providers with a budget, by name. */
    Map<String, Party> providers() {
        return providers;
    }

    /** Deployments with a budget, by id. */
    Map<String, Party> deployments() {
        return deployments;
    }

    static Limits limits(Allowance allowance) {
        return limits(allowance.most(), allowance.duration());
    }

    /** A budget of so many USD, or none, in each of these periods. */
    static Limits limits(@Nullable BigDecimal most, @Nullable String duration) {
        return new Limits(
                most == null
                        ? Limits.NONE
                        : most.multiply(NANOS)
                                .setScale(0, RoundingMode.DOWN)
                                .min(BigDecimal.valueOf(Long.MAX_VALUE))
                                .longValue(),
                Limits.NONE,
                duration == null ? null : Period.parse(duration).orElse(null),
                Limits.NONE,
                Limits.NONE,
                Limits.NONE,
                Map.of());
    }
}
