package dev.tollgate.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads {@code config.yaml} (LiteLLM's format) and checks it as a whole: all problems are found in one go, each with its place.
 * Nothing of a file with a problem is used; oddities such as unknown keys are warnings.
 */
public final class ConfigLoader {
    private final Environment environment;
    private final ProviderCatalog catalog = ProviderCatalog.load();

    /** Reads variables from this environment. */
    public ConfigLoader(Environment environment) {
        this.environment = environment;
    }

    /** Reads the file and all it includes. Never throws for what a file holds. */
    public LoadResult load(Path file) {
        Problems problems = new Problems();
        Documents documents = new Documents(environment, problems);
        Section root = documents.read(file);
        // Of files that are missing or no YAML there is no more to say; a variable that is not set leaves the rest to
        // be checked.
        if (problems.anyBesidesUnset()) {
            return new LoadResult.Rejected(problems.errors(), documents.sources());
        }
        root.warnUnknownExcept(KnownKeys.of("top"), "key");
        Snapshot snapshot = new Reading(root, documents.environment(), problems).snapshot(file);
        return problems.errors().isEmpty()
                ? new LoadResult.Loaded(snapshot, documents.sources())
                : new LoadResult.Rejected(problems.errors(), documents.sources());
    }

    /** One reading of one tree. */
    private final class Reading {
        private final Section root;
        private final Environment variables;
        private final Problems problems;
        private final List<Deployment> deployments = new ArrayList<>();
        private final Map<String, String> aliases = new LinkedHashMap<>();
        private final Set<String> hidden = new HashSet<>();
        private final KnownKeys groupKeys = KnownKeys.of("model_group");
        private final Map<String, List<String>> groupFallbacks = new LinkedHashMap<>();

        Reading(Section root, Environment variables, Problems problems) {
            this.root = root;
            this.variables = variables;
            this.problems = problems;
        }

        Snapshot snapshot(Path file) {
            models();
            aliases();
            groups();
            SettingsReader settings = new SettingsReader(root, variables, problems);
            ModelTable models = new ModelTable(deployments, aliases, hidden);
            RouterSettings router = settings.router(groupFallbacks, deployments);
            if (!problems.anyUnset()) {
                new TargetCheck(root, models, problems).check(router);
            }
            if (deployments.isEmpty() && problems.errors().isEmpty()) {
                problems.warn(new Origin(file.toString(), 1, 1), "no models: `model_list` is empty");
            }
            GeneralSettings general = settings.general();
            List<VirtualKey> keys = new VirtualKeyReader(problems).read(root, general.masterKey());
            ClusterSettings cluster = new ClusterReader(root, variables, problems).read(general.masterKey());
            return new Snapshot(1, file.toString(), models, router, general, keys, cluster, problems.warnings());
        }

        private void models() {
            DeploymentReader reader = new DeploymentReader(catalog, variables, problems);
            AnyModel anyModel = new AnyModel(catalog, variables);
            for (ConfigNode item : root.list("credential_list")) {
                if (item instanceof ConfigNode.Mapping mapping) {
                    reader.credential(new Section("credential_list", mapping, problems), item.origin());
                } else {
                    problems.error(item.origin(), "a credential must be a mapping with `credential_name`");
                }
            }
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
                problems.warn(
                        deployment.origin(), "the same model with the same parameters stands at " + same.origin());
            }
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
                    || deployments.stream()
                            .anyMatch(deployment -> deployment.group().equals(name));
            if (taken) {
                problems.error(
                        group.origin("name"),
                        "the group `" + name
                                + "` has the name of a model, an alias or another group; choose another name");
            }
            return !taken;
        }

        private boolean known(List<String> members, Section group) {
            ModelTable table = new ModelTable(deployments, aliases, hidden);
            boolean all = true;
            for (String member : members) {
                if (table.resolve(member) == null && !problems.anyUnset()) {
                    problems.error(
                            group.origin("models"),
                            "the group names `" + member + "`, which is not in `model_list`"
                                    + Nearest.hint(member, table.names()));
                    all = false;
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
            ModelTable table = new ModelTable(deployments, aliases, hidden);
            Map<String, Deployment> shared = new LinkedHashMap<>();
            for (String member : members) {
                ModelTable.Group found = table.resolve(member);
                for (Deployment deployment : found == null ? List.<Deployment>of() : found.deployments()) {
                    // A wildcard's deployment has one id for all its models.
                    String id =
                            DeploymentReader.sha256(name + "\n" + deployment.id() + "\n" + deployment.upstreamModel());
                    shared.put(id, deployment.copyFor(name, id));
                }
            }
            deployments.addAll(shared.values());
        }
    }
}
