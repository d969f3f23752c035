package dev.tollgate.accounting.limit;

import dev.tollgate.accounting.price.Prices;
import dev.tollgate.accounting.price.Tariff;
import dev.tollgate.config.BudgetSettings;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.ModelTable;
import dev.tollgate.config.RouterSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.protocol.Envelope;
import dev.tollgate.protocol.Leg;
import dev.tollgate.protocol.ServiceTier;
import dev.tollgate.protocol.Settlement;
import dev.tollgate.protocol.Usage;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What calls to a model may cost at most: the dearest of its deployments and of those that it may fall back to. Kept until the
 * configuration changes; one for each lane.
 */
final class Quotes {
    private static final int REMEMBERED = 5_000;

    /** For models of which the price list does not say it: no provider's default is larger without being asked for. */
    private static final long USUAL_OUTPUT = 32_768;

    /** More searches for one answer have not been seen where the request does not say how many (Anthropic's {@code max_uses}). */
    private static final long MOST_SEARCHES = 10;

    private final Prices prices;
    private final Map<String, Quote> known = new HashMap<>();
    private Snapshot config;
    private int learned;

    Quotes(Prices prices, Snapshot config) {
        this.prices = prices;
        this.config = config;
    }

    void configured(Snapshot next) {
        config = next;
        known.clear();
    }

    /** Of a model and of what a request itself names to fall back to. */
    Quote of(String model, Envelope.Overrides overrides) {
        Quote quote = of(model);
        for (List<String> more : Arrays.asList(
                overrides.fallbacks(),
                overrides.special().contextWindowFallbacks(),
                overrides.special().contentPolicyFallbacks())) {
            for (String name : more == null ? List.<String>of() : more) {
                quote = quote.orDearer(of(name));
            }
        }
        return quote;
    }

    /** Of one deployment alone, under the concrete name that would be sent. */
    Quote of(String deploymentId, String upstreamModel) {
        fresh();
        String key = deploymentId + '\n' + upstreamModel;
        Quote quote = known.get(key);
        Deployment deployment = quote != null ? null : config.models().byId(deploymentId);
        if (deployment != null) {
            if (known.size() > REMEMBERED) {
                known.clear();
            }
            quote = of(deployment.named(deployment.group(), upstreamModel));
            quote = quote.priced() || config.general().budgets().unpriced() != BudgetSettings.Unpriced.ESTIMATE
                    ? quote
                    : asTheDearestOfAll(quote);
            known.put(key, quote);
        }
        return quote == null ? Quote.NOTHING : quote;
    }

    /** A call is over that asked for no dear tier: which deployment answered in one nevertheless. */
    void unasked(Settlement settlement) {
        unasked(settlement.route().deploymentId(), settlement.usage());
        for (Leg leg : settlement.earlier()) {
            unasked(leg.deploymentId(), leg.usage());
        }
    }

    private void unasked(String deploymentId, Usage usage) {
        ServiceTier tier = usage.tier();
        if (tier != null && tier.dear()) {
            prices.dear(deploymentId);
        }
    }

    /** Forgets quotes when a deployment has turned out to be dearer than was thought. */
    private void fresh() {
        if (learned != prices.learned()) {
            learned = prices.learned();
            known.clear();
        }
    }

    private Quote of(String model) {
        fresh();
        Quote quote = known.get(model);
        if (quote == null) {
            if (known.size() > REMEMBERED) {
                known.clear();
            }
            quote = withFallbacks(model);
            known.put(model, quote);
        }
        return quote;
    }

    private Quote withFallbacks(String model) {
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(model));
        @Nullable Quote dearest = null;
        RouterSettings router = config.router();
        while (!open.isEmpty()) {
            String name = open.removeFirst();
            ModelTable.Group group = config.models().resolve(name);
            if (group == null || !seen.add(group.group())) {
                continue;
            }
            for (Deployment deployment : group.deployments()) {
                Quote quote = of(deployment);
                dearest = dearest == null ? quote : dearest.orDearer(quote);
            }
            for (String key : RouterSettings.fallbackNames(name, group.group())) {
                open.addAll(router.fallbacks().getOrDefault(key, List.of()));
                open.addAll(router.contextWindowFallbacks().getOrDefault(key, List.of()));
                open.addAll(router.contentPolicyFallbacks().getOrDefault(key, List.of()));
            }
            open.addAll(router.defaultFallbacks());
        }
        if (dearest == null) {
            return Quote.NOTHING;
        }
        return dearest.priced() || config.general().budgets().unpriced() != BudgetSettings.Unpriced.ESTIMATE
                ? dearest
                : asTheDearestOfAll(dearest);
    }

    /** OpenAI's models that search for every answer. */
    private static boolean searches(Deployment deployment) {
        String model = deployment.upstreamModel();
        return model.contains("-search-preview") || model.contains("-search-api");
    }

    /** OpenAI searches once for an answer; others as often as they like. */
    private static long searchNanos(Deployment deployment, Tariff tariff) {
        if (searches(deployment)) {
            return 0;
        }
        String dialect = deployment.provider().dialect();
        boolean once = dialect.equals("openai") || dialect.equals("azure");
        return (once ? 1 : MOST_SEARCHES) * tariff.dearestSearchNanos();
    }

    private Quote asTheDearestOfAll(Quote unpriced) {
        Quote dearest = unpriced;
        for (Deployment deployment : config.models().deployments()) {
            dearest = dearest.orDearer(of(deployment));
        }
        return dearest;
    }

    /** At the hour when it is dearest, since nobody knows when the call will be over. */
    private Quote of(Deployment deployment) {
        Tariff tariff = prices.of(deployment, deployment.upstreamModel(), null);
        Tariff offPeak = tariff == null ? null : tariff.offPeak();
        Quote usual = of(deployment, tariff);
        return offPeak == null ? usual : usual.orDearer(of(deployment, offPeak));
    }

    private Quote of(Deployment deployment, @Nullable Tariff tariff) {
        long output = prices.mostOutput(deployment);
        String dialect = deployment.provider().dialect();
        String member =
                dialect.equals("openai") && deployment.provider().name().equals("openai") || dialect.equals("azure")
                        ? "max_completion_tokens"
                        : "max_tokens";
        if (tariff == null) {
            return new Quote(
                    false,
                    Quote.Rates.ZERO,
                    Quote.Rates.ZERO,
                    Long.MAX_VALUE,
                    0,
                    USUAL_OUTPUT,
                    Quote.Extras.NONE,
                    member);
        }
        boolean dear = prices.mayBeDear(deployment);
        return new Quote(
                true,
                rates(tariff, false, dear),
                rates(tariff, true, dear),
                tariff.longPromptFrom(),
                tariff.fixedNanos() + (searches(deployment) ? tariff.dearestSearchNanos() : 0),
                output > 0 ? output : USUAL_OUTPUT,
                new Quote.Extras(
                        searchNanos(deployment, tariff),
                        tariff.dearestSoundPicos(),
                        new Quote.Dear(rates(tariff, false, true), rates(tariff, true, true)),
                        prices.mostInput(deployment)),
                member);
    }

    private static Quote.Rates rates(Tariff tariff, boolean longPrompt, boolean anyTier) {
        return new Quote.Rates(
                tariff.dearestInputPicos(longPrompt, anyTier), tariff.dearestOutputPicos(longPrompt, anyTier));
    }
}
