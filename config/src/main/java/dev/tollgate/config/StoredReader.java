package dev.tollgate.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads models and credentials of the admin API as a file's are read, each for itself: what is wrong with one keeps no other out. */
final class StoredReader {
    private final DeploymentReader reader;
    private final AnyModel anyModel;
    private final Environment environment;
    private final boolean keyed;
    private final Roles roles;
    private final List<Composed.LeftOut> leftOut = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    /** {@code reader} is the one of the file, with its credentials; {@code keyed}: whether the gateway has a master key. */
    StoredReader(
            DeploymentReader reader, ProviderCatalog catalog, Environment environment, Roles roles, boolean keyed) {
        this.reader = reader;
        this.roles = roles;
        this.anyModel = new AnyModel(catalog, environment, roles);
        this.environment = environment;
        this.keyed = keyed;
    }

    /** Before the models, those of the file included, for they may name them. */
    void credentials(List<StoredModels.Entry> entries) {
        for (StoredModels.Entry entry : entries) {
            Problems problems = new Problems();
            Section credential = section("credential", "credential_values", entry, problems);
            Section values = credential.section("credential_values");
            values.keys().forEach(values::text);
            if (kept("credential", entry, problems)) {
                reader.storedCredential(entry.id(), values);
            }
        }
    }

    /**
     * The deployments of these models.
     *
     * @param present those of the file, whose ids are taken
     * @param groups names that are taken by groups of models
     */
    List<Deployment> models(List<StoredModels.Entry> entries, List<Deployment> present, Set<String> groups) {
        Map<String, Deployment> ids = new HashMap<>();
        present.forEach(deployment -> ids.put(deployment.id(), deployment));
        List<Deployment> all = new ArrayList<>();
        for (StoredModels.Entry entry : entries) {
            Problems problems = new Problems();
            Section section = section("model", "litellm_params", entry, problems);
            List<Deployment> read = read(section, entry.id(), problems);
            for (Deployment deployment : read) {
                Deployment same = ids.get(deployment.id());
                if (same != null) {
                    problems.error(
                            deployment.origin(),
                            "the id `" + deployment.id() + "` is used already, at " + same.origin());
                }
                if (groups.contains(deployment.group())) {
                    problems.error(
                            deployment.origin(),
                            "`" + deployment.group()
                                    + "` is a group of `model_groups` in the configuration; choose another name");
                }
            }
            if (kept("model", entry, problems)) {
                all.addAll(read);
                read.forEach(deployment -> ids.put(deployment.id(), deployment));
            }
        }
        return all;
    }

    private List<Deployment> read(Section entry, String id, Problems problems) {
        if (Boolean.TRUE.equals(entry.flag("blocked"))) {
            return List.of();
        }
        Deployment deployment = reader.stored(problems).read(entry, place("model", id));
        if (deployment == null) {
            return List.of();
        }
        List<Deployment> all = new ArrayList<>(List.of(deployment));
        if (AnyModel.is(deployment.group(), entry.section("litellm_params"))) {
            all.addAll(anyModel.companions(deployment));
        }
        return all;
    }

    private Section section(String what, String part, StoredModels.Entry entry, Problems problems) {
        ConfigNode.Mapping mapping =
                new JsonReader(place(what, entry.id())).mapping(entry.json().reveal(), problems);
        if (roles == Roles.FRONT) {
            mapping = new Unneeded(roles, environment, Set.of()).routing(mapping, part);
        }
        return new Section("", new StoredVariables(environment, problems, keyed).in(mapping), problems);
    }

    private static Origin place(String what, String id) {
        return Origin.named(what + " " + id + " of the admin API");
    }

    private boolean kept(String what, StoredModels.Entry entry, Problems problems) {
        warnings.addAll(problems.warnings());
        if (!problems.errors().isEmpty()) {
            leftOut.add(new Composed.LeftOut(what, entry.id(), problems.errors()));
        }
        return problems.errors().isEmpty();
    }

    /** Entries with a mistake. */
    List<Composed.LeftOut> leftOut() {
        return leftOut;
    }

    /** Oddities of the others. */
    List<Problem> warnings() {
        return warnings;
    }
}
