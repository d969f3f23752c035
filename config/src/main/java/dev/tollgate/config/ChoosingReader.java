package dev.tollgate.config;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the part of {@code router_settings} that narrows the choice among a group's deployments. */
final class ChoosingReader {
    private static final String LIMITS = "enforce_model_rate_limits";

    /** Budgets of providers and deployments hold whether or not this names them. */
    private static final String BUDGETS = "router_budget_limiting";

    private static final Map<String, RouterSettings.Affinity> AFFINITIES = Map.of(
            "prompt_caching", RouterSettings.Affinity.PROMPT_CACHING,
            "session_affinity", RouterSettings.Affinity.SESSION,
            "deployment_affinity", RouterSettings.Affinity.DEPLOYMENT);

    /** LiteLLM's other checks; accepted so that a configuration keeps working, with a warning that they do nothing here. */
    private static final List<String> NOT_HERE = List.of(
            "responses_api_deployment_check", "encrypted_content_affinity", "forward_client_headers_by_model_group");

    private final Section router;
    private final Problems problems;

    ChoosingReader(Section router, Problems problems) {
        this.router = router;
        this.problems = problems;
    }

    RouterSettings.Choosing read(List<Deployment> deployments) {
        List<String> checks = router.texts("optional_pre_call_checks");
        if (router.has("deployment_affinity_ttl_seconds")) {
            router.whole("deployment_affinity_ttl_seconds");
        }
        return new RouterSettings.Choosing(
                Boolean.TRUE.equals(router.flag("enable_pre_call_checks")),
                checks.contains(LIMITS),
                affinities(router, "optional_pre_call_checks"),
                groups(),
                Boolean.TRUE.equals(router.flag("enable_weighted_failover")),
                weights(),
                router.count("default_max_parallel_requests"),
                deployments.stream()
                        .anyMatch(one -> !one.routing().fit().tagRegex().isEmpty()),
                budgets());
    }

    private Map<String, Allowance> budgets() {
        Map<String, Allowance> found = AllowanceReader.named(router, "provider_budget_config", problems);
        Set<String> providers = ProviderCatalog.load().nameSet();
        for (String name : found.keySet()) {
            if (!providers.contains(name)) {
                problems.error(
                        router.section("provider_budget_config").keyOrigin(name),
                        "unknown provider `" + name + "`" + Nearest.hint(name, providers));
            }
        }
        return found;
    }

    private Map<String, Set<RouterSettings.Affinity>> groups() {
        Map<String, Set<RouterSettings.Affinity>> found = new LinkedHashMap<>();
        Section groups = router.section("model_group_affinity_config");
        groups.keys().forEach(group -> found.put(group, affinities(groups, group)));
        return found;
    }

    private Set<RouterSettings.Affinity> affinities(Section section, String key) {
        Set<RouterSettings.Affinity> found = EnumSet.noneOf(RouterSettings.Affinity.class);
        for (String name : section.texts(key)) {
            RouterSettings.Affinity affinity = AFFINITIES.get(name);
            if (affinity != null) {
                found.add(affinity);
            } else if (NOT_HERE.contains(name)) {
                problems.warn(section.origin(key), "the check `" + name + "` is not done here yet");
            } else if (!name.equals(LIMITS) && !name.equals(BUDGETS)) {
                problems.warn(section.origin(key), "unknown check `" + name + "`" + Nearest.hint(name, names()));
            }
        }
        return found;
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>(AFFINITIES.keySet());
        names.add(LIMITS);
        names.add(BUDGETS);
        return names;
    }

    /** Plain, {@code {deployment: weight}}, or by group, {@code {group: {deployment: weight}}}. */
    private Map<String, Double> weights() {
        Map<String, Double> found = new LinkedHashMap<>();
        Section weights = router.section("weights");
        for (String name : weights.keys()) {
            if (weights.node(name) instanceof ConfigNode.Mapping mapping) {
                Section inner = new Section(name, mapping, problems);
                inner.keys().forEach(member -> put(found, inner, member, name + "\n" + member));
            } else {
                put(found, weights, name, name);
            }
        }
        return found;
    }

    private static void put(Map<String, Double> found, Section section, String key, String as) {
        var value = section.number(key);
        if (value != null) {
            found.put(as, value.doubleValue());
        }
    }
}
