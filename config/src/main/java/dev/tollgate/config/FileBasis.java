package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a file says. Models of the admin API are added by reading the part about models once more with them in it, so that names
 * and credentials of both meet as if all stood in one file.
 */
final class FileBasis implements Basis {
    private final Section root;
    private final Environment environment;
    private final ProviderCatalog catalog;
    private final Roles roles;
    private final Snapshot alone;

    /** Reads the file's tree and says what is wrong in {@code problems}; if anything is, nothing else is to be asked of it. */
    FileBasis(
            Path file, Section root, Environment environment, ProviderCatalog catalog, Roles roles, Problems problems) {
        this.root = root;
        this.environment = environment;
        this.catalog = catalog;
        this.roles = roles;
        StoringSettings storing = StoringSettings.read(root.section("general_settings"), environment)
                .on(roles);
        ModelReader reader = new ModelReader(root, environment, catalog, roles, storing.expected(), false, problems);
        ModelTable models = reader.read(StoredModels.NONE);
        SettingsReader settings = new SettingsReader(root, environment, problems);
        RouterSettings router = settings.router(reader.groupFallbacks(), reader.deployments());
        if (!problems.anyUnset()) {
            new TargetCheck(root, models, storing.expected(), problems).check(router);
        }
        if (models.deployments().isEmpty() && problems.errors().isEmpty() && !storing.expected()) {
            problems.warn(new Origin(file.toString(), 1, 1), "no models: `model_list` is empty");
        }
        GeneralSettings general = settings.general();
        List<VirtualKey> keys = new VirtualKeyReader(problems).read(root, general.masterKey());
        ClusterSettings cluster = new ClusterReader(root, environment, problems).read(general.masterKey());
        this.alone = new Snapshot(
                1, file.toString(), models, router, general, keys, cluster, storing, false, problems.warnings());
    }

    /** Without any of the admin API. */
    Snapshot alone() {
        return alone;
    }

    @Override
    public Composed with(StoredModels stored) {
        if (stored.isEmpty()) {
            return new Composed(alone, List.of());
        }
        Problems problems = new Problems();
        Section again = root.reporting(problems);
        boolean expecting = alone.storing().expected();
        ModelReader reader = new ModelReader(
                again, environment, catalog, roles, expecting, alone.general().masterKey() != null, problems);
        ModelTable models = reader.read(stored);
        RouterSettings router =
                new SettingsReader(again, environment, problems).router(reader.groupFallbacks(), reader.deployments());
        new TargetCheck(again, models, expecting, problems).check(router);
        List<Problem> warnings = new ArrayList<>(problems.errors());
        warnings.addAll(problems.warnings());
        warnings.addAll(reader.storedWarnings());
        return new Composed(alone.withModels(models, router, warnings), reader.leftOut());
    }

    @Override
    public List<FileCredential> credentials() {
        Problems nobody = new Problems();
        List<FileCredential> found = new ArrayList<>();
        for (ConfigNode item : root.list("credential_list")) {
            if (item instanceof ConfigNode.Mapping mapping) {
                Section entry = new Section("credential_list", mapping, nobody);
                String name = entry.text("credential_name");
                if (name != null) {
                    Map<String, Secret> values = new LinkedHashMap<>();
                    entry.textMap("credential_values").forEach((key, value) -> values.put(key, Secret.of(value)));
                    ConfigNode info = entry.node("credential_info");
                    found.add(new FileCredential(name, values, info == null ? "{}" : JsonText.of(info)));
                }
            }
        }
        return found;
    }
}
