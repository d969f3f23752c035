package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Limits;
import dev.tollgate.accounting.price.Money;
import dev.tollgate.config.Allowance;
import dev.tollgate.config.BudgetSettings;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.Snapshot;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is left of the budgets of providers and deployments: for {@code GET /provider/budgets}, and as the metrics
 * {@code litellm_provider_remaining_budget_metric} (LiteLLM's) and {@code tollgate_deployment_remaining_budget}. Names are those of the
 * configuration, so there are never more series than budgets.
 */
public final class PayeeReport {
    private final Counters counters;
    private final InstantSource clock;
    private final MultiGauge providers;
    private final MultiGauge deployments;
    private volatile Payees payees = new Payees(Snapshot.EMPTY);
    private volatile ZoneId zone = ZoneOffset.UTC;
    private volatile Snapshot config = Snapshot.EMPTY;

    /** One for each node. */
    public PayeeReport(Counters counters, MeterRegistry metrics, InstantSource clock) {
        this.counters = counters;
        this.clock = clock;
        this.providers = MultiGauge.builder("litellm_provider_remaining_budget_metric")
                .description("US dollars that are left of a provider's budget in this period")
                .register(metrics);
        this.deployments = MultiGauge.builder("tollgate_deployment_remaining_budget")
                .description("US dollars that are left of a deployment's budget in this period")
                .register(metrics);
    }

    /** Another configuration is in force. */
    public void configured(Snapshot next) {
        config = next;
        payees = new Payees(next);
        zone = next.general().budgets().zone();
        rows(providers, "api_provider", payees.providers());
        rows(deployments, "model_id", payees.deployments());
    }

    private void rows(MultiGauge gauge, String label, Map<String, Party> parties) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        parties.forEach((name, party) -> rows.add(MultiGauge.Row.of(Tags.of(label, name), party, this::left)));
        gauge.register(rows, true);
    }

    private double left(Party party) {
        return counters.loaded().isComplete()
                ? Money.dollars(Math.max(0, purse(party).left(party.limits(), clock.instant(), zone)))
                        .doubleValue()
                : Double.NaN;
    }

    private Purse purse(Party party) {
        return counters.purse(party.holder());
    }

    /**
     * LiteLLM's answer, and beside its {@code providers} the deployments, and the gateway where it has a budget. Fails when it is not known in that time what was spent before
     * the start.
     */
    public Future<JsonObject> json(Duration longest) {
        return counters.loaded().isComplete()
                ? Future.succeededFuture(json())
                : counters.loaded()
                        .timeout(longest.toMillis(), TimeUnit.MILLISECONDS)
                        .transform(loaded -> loaded.succeeded()
                                ? Future.succeededFuture(json())
                                : Future.failedFuture(Counters.UNKNOWN));
    }

    private JsonObject json() {
        JsonObject all = new JsonObject();
        BudgetSettings gateway = config.general().budgets();
        if (gateway.most() != null) {
            all.put("gateway", json(Holder.ALL, Payees.limits(gateway.most(), gateway.duration()), gateway.duration()));
        }
        return all.put(
                        "providers",
                        json(
                                payees.providers(),
                                name -> config.router().choosing().budgets().get(name)))
                .put("deployments", json(payees.deployments(), this::ownBudget));
    }

    private @Nullable Allowance ownBudget(String deploymentId) {
        Deployment deployment = config.models().byId(deploymentId);
        return deployment == null ? null : deployment.routing().fit().budget();
    }

    private JsonObject json(Map<String, Party> parties, Function<String, @Nullable Allowance> written) {
        JsonObject all = new JsonObject();
        parties.forEach((name, party) -> {
            Allowance allowance = written.apply(name);
            all.put(name, json(party.holder(), party.limits(), allowance == null ? null : allowance.duration()));
        });
        return all;
    }

    private JsonObject json(Holder holder, Limits limits, @Nullable String duration) {
        Instant now = clock.instant();
        Purse purse = counters.purse(holder);
        long end = purse.endMillis(limits, now, zone);
        return new JsonObject()
                .put("budget_limit", Money.dollars(limits.budgetNanos()))
                .put("time_period", duration)
                .put("spend", Money.dollars(purse.spent(limits, now, zone)))
                .put(
                        "budget_reset_at",
                        end == 0 ? null : Instant.ofEpochMilli(end).toString());
    }
}
