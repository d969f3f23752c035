package dev.tollgate.config;

import java.nio.file.Path;

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
        Documents documents = new Documents(environment, catalog, problems);
        Section root = documents.read(file);
        // Of files that are missing or no YAML there is no more to say; a variable that is not set leaves the rest to
        // be checked.
        if (problems.anyBesidesUnset()) {
            return new LoadResult.Rejected(problems.errors(), problems.warnings(), documents.sources());
        }
        root.warnUnknownExcept(KnownKeys.of("top"), "key");
        FileBasis basis = new FileBasis(file, root, documents.environment(), catalog, documents.roles(), problems);
        return problems.errors().isEmpty()
                ? new LoadResult.Loaded(basis.alone(), documents.sources(), basis)
                : new LoadResult.Rejected(problems.errors(), problems.warnings(), documents.sources());
    }
}
