package dev.tollgate.accounting;

import dev.tollgate.accounting.alert.Alert;
import dev.tollgate.accounting.price.Bill;
import dev.tollgate.accounting.price.Cost;
import dev.tollgate.accounting.price.DearDeployments;
import dev.tollgate.accounting.price.PriceList;
import dev.tollgate.accounting.price.Prices;
import dev.tollgate.accounting.price.Tariff;
import dev.tollgate.config.BudgetSettings;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Answer;
import dev.tollgate.protocol.FactsAnswer;
import dev.tollgate.protocol.FactsQuestion;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Surface;
import dev.tollgate.protocol.Usage;
import io.micrometer.core.instrument.Counter;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.MessageFormatter;

/** What finished calls cost, by the deployments that answered them. One for each lane. */
final class Pricing {
    private static final Logger LOG = LoggerFactory.getLogger(Pricing.class);
    private static final long WARN_AGAIN_MILLIS = 60_000;
    private static final int MOST_WARNED = 1_000;
    private static final int MOST_RETIRED = 10_000;

    private final Prices prices;
    private final Map<String, Long> warned = new HashMap<>();
    private final Map<String, Deployment> known = new LinkedHashMap<>();
    private final Counter unpriced;
    private final Consumer<Alert> alerts;
    private BudgetSettings settings = BudgetSettings.DEFAULT;
    private @Nullable Snapshot config;

    Pricing(PriceList list, DearDeployments dear, Counter unpriced, Consumer<Alert> alerts) {
        this.alerts = alerts;
        this.prices = new Prices(list, dear);
        this.unpriced = unpriced;
    }

    Prices prices() {
        return prices;
    }

    /** Calls may still be under way to deployments that the new configuration has no longer; they are priced by what they were. */
    void configured(Snapshot next) {
        prices.forget();
        settings = next.general().budgets();
        config = next;
        for (Deployment deployment : next.models().deployments()) {
            known.remove(deployment.id());
            known.put(deployment.id(), deployment);
        }
        var oldest = known.keySet().iterator();
        while (known.size() > next.models().deployments().size() + MOST_RETIRED) {
            oldest.next();
            oldest.remove();
        }
    }

    Bill price(Settlement settlement) {
        Answer.Route route = settlement.route();
        boolean answered = settlement.failure() == null || settlement.firstTokenMillis() >= 0;
        Cost last = price(
                settlement,
                new Leg(
                        route.deploymentId(),
                        route.upstreamModel(),
                        settlement.upstreamModel(),
                        settlement.usage(),
                        answered),
                CallRows.end(settlement));
        if (settlement.earlier().isEmpty()) {
            return new Bill(List.of(), last);
        }
        List<Cost> earlier = new ArrayList<>(settlement.earlier().size());
        List<Instant> ends = CallRows.earlierEnds(settlement);
        for (int i = 0; i < ends.size(); i++) {
            earlier.add(price(settlement, settlement.earlier().get(i), ends.get(i)));
        }
        return new Bill(earlier, last);
    }

    /** The deployment of that id as it was last configured; null: that is forgotten. */
    @Nullable Deployment deployment(String id) {
        return known.get(id);
    }

    /** The most that a part which has ended may cost once the call is settled, in nano-dollars: at whichever hour its row will say. */
    long atMost(Leg leg) {
        if (unknown(leg.usage())) {
            return 0;
        }
        Deployment deployment = known.get(leg.deploymentId());
        Tariff tariff = deployment == null ? null : prices.of(deployment, leg.upstreamModel(), leg.reportedModel());
        if (tariff != null) {
            return tariff.mostNanos(leg.usage());
        }
        return settings.unpriced() == BudgetSettings.Unpriced.ESTIMATE ? dearest(leg.usage()) : 0;
    }

    private Cost price(Settlement settlement, Leg leg, Instant end) {
        Usage usage = leg.usage();
        if (unknown(usage)) {
            return withoutUsage(settlement, leg);
        }
        Deployment deployment = known.get(leg.deploymentId());
        Tariff tariff = deployment == null ? null : prices.of(deployment, leg.upstreamModel(), leg.reportedModel());
        if (tariff == null) {
            unpriced(
                    deployment,
                    leg,
                    "No price is known for {}: its calls are recorded as unpriced, not as free. Set"
                            + " input_cost_per_token and output_cost_per_token in its litellm_params, or"
                            + " base_model in its model_info");
            return settings.unpriced() == BudgetSettings.Unpriced.ESTIMATE
                    ? Cost.unpriced(dearest(usage))
                    : Cost.UNKNOWN;
        }
        Tariff then = tariff.at(end);
        return new Cost(then.nanos(usage), true, then.version());
    }

    private static boolean unknown(Usage usage) {
        return usage.prompt() == 0 && usage.completion() == 0 && !usage.reported();
    }

    /** Counting tokens is free, and so is a call that failed before its answer began; anything else cost something unknown. */
    private Cost withoutUsage(Settlement settlement, Leg leg) {
        if (leg.answered() && settlement.surface() != Surface.COUNT_TOKENS) {
            unpriced(
                    known.get(leg.deploymentId()),
                    leg,
                    "No usage is known of a call to {}: it is recorded as unpriced, not as free");
            return Cost.UNKNOWN;
        }
        return Cost.NOTHING;
    }

    private void unpriced(@Nullable Deployment deployment, Leg leg, String warning) {
        unpriced.increment();
        String provider = deployment == null ? "?" : deployment.provider().name();
        String model = provider + "/" + leg.upstreamModel();
        long now = System.currentTimeMillis();
        @Nullable Long last = warned.get(model);
        if (last == null || now - last > WARN_AGAIN_MILLIS) {
            if (warned.size() > MOST_WARNED) {
                warned.clear();
            }
            warned.put(model, now);
            LOG.warn(warning, model);
            alerts.accept(new Alert(
                    "unpriced_model",
                    model,
                    MessageFormatter.format(warning, model).getMessage(),
                    new JsonObject().put("event_group", "model").put("model", model)));
        }
    }

    /** What the dearest model of this configuration would have cost; 0 when none of them has a price. */
    private long dearest(Usage usage) {
        long most = 0;
        for (Deployment deployment :
                config == null ? List.<Deployment>of() : config.models().deployments()) {
            Tariff tariff = prices.of(deployment, deployment.upstreamModel(), null);
            most = tariff == null ? most : Math.max(most, tariff.mostNanos(usage));
        }
        return most;
    }

    FactsAnswer facts(FactsQuestion question) {
        Map<FactsQuestion.Model, FactsAnswer.Facts> found = new HashMap<>();
        for (FactsQuestion.Model model : question.models()) {
            Deployment deployment = known.get(model.deploymentId());
            FactsAnswer.Facts facts = deployment == null ? null : prices.facts(deployment, model.upstreamModel());
            if (facts != null) {
                found.put(model, facts);
            }
        }
        return new FactsAnswer(found);
    }
}
