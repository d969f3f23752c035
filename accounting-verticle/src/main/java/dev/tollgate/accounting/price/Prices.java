package dev.tollgate.accounting.price;

import dev.tollgate.config.Deployment;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tariff of a deployment: its own prices over those of its {@code base_model}, of {@code provider/model}, of the name that
 * the provider reported, or of the bare model name, whichever row comes first. One for each lane; what was found is kept.
 */
public final class Prices {
    private static final String HOURLY = "cache_creation_input_token_cost_above_1hr";
    private static final int REMEMBERED = 5_000;

    /** Providers that run on one's own machine: without a price they cost nothing, rather than something unknown. */
    private static final Set<String> OWN_MACHINE = Set.of(
            "echo",
            "ollama",
            "ollama_chat",
            "lm_studio",
            "llamafile",
            "vllm",
            "hosted_vllm",
            "docker_model_runner",
            "xinference",
            "lemonade");

    private static final @Nullable Tariff FREE = Tariff.of(Map.of("input_cost_per_token", BigDecimal.ZERO));

    private final PriceList list;
    private final Map<String, Optional<Tariff>> found = new HashMap<>();

    /** Looks rows up in this list. */
    public Prices(PriceList list) {
        this.list = list;
    }

    /** Forgets what was found: the configuration has changed. */
    public void forget() {
        found.clear();
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

    private @Nullable Tariff find(Deployment deployment, String upstreamModel, @Nullable String reported) {
        String provider = deployment.provider().name();
        List<@Nullable String> names = new ArrayList<>();
        names.add(deployment.info().baseModel());
        names.add(provider + "/" + upstreamModel);
        if (provider.equals("openai") || provider.equals("anthropic") || provider.equals("text-completion-openai")) {
            names.add(upstreamModel);
        }
        if (reported != null) {
            names.add(provider + "/" + reported);
            names.add(reported);
        }
        names.add(upstreamModel);
        for (String name : names) {
            Map<String, String> row = name == null ? null : list.row(name);
            Map<String, BigDecimal> fields = row == null ? null : numbers(row);
            if (fields != null) {
                fields.putAll(deployment.prices());
                Tariff tariff = tariff(fields);
                if (tariff != null) {
                    return tariff;
                }
            }
        }
        Tariff own = tariff(new HashMap<>(deployment.prices()));
        return own != null ? own : OWN_MACHINE.contains(provider) ? FREE : null;
    }

    private static @Nullable Tariff tariff(Map<String, BigDecimal> fields) {
        BigDecimal hourly = fields.remove(HOURLY);
        if (hourly != null) {
            fields.put("cache_creation_input_token_cost_hour", hourly);
        }
        return Tariff.of(fields);
    }

    private static Map<String, BigDecimal> numbers(Map<String, String> row) {
        Map<String, BigDecimal> fields = new HashMap<>();
        row.forEach((name, value) -> {
            if (name.contains("cost") && !value.startsWith("{") && !value.startsWith("[")) {
                try {
                    fields.put(name, new BigDecimal(value));
                } catch (NumberFormatException _) {
                    // A field with "cost" in its name that is no number is no price.
                }
            } else if (name.equals("search_context_cost_per_query")) {
                int medium = value.indexOf("\"search_context_size_medium\":");
                if (medium >= 0) {
                    String rest = value.substring(medium + "\"search_context_size_medium\":".length());
                    fields.put(name, new BigDecimal(rest.split("[,}]", 2)[0]));
                }
            }
        });
        return fields;
    }
}
