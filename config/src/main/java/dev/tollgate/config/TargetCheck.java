package dev.tollgate.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whether aliases and fallbacks lead somewhere: every name must be a model, and no group may fall back to itself. Groups that fall back to
 * each other are only pointed out: a call enters each of them once (decision 9). {@code *} and the default list are left out of the
 * latter two, because they hold for their own targets, too. Where models of the admin
 * API are expected, a name that leads nowhere is only pointed out.
 */
final class TargetCheck {
    private final Section root;
    private final ModelTable models;
    private final boolean expecting;
    private final Problems problems;

    /** {@code expecting}: whether the admin API may make models that are not known yet. */
    TargetCheck(Section root, ModelTable models, boolean expecting, Problems problems) {
        this.root = root;
        this.models = models;
        this.expecting = expecting;
        this.problems = problems;
    }

    void check(RouterSettings router) {
        models.aliases()
                .forEach((alias, target) ->
                        exists(target, "the alias `" + alias + "`", place("model_group_alias", alias)));
        fallbacks(router.fallbacks(), "fallbacks");
        fallbacks(router.contextWindowFallbacks(), "context_window_fallbacks");
        fallbacks(router.contentPolicyFallbacks(), "content_policy_fallbacks");
        router.defaultFallbacks()
                .forEach(target -> exists(target, "`default_fallbacks`", place("default_fallbacks", null)));
    }

    private void fallbacks(Map<String, List<String>> table, String key) {
        table.forEach((group, targets) -> {
            targets.forEach(target -> exists(target, "`" + key + "` of `" + group + "`", place(key, group)));
            targets.stream()
                    .filter(target -> !target.equals(group) && same(group, target))
                    .forEach(target -> problems.warn(
                            place(key, group),
                            "`" + key + "` of `" + group + "` leads to `" + target
                                    + "`, another name of the same group; a call enters a group once"));
            if (!group.equals("*") && models.resolve(group) == null) {
                problems.warn(place(key, group), "`" + key + "` names `" + group + "`, which is no model");
            }
        });
        Set<String> seen = new HashSet<>();
        new TreeSet<>(table.keySet()).forEach(group -> circles(table, key, group, new ArrayList<>(), seen));
    }

    private boolean same(String group, String target) {
        ModelTable.Group one = models.resolve(group);
        ModelTable.Group other = models.resolve(target);
        return one != null && other != null && one.group().equals(other.group());
    }

    private void circles(
            Map<String, List<String>> table, String key, String group, List<String> way, Set<String> seen) {
        int before = way.indexOf(group);
        if (before >= 0) {
            List<String> circle = new ArrayList<>(way.subList(before, way.size()));
            circle.add(group);
            circle(key, circle);
        } else if (seen.add(group)) {
            way.add(group);
            table.getOrDefault(group, List.of()).forEach(target -> circles(table, key, target, way, seen));
            way.removeLast();
        }
    }

    private void circle(String key, List<String> circle) {
        Origin place = place(key, circle.getFirst());
        if (circle.size() == 2) {
            problems.error(place, "`" + key + "` of `" + circle.getFirst() + "` leads back to itself; leave it out");
        } else {
            problems.warn(
                    place,
                    "`" + key + "` lead in a circle: " + String.join(" → ", circle)
                            + "; a call enters each of them once and then fails");
        }
    }

    private void exists(String target, String who, @Nullable Origin place) {
        if (models.resolve(target) == null) {
            missing(
                    problems,
                    expecting,
                    place,
                    who + " leads to `" + target + "`, which is no model" + Nearest.hint(target, models.names()));
        }
    }

    /** A name that leads nowhere is a mistake, unless the admin API may give it to a model. */
    static void missing(Problems problems, boolean expecting, @Nullable Origin place, String message) {
        if (expecting) {
            problems.warn(place, message + "; it waits for one of the admin API");
        } else {
            problems.error(place, message);
        }
    }

    /** Where the group's entry stands, or else the whole setting. */
    private @Nullable Origin place(String key, @Nullable String group) {
        Origin place = null;
        for (Section section : List.of(root.section("router_settings"), root.section("litellm_settings"))) {
            place = place != null ? place : section.origin(key);
            for (ConfigNode item : group == null ? List.<ConfigNode>of() : section.list(key)) {
                if (item instanceof ConfigNode.Mapping mapping
                        && mapping.entries().containsKey(group)) {
                    return mapping.entries().get(group).keyOrigin();
                }
            }
        }
        return place;
    }
}
