package dev.tollgate.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names clients may ask for and the deployments behind them.
 *
 * <p>A name is looked up exactly, then as an alias ({@code model_group_alias}), then by the most specific wildcard pattern
 * ({@code openai/*} before {@code *}); the part that {@code *} matched is put into the upstream model (LiteLLM semantics).
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

    private record Pattern(String prefix, String suffix, List<Deployment> deployments) {
        boolean matches(String name) {
            return name.length() >= prefix.length() + suffix.length()
                    && name.startsWith(prefix)
                    && name.endsWith(suffix);
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
            int star = name.indexOf('*');
            if (star < 0) {
                plain.put(name, List.copyOf(members));
            } else {
                wild.add(new Pattern(name.substring(0, star), name.substring(star + 1), List.copyOf(members)));
            }
        });
        wild.sort((a, b) ->
                Integer.compare(b.prefix.length() + b.suffix.length(), a.prefix.length() + a.suffix.length()));
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

    /** What a client's model name stands for, or null when it stands for nothing. */
    public @Nullable Group resolve(String name) {
        List<Deployment> direct = exact.get(name);
        if (direct != null) {
            return new Group(name, direct);
        }
        String target = aliases.get(name);
        if (target != null) {
            List<Deployment> aliased = exact.get(target);
            return aliased != null ? new Group(target, aliased) : wildcard(target);
        }
        return wildcard(name);
    }

    private @Nullable Group wildcard(String name) {
        for (Pattern pattern : patterns) {
            if (pattern.matches(name)) {
                String middle = name.substring(pattern.prefix.length(), name.length() - pattern.suffix.length());
                List<Deployment> concrete = new ArrayList<>(pattern.deployments.size());
                for (Deployment deployment : pattern.deployments) {
                    concrete.add(
                            deployment.named(name, deployment.upstreamModel().replace("*", middle)));
                }
                return new Group(name, concrete);
            }
        }
        return null;
    }
}
