package dev.tollgate.config;

import dev.tollgate.protocol.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a configuration out of what is there when nobody wrote one: provider keys in the environment, a local Ollama, and always the echo model. */
public final class Discovery {
    /** Models to name besides {@code provider/*}, so that {@code /v1/models} shows something to try. */
    private static final Map<String, List<String>> WELL_KNOWN = Map.of(
            "openai", List.of("gpt-4o", "gpt-4o-mini"),
            "anthropic", List.of("claude-sonnet-4-5", "claude-haiku-4-5"),
            "gemini", List.of("gemini-2.5-pro", "gemini-2.5-flash"));

    private static final List<String> PROVIDERS =
            List.of("openai", "anthropic", "gemini", "groq", "mistral", "deepseek", "openrouter", "xai", "together_ai");

    private final ProviderCatalog catalog = ProviderCatalog.load();
    private final Environment environment;

    /** Looks into this environment. */
    public Discovery(Environment environment) {
        this.environment = environment;
    }

    /** Where a local Ollama would answer. */
    public String ollamaBase() {
        String base = environment.get("OLLAMA_API_BASE");
        return base == null ? "http://127.0.0.1:11434" : Upstreams.trimmed(base);
    }

    /** A configuration with all that was found; {@code ollamaModels} are what the local Ollama lists, empty when there is none. */
    public Snapshot found(List<String> ollamaModels) {
        List<Deployment> deployments = new ArrayList<>();
        for (String name : PROVIDERS) {
            Provider provider = provider(name);
            Secret key = key(provider);
            if (key != null) {
                for (String model : WELL_KNOWN.getOrDefault(name, List.of())) {
                    deployments.add(deployment(model, provider, model, base(provider), key));
                }
                deployments.add(deployment(name + "/*", provider, "*", base(provider), key));
            }
        }
        Provider ollama = provider("ollama");
        for (String model : ollamaModels) {
            deployments.add(deployment(model, ollama, model, ollamaBase(), null));
        }
        if (!ollamaModels.isEmpty()) {
            deployments.add(deployment("ollama/*", ollama, "*", ollamaBase(), null));
        }
        deployments.add(deployment("echo", provider("echo"), "echo", "", null));
        Problems problems = new Problems();
        Section nothing = new Section("root", null, problems);
        StoringSettings storing = StoringSettings.read(nothing, environment);
        SettingsReader settings = new SettingsReader(nothing, environment, problems);
        RouterSettings router = settings.router(Map.of(), List.of());
        GeneralSettings general = settings.general();
        // There is no file to refuse: what is wrong with a variable is said, and the gateway starts without it.
        List<Problem> said = new ArrayList<>(problems.errors());
        said.addAll(problems.warnings());
        ModelTable models = new ModelTable(deployments, Map.of(), Set.of());
        ClusterSettings cluster = ClusterReader.of(environment, general.masterKey(), said);
        return new Snapshot(1, "(found)", models, router, general, List.of(), cluster, storing, false, said);
    }

    /** The same, as something that was loaded, to which models of the admin API can be added. */
    public LoadResult.Loaded loaded(List<String> ollamaModels) {
        Snapshot found = found(ollamaModels);
        return new LoadResult.Loaded(found, Sources.NONE, stored -> with(found, stored));
    }

    private Composed with(Snapshot found, StoredModels stored) {
        StoredReader reader = new StoredReader(
                new DeploymentReader(catalog, environment, Roles.ALL, new Problems(), false),
                catalog,
                environment,
                Roles.ALL,
                found.general().masterKey() != null);
        reader.credentials(stored.credentials());
        List<Deployment> all = new ArrayList<>(found.models().deployments());
        all.addAll(reader.models(stored.models(), found.models().deployments(), Set.of()));
        List<Problem> warnings = new ArrayList<>(found.warnings());
        warnings.addAll(reader.warnings());
        ModelTable models = new ModelTable(all, Map.of(), Set.of());
        return new Composed(found.withModels(models, found.router(), warnings), reader.leftOut());
    }

    private Provider provider(String name) {
        Provider provider = catalog.find(name);
        if (provider == null) {
            throw new IllegalStateException("providers.csv lacks " + name);
        }
        return provider;
    }

    private @Nullable Secret key(Provider provider) {
        String variable = environment.firstSet(provider.keyVariables());
        String value = variable == null ? null : environment.get(variable);
        return value == null ? null : Secret.of(value.strip());
    }

    private String base(Provider provider) {
        String variable = environment.firstSet(provider.baseVariables());
        String value = variable == null ? null : environment.get(variable);
        return value == null ? String.valueOf(provider.baseUrl()) : Upstreams.trimmed(value);
    }

    private static Deployment deployment(
            String name, Provider provider, String model, String base, @Nullable Secret key) {
        return new Deployment(
                DeploymentReader.sha256(name + "\n" + provider.name() + "/" + model),
                name,
                provider,
                model,
                base,
                key,
                null,
                null,
                Map.of(),
                Map.of(),
                Deployment.Routing.NONE,
                Map.of(),
                Deployment.Info.NONE,
                null,
                null);
    }
}
