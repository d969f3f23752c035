package dev.tollgate.router;

import dev.tollgate.cluster.Bus;
import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.Addresses;
import dev.tollgate.protocol.FactsAnswer;
import dev.tollgate.protocol.FactsQuestion;
import dev.tollgate.router.strategy.Pricing;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the price list says of the deployments: asked of accounting when a configuration comes into force, and when a wildcard first
 * stands for a model; never waited for. What the configuration itself says comes first. Where accounting is not there to ask, only
 * that is known.
 */
final class Facts implements Pricing {
    private static final double UNKNOWN_PRICE = 5.0;
    private static final int MOST_MODELS = 20_000;

    private final Bus bus;
    private final Map<FactsQuestion.Model, FactsAnswer.Facts> known = new HashMap<>();
    private final Set<FactsQuestion.Model> asked = new HashSet<>();
    private boolean wanted;

    /** Another object with each answer. */
    private Object edition = new Object();

    /** {@code model_info} by deployment id. */
    private final Map<String, JsonObject> infos = new HashMap<>();

    Facts(Bus bus) {
        this.bus = bus;
    }

    /** A new configuration: forgets, and asks anew when the facts are wanted at all. */
    void configure(List<Deployment> deployments, boolean facts) {
        known.clear();
        asked.clear();
        edition = new Object();
        infos.clear();
        wanted = facts;
        learn(deployments);
    }

    /** Asks about those that have not been asked about. */
    void learn(List<Deployment> deployments) {
        if (!wanted) {
            return;
        }
        if (asked.size() > MOST_MODELS) {
            // Only clients' inventions for wildcards can be so many; what is in use is asked for again.
            asked.clear();
            known.clear();
            infos.clear();
        }
        List<FactsQuestion.Model> models = deployments.stream()
                .filter(each -> each.upstreamModel().indexOf('*') < 0)
                .map(Facts::model)
                .filter(asked::add)
                .toList();
        if (!models.isEmpty()) {
            bus.<FactsQuestion, FactsAnswer>ask(Addresses.FACTS, new FactsQuestion(models))
                    .onSuccess(answer -> {
                        known.putAll(answer.facts());
                        edition = new Object();
                    });
        }
    }

    private static FactsQuestion.Model model(Deployment deployment) {
        return new FactsQuestion.Model(deployment.id(), deployment.upstreamModel());
    }

    /** Longest prompt in tokens; 0 when it is not known. */
    long maxInputTokens(Deployment deployment) {
        Long own = deployment.routing().fit().maxInputTokens();
        if (own != null) {
            return own;
        }
        FactsAnswer.Facts facts = known.get(model(deployment));
        return facts == null ? 0 : facts.maxInputTokens();
    }

    /** Whether the model is known not to have one of these {@code supports_…} flags. The deployment's {@code model_info} comes first. */
    boolean lacks(Deployment deployment, Set<String> flags) {
        FactsAnswer.Facts facts = known.get(model(deployment));
        Set<String> listed = facts == null ? Set.of() : facts.supports();
        JsonObject own = infos.computeIfAbsent(
                deployment.id(), _ -> new JsonObject(deployment.info().json()));
        for (String flag : flags) {
            Boolean said = own.getValue(flag) instanceof Boolean known ? known : null;
            if (said == null ? !listed.isEmpty() && !listed.contains(flag) : !said) {
                return true;
            }
        }
        return false;
    }

    @Override
    public double ofBothTokens(Deployment deployment) {
        FactsAnswer.Facts facts = known.get(model(deployment));
        return price(deployment, "input_cost_per_token", facts == null ? null : facts.inputPrice())
                + price(deployment, "output_cost_per_token", facts == null ? null : facts.outputPrice());
    }

    @Override
    public Object edition() {
        return edition;
    }

    private static double price(Deployment deployment, String name, @Nullable BigDecimal listed) {
        BigDecimal own = deployment.prices().get(name);
        BigDecimal price = own == null ? listed : own;
        return price == null ? UNKNOWN_PRICE : price.doubleValue();
    }
}
