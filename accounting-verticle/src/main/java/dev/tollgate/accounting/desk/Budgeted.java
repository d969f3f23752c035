package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Holder;
import dev.tollgate.accounting.book.Kind;
import dev.tollgate.config.Deployment;
import dev.tollgate.config.Snapshot;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who has a budget in the configuration, beside the gateway as a whole, and no entry of the book that says so.
 *
 * @param tags {@code tag_budget_config}
 * @param providers {@code provider_budget_config}
 * @param deployments ids of those with a {@code max_budget}, also of models that the admin API made
 */
record Budgeted(Set<String> tags, Set<String> providers, Set<String> deployments) {
    /** Nobody. */
    static final Budgeted NONE = new Budgeted(Set.of(), Set.of(), Set.of());

    /** Ids in one message. */
    private static final int MOST_NAMED = 20;

    Budgeted {
        tags = Set.copyOf(tags);
        providers = Set.copyOf(providers);
        deployments = Set.copyOf(deployments);
    }

    /** Those of a configuration. */
    static Budgeted of(Snapshot config) {
        return new Budgeted(
                config.general().budgets().tags().keySet(),
                config.router().choosing().budgets().keySet(),
                config.models().deployments().stream()
                        .filter(deployment -> deployment.routing().fit().budget() != null)
                        .map(Deployment::id)
                        .collect(Collectors.toSet()));
    }

    /** Whom the admin API means by {@code kind} and {@code id}. */
    Holder holder(String kind, @Nullable String id) throws Refusal {
        return switch (kind) {
            case "gateway" -> {
                if (id != null) {
                    throw Refusal.bad("There is one gateway only: leave `id` out", "id");
                }
                yield Holder.ALL;
            }
            case "provider" -> new Holder(Kind.PROVIDER, named(kind, id, providers));
            case "deployment" -> new Holder(Kind.DEPLOYMENT, named(kind, id, deployments));
            default ->
                throw Refusal.bad(
                        "Unknown kind '" + kind
                                + "': it is `gateway`, `provider` or `deployment`. What keys, users, teams,"
                                + " organizations, end users and tags have spent is set where they are updated",
                        "kind");
        };
    }

    /** What is not counted cannot be set: a slip would look like a success. */
    private static String named(String kind, @Nullable String id, Set<String> known) throws Refusal {
        if (id == null) {
            throw Refusal.bad("Name the " + kind + " in `id`. " + those(known), "id");
        }
        if (!known.contains(id)) {
            throw Refusal.missing(
                    "The configuration has no budget of a " + kind + " with the id '" + id + "'. " + those(known));
        }
        return id;
    }

    private static String those(Set<String> known) {
        if (known.isEmpty()) {
            return "None has a budget";
        }
        String named = new TreeSet<>(known).stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
        return "These have a budget: " + named
                + (known.size() > MOST_NAMED ? " and more, see GET /provider/budgets" : "");
    }
}
