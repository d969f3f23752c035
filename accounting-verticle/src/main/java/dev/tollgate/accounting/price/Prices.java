package dev.tollgate.accounting.price;

import dev.tollgate.config.Deployment;
import dev.tollgate.protocol.FactsAnswer;
import dev.tollgate.protocol.ServiceTier;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tariff of a deployment. Its own prices win, field by field; the rest comes from the first of these rows: of its
 * {@code base_model}, of {@code provider/model}, of the bare model, of the same two with the name that the provider reported. A bare
 * name counts only when its row is of this provider: what one vendor asks for a model says nothing about another. Only for gateways
 * and compatible servers that the list does not know at all is any vendor's row of that name better than nothing. One for each lane;
 * what was found is kept.
 */
public final class Prices {
    private static final int REMEMBERED = 5_000;
    private static final @Nullable Tariff FREE = Tariff.of(Map.of("input_cost_per_token", BigDecimal.ZERO));

    private final PriceList list;
    private final Map<String, Optional<Tariff>> found = new HashMap<>();
    private final DearDeployments dear;

    /** Looks rows up in this list, and knows of no others who do. */
    public Prices(PriceList list) {
        this(list, new DearDeployments());
    }

    /** Looks rows up in this list; {@code dear} is shared by all lanes of the node, and forgotten by whoever made it. */
    public Prices(PriceList list, DearDeployments dear) {
        this.list = list;
        this.dear = dear;
    }

    /** Forgets what was found: the configuration has changed. */
    public void forget() {
        found.clear();
    }

    /** This deployment answered in a dear service tier though nobody asked for one: its provider's project is set so. */
    public void dear(String deploymentId) {
        dear.add(deploymentId);
    }

    /** Whether calls that ask for no tier may be billed in a dear one: by what it answered since the last change of the configuration. */
    public boolean mayBeDear(Deployment deployment) {
        String asked = deployment.defaults().get(ServiceTier.MEMBER);
        String extra = deployment.defaults().get("extra_body");
        return dear.contains(deployment.id())
                || (asked != null && ServiceTier.mayBeDear(asked.replace("\"", "")))
                || (extra != null && extra.contains('"' + ServiceTier.MEMBER + '"'));
    }

    /** Changes whenever something else is known of dear deployments. */
    public int learned() {
        return dear.version();
    }

    /** The tariff, or null when no price is known. {@code upstreamModel} is the concrete name, {@code reported} the provider's, or null. */
    public @Nullable Tariff of(Deployment deployment, String upstreamModel, @Nullable String reported) {
        String key = deployment.id() + '\n' + upstreamModel + '\n' + reported;
        Optional<Tariff> known = found.get(key);
        if (known == null) {
            if (found.size() > REMEMBERED) {
                found.clear();
            }
            known = Optional.ofNullable(find(deployment, upstreamModel, reported));
            found.put(key, known);
        }
        return known.orElse(null);
    }

    /** The tariff of a row of the list, by its name; null when it has none. */
    public @Nullable Tariff listed(String model) {
        return priced(model, _ -> true).tariff();
    }

    /** What the router may want to know of a model; null when nothing is known. */
    public FactsAnswer.@Nullable Facts facts(Deployment deployment, String upstreamModel) {
        Map<String, BigDecimal> fields = fields(deployment, upstreamModel, null).prices();
        boolean free = fields.isEmpty() && list.ownMachine(deployment.provider().name());
        BigDecimal input = free ? BigDecimal.ZERO : fields.get("input_cost_per_token");
        BigDecimal output = free ? BigDecimal.ZERO : fields.get("output_cost_per_token");
        long longest = longestPrompt(deployment, upstreamModel);
        String flags = field("flags_true", deployment, upstreamModel);
        return longest == 0 && input == null && output == null && flags == null
                ? null
                : new FactsAnswer.Facts(
                        longest, input, output, flags == null ? Set.of() : new HashSet<>(List.of(flags.split(";"))));
    }

    private long longestPrompt(Deployment deployment, String upstreamModel) {
        return most("max_input_tokens", deployment, upstreamModel);
    }

    /** Longest prompt in tokens that a deployment's model takes, or 0 when it is not known. */
    public long mostInput(Deployment deployment) {
        Long own = deployment.routing().fit().maxInputTokens();
        return own != null ? own : longestPrompt(deployment, deployment.upstreamModel());
    }

    /** Most tokens that a deployment's model generates, or 0 when it is not known. */
    public long mostOutput(Deployment deployment) {
        long output = most("max_output_tokens", deployment, deployment.upstreamModel());
        return output > 0 ? output : most("max_tokens", deployment, deployment.upstreamModel());
    }

    private long most(String field, Deployment deployment, String upstreamModel) {
        String tokens = field(field, deployment, upstreamModel);
        try {
            return tokens == null ? 0 : new BigDecimal(tokens).longValue();
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    /** From the first of the rows of {@code base_model}, {@code provider/model} and the bare model that has it, or null. */
    private @Nullable String field(String field, Deployment deployment, String upstreamModel) {
        String provider = deployment.provider().name();
        String base = deployment.info().baseModel();
        String found = base == null ? null : field(field, base, _ -> true);
        found = found != null ? found : field(field, provider + "/" + upstreamModel, _ -> true);
        return found != null ? found : field(field, upstreamModel, vendor -> related(vendor, provider));
    }

    private @Nullable String field(String field, String model, Predicate<String> vendor) {
        String name = list.spelling(model);
        Map<String, String> row = name == null ? null : list.row(name);
        return row == null || !vendor.test(row.getOrDefault("provider", "")) ? null : row.get(field);
    }

    private @Nullable Tariff find(Deployment deployment, String upstreamModel, @Nullable String reported) {
        Tariff tariff = fields(deployment, upstreamModel, reported).tariff();
        return tariff == null && list.ownMachine(deployment.provider().name()) ? FREE : tariff;
    }

    /** Own prices, and the listed ones that they do not replace. */
    private Listed fields(Deployment deployment, String upstreamModel, @Nullable String reported) {
        return listed(deployment, upstreamModel, reported).under(deployment.prices());
    }

    /** The first row with a price, or nothing. A row of exactly this provider and model that has no price ends the search. */
    private Listed listed(Deployment deployment, String upstreamModel, @Nullable String reported) {
        String provider = deployment.provider().name();
        List<String> names = reported == null ? List.of(upstreamModel) : List.of(upstreamModel, reported);
        String base = deployment.info().baseModel();
        Listed found = base == null ? Listed.NOTHING : priced(base, _ -> true);
        for (String name : names) {
            if (found.isEmpty()) {
                String qualified = list.spelling(provider + "/" + name);
                found = qualified == null
                        ? priced(name, vendor -> related(vendor, provider))
                        : priced(qualified, _ -> true);
                if (found.isEmpty() && qualified != null) {
                    return found;
                }
            }
        }
        if (!list.knows(provider) && !list.ownMachine(provider)) {
            for (String name : names) {
                found = found.isEmpty() ? priced(name, _ -> true) : found;
            }
        }
        return found;
    }

    private Listed priced(String model, Predicate<String> vendor) {
        String name = list.spelling(model);
        Map<String, String> row = name == null ? null : list.row(name);
        return row == null || !vendor.test(row.getOrDefault("provider", "")) ? Listed.NOTHING : Listed.of(row);
    }

    /** Rows name a vendor's product lines: {@code vertex_ai-language-models}, {@code bedrock_converse}, {@code text-completion-openai}. */
    private static boolean related(String vendor, String provider) {
        return vendor.equals(provider)
                || vendor.startsWith(provider + "_")
                || vendor.startsWith(provider + "-")
                || vendor.endsWith("-" + provider)
                || provider.endsWith("-" + vendor);
    }
}
