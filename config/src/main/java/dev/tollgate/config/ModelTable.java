package dev.tollgate.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names clients may ask for and the deployments behind them.
 *
 * <p>A name is looked up exactly, then as an alias ({@code model_group_alias}), then by the most specific wildcard pattern
 * ({@code openai/*} before {@code *}); the parts that the stars matched replace the stars of the upstream model in order (LiteLLM
 * semantics). An alias may lead to another alias: to a group of {@code model_groups}, for one.
 * Look-ups of known names allocate nothing.
 */
public final class ModelTable {
    private final List<Deployment> deployments;
    private final Map<String, List<Deployment>> exact;
    private final List<Pattern> patterns;
    private final Map<String, String> aliases;
    private final Set<String> hiddenAliases;
    private final Map<String, Deployment> byId;
    private final List<String> names;

    /** A name with stars, cut at them. */
    private record Pattern(List<String> parts, List<Deployment> deployments) {
        int specificity() {
            return parts.stream().mapToInt(String::length).sum();
        }

        /** What the stars stand for in this name, each as short as can be but for the last; null when the name does not match. */
        @Nullable List<String> match(String name) {
            String first = parts.get(0);
            String end = parts.getLast();
            int last = name.length() - end.length();
            if (last < first.length() || !name.startsWith(first) || !name.endsWith(end)) {
                return null;
            }
            List<String> found = new ArrayList<>(parts.size() - 1);
            int at = first.length();
            for (String part : parts.subList(1, parts.size() - 1)) {
                int next = name.indexOf(part, at);
                if (next < 0 || next + part.length() > last) {
                    return null;
                }
                found.add(name.substring(at, next));
                at = next + part.length();
            }
            found.add(name.substring(at, last));
            return found;
        }
    }

    /**
     * What a name resolved to.
     *
     * @param group the group's name: the alias's target, or the concrete name for a wildcard
     * @param deployments its deployments, at least one
     */
    public record Group(String group, List<Deployment> deployments) {}

    /**
     * @param deployments all deployments, in configuration order
     * @param aliases alias to group
     * @param hiddenAliases aliases that {@code /models} does not list
     */
    public ModelTable(List<Deployment> deployments, Map<String, String> aliases, Set<String> hiddenAliases) {
        this.deployments = List.copyOf(deployments);
        this.aliases = Collections.unmodifiableMap(new LinkedHashMap<>(aliases));
        this.hiddenAliases = Set.copyOf(hiddenAliases);
        Map<String, List<Deployment>> groups = new LinkedHashMap<>();
        Map<String, Deployment> ids = new LinkedHashMap<>();
        for (Deployment deployment : this.deployments) {
            groups.computeIfAbsent(deployment.group(), _ -> new ArrayList<>()).add(deployment);
            ids.put(deployment.id(), deployment);
        }
        Map<String, List<Deployment>> plain = new LinkedHashMap<>();
        List<Pattern> wild = new ArrayList<>();
        groups.forEach((name, members) -> {
            if (name.indexOf('*') < 0) {
                plain.put(name, List.copyOf(members));
            } else {
                wild.add(new Pattern(List.of(name.split("\\*", -1)), List.copyOf(members)));
            }
        });
        wild.sort(Comparator.comparingInt(Pattern::specificity).reversed());
        this.exact = Collections.unmodifiableMap(plain);
        this.patterns = List.copyOf(wild);
        this.byId = Collections.unmodifiableMap(ids);
        List<String> listed = new ArrayList<>(groups.keySet());
        for (String alias : this.aliases.keySet()) {
            if (!this.hiddenAliases.contains(alias) && !groups.containsKey(alias)) {
                listed.add(alias);
            }
        }
        this.names = List.copyOf(listed);
    }

    /** An empty table. */
    public static ModelTable empty() {
        return new ModelTable(List.of(), Map.of(), Set.of());
    }

    /** All deployments, in configuration order. */
    public List<Deployment> deployments() {
        return deployments;
    }

    /** Names to list: groups (wildcards as written) and visible aliases. */
    public List<String> names() {
        return names;
    }

    /** Alias to group. */
    public Map<String, String> aliases() {
        return aliases;
    }

    /** The deployment of that id, or null. */
    public @Nullable Deployment byId(String id) {
        return byId.get(id);
    }

    /** How a name is found. */
    public enum Lookup {
        /** A group has exactly this name. */
        EXACT,
        /** It is another name for one. */
        ALIAS,
        /** A pattern with a star fits. */
        WILDCARD,
        /** Only the pattern for any name fits. */
        DEFAULT,
        /** Nothing has it. */
        UNKNOWN
    }

    /** How {@link #resolve} finds a name. */
    public Lookup lookup(String name) {
        if (exact.containsKey(name)) {
            return Lookup.EXACT;
        }
        if (aliases.containsKey(name)) {
            return Lookup.ALIAS;
        }
        for (Pattern pattern : patterns) {
            if (pattern.match(name) != null) {
                return pattern.specificity() == 0 ? Lookup.DEFAULT : Lookup.WILDCARD;
            }
        }
        return Lookup.UNKNOWN;
    }

    /** What a client's model name stands for, or null when it stands for nothing. */
    public @Nullable Group resolve(String name) {
        List<Deployment> direct = exact.get(name);
        if (direct != null) {
            return new Group(name, direct);
        }
        String target = aliases.get(name);
        if (target == null) {
            return wildcard(name);
        }
        for (int i = 0; i < aliases.size(); i++) {
            List<Deployment> aliased = exact.get(target);
            if (aliased != null) {
                return new Group(target, aliased);
            }
            String further = aliases.get(target);
            if (further == null) {
                return wildcard(target);
            }
            target = further;
        }
        return null;
    }

    private @Nullable Group wildcard(String name) {
        for (Pattern pattern : patterns) {
            List<String> stars = pattern.match(name);
            if (stars != null) {
                List<Deployment> concrete = new ArrayList<>(pattern.deployments.size());
                for (Deployment deployment : pattern.deployments) {
                    concrete.add(deployment.named(name, filled(deployment.upstreamModel(), stars)));
                }
                return new Group(name, concrete);
            }
        }
        return null;
    }

    private static String filled(String model, List<String> stars) {
        String filled = model;
        int from = 0;
        for (String star : stars) {
            int at = filled.indexOf('*', from);
            if (at < 0) {
                break;
            }
            filled = filled.substring(0, at) + star + filled.substring(at + 1);
            from = at + star.length();
        }
        return filled;
    }
}
