package dev.tollgate.accounting.book;

import dev.tollgate.config.Deployment;
import dev.tollgate.config.ModelTable;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Names for several models that lists of models may hold: {@code model_info.access_groups} of the models in the configuration.
 *
 * @param models group to models
 */
record AccessGroups(Map<String, Set<String>> models) {
    static final AccessGroups NONE = new AccessGroups(Map.of());

    static AccessGroups of(ModelTable table) {
        Map<String, Set<String>> groups = new LinkedHashMap<>();
        for (Deployment deployment : table.deployments()) {
            // Nearly none says so, and reading them all takes longer than looking.
            if (deployment.info().json().contains("access_groups")
                    && new JsonObject(deployment.info().json()).getValue("access_groups") instanceof JsonArray names) {
                names.forEach(name -> groups.computeIfAbsent(String.valueOf(name), _ -> new LinkedHashSet<>())
                        .add(deployment.group()));
            }
        }
        return new AccessGroups(Map.copyOf(groups));
    }

    /** The names with, for each that is a group's, its models after them. */
    List<String> expand(List<String> names) {
        if (models.isEmpty() || names.stream().noneMatch(models::containsKey)) {
            return names;
        }
        List<String> all = new ArrayList<>(names);
        for (String name : names) {
            all.addAll(models.getOrDefault(name, Set.of()));
        }
        return all;
    }
}
