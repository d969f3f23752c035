package dev.tollgate.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads {@code credential_list}, {@code model_list}, {@code model_group_alias} and {@code model_groups}, together with what the admin
 * API made: names and credentials of both are known to each other, and where both have the same, the file's counts.
 */
final class ModelReader {
    private final Section root;
    private final Problems problems;
    private final boolean expecting;
    private final DeploymentReader reader;
    private final StoredReader storedReader;
    private final AnyModel anyModel;
    private final List<Deployment> deployments = new ArrayList<>();
    private final Map<String, String> aliases = new LinkedHashMap<>();
    private final Set<String> hidden = new HashSet<>();
    private final KnownKeys groupKeys = KnownKeys.of("model_group");
    private final Map<String, List<String>> groupFallbacks = new LinkedHashMap<>();

    /** Deployments of the file alone. */
    private List<Deployment> own = List.of();

    /** {@code expecting}: whether names may lead to models that the admin API will make; {@code keyed}: whether there is a master key. */
    ModelReader(
            Section root,
            Environment environment,
            ProviderCatalog catalog,
            Roles roles,
            boolean expecting,
            boolean keyed,
            Problems problems) {
        this.root = root;
        this.problems = problems;
        this.expecting = expecting;
        this.reader = new DeploymentReader(catalog, environment, roles, problems, expecting);
        this.storedReader = new StoredReader(reader, catalog, environment, roles, keyed);
        this.anyModel = new AnyModel(catalog, environment, roles);
    }

    ModelTable read(StoredModels stored) {
        credentials();
        storedReader.credentials(stored.credentials());
        models();
        own = List.copyOf(deployments);
        deployments.addAll(storedReader.models(stored.models(), own, groupNames()));
        aliases();
        groups();
        return table();
    }

    private ModelTable table() {
        return new ModelTable(deployments, aliases, hidden);
    }

    /** All deployments, in the order in which they stand. */
    List<Deployment> deployments() {
        return deployments;
    }

    /** Fallbacks that {@code model_groups} declare. */
    Map<String, List<String>> groupFallbacks() {
        return groupFallbacks;
    }

    /** What the admin API made and is not in force. */
    List<Composed.LeftOut> leftOut() {
        return storedReader.leftOut();
    }

    /** Oddities of what the admin API made. */
    List<Problem> storedWarnings() {
        return storedReader.warnings();
    }

    private void credentials() {
        for (ConfigNode item : root.list("credential_list")) {
            if (item instanceof ConfigNode.Mapping mapping) {
                reader.credential(new Section("credential_list", mapping, problems), item.origin());
            } else {
                problems.error(item.origin(), "a credential must be a mapping with `credential_name`");
            }
        }
    }

    private void models() {
        Map<String, Deployment> ids = new LinkedHashMap<>();
        for (ConfigNode item : root.list("model_list")) {
            if (!(item instanceof ConfigNode.Mapping mapping)) {
                problems.error(item.origin(), "a model must be a mapping with `model_name` and `litellm_params`");
                continue;
            }
            Section entry = new Section("model_list", mapping, problems);
            if (Boolean.TRUE.equals(entry.flag("blocked"))) {
                problems.warn(entry.origin("blocked"), "the model is blocked and not served");
                continue;
            }
            Deployment deployment = reader.read(entry, item.origin());
            if (deployment != null) {
                add(deployment, ids, entry);
                if (AnyModel.is(deployment.group(), entry.section("litellm_params"))) {
                    anyModel.companions(deployment).forEach(companion -> add(companion, ids, entry));
                }
            }
        }
    }

    private void add(Deployment deployment, Map<String, Deployment> ids, Section entry) {
        Deployment same = ids.putIfAbsent(deployment.id(), deployment);
        if (same == null) {
            deployments.add(deployment);
        } else if (entry.section("model_info").has("id")) {
            problems.error(
                    deployment.origin(),
                    "the id `" + deployment.id() + "` is used twice; the first is at " + same.origin());
        } else {
            problems.warn(deployment.origin(), "the same model with the same parameters stands at " + same.origin());
        }
    }

    /** Names of groups, which models of the admin API must leave free: nobody would get to the group otherwise. */
    private Set<String> groupNames() {
        Set<String> names = new HashSet<>();
        for (ConfigNode item : root.list("model_groups")) {
            if (item instanceof ConfigNode.Mapping mapping) {
                String name = new Section("model_groups", mapping, new Problems()).text("name");
                if (name != null
                        && own.stream()
                                .noneMatch(deployment -> deployment.group().equals(name))) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    private void aliases() {
        Section section = root.section("router_settings").section("model_group_alias");
        for (String alias : section.keys()) {
            ConfigNode node = section.node(alias);
            if (node instanceof ConfigNode.Mapping mapping) {
                Section target = new Section(alias, mapping, problems);
                String model = target.text("model");
                if (model != null) {
                    aliases.put(alias, model);
                }
                if (Boolean.TRUE.equals(target.flag("hidden"))) {
                    hidden.add(alias);
                }
            } else {
                String model = section.text(alias);
                if (model != null) {
                    aliases.put(alias, model);
                }
            }
        }
    }

    /** {@code model_groups}: a name for several models, tried in order, or shared between them when {@code fallback} is false. */
    private void groups() {
        for (ConfigNode item : root.list("model_groups")) {
            if (!(item instanceof ConfigNode.Mapping mapping)) {
                problems.error(item.origin(), "a model group must be a mapping with `name` and `models`");
                continue;
            }
            Section group = new Section("model_groups", mapping, problems);
            group.warnUnknownExcept(groupKeys, "model group key");
            String name = group.text("name");
            List<String> members = group.texts("models");
            if (name == null || name.isBlank() || members.isEmpty()) {
                if (!problems.anyUnset()) {
                    problems.error(item.origin(), "a model group needs a `name` and at least one of `models`");
                }
            } else {
                boolean inOrder = !Boolean.FALSE.equals(group.flag("fallback"));
                boolean free = inOrder && name.equals(members.get(0)) || free(name, group);
                if (free && known(members, group)) {
                    declare(name, members, inOrder);
                }
            }
        }
    }

    /** A group of a name that is taken could never be reached, unless it only adds fallbacks to the model of that name. */
    private boolean free(String name, Section group) {
        boolean taken = aliases.containsKey(name)
                || own.stream().anyMatch(deployment -> deployment.group().equals(name));
        if (taken) {
            problems.error(
                    group.origin("name"),
                    "the group `" + name + "` has the name of a model, an alias or another group; choose another name");
        }
        return !taken;
    }

    private boolean known(List<String> members, Section group) {
        ModelTable table = table();
        boolean all = true;
        for (String member : members) {
            if (table.resolve(member) == null && !problems.anyUnset()) {
                TargetCheck.missing(
                        problems,
                        expecting,
                        group.origin("models"),
                        "the group names `" + member + "`, which is not in `model_list`"
                                + Nearest.hint(member, table.names()));
                all = expecting;
            }
        }
        return all;
    }

    private void declare(String name, List<String> members, boolean inOrder) {
        if (inOrder) {
            if (!name.equals(members.get(0))) {
                aliases.put(name, members.get(0));
            }
            if (members.size() > 1) {
                groupFallbacks.put(name, members.subList(1, members.size()));
            }
            return;
        }
        ModelTable table = table();
        Map<String, Deployment> shared = new LinkedHashMap<>();
        for (String member : members) {
            ModelTable.Group found = table.resolve(member);
            for (Deployment deployment : found == null ? List.<Deployment>of() : found.deployments()) {
                // A wildcard's deployment has one id for all its models.
                String id = DeploymentReader.sha256(name + "\n" + deployment.id() + "\n" + deployment.upstreamModel());
                shared.put(id, deployment.copyFor(name, id));
            }
        }
        deployments.addAll(shared.values());
    }
}
