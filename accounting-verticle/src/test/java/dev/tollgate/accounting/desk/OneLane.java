package dev.tollgate.accounting.desk;

import dev.tollgate.accounting.book.Book;
import dev.tollgate.accounting.stored.Vault;
import dev.tollgate.cluster.ModelShelf;
import dev.tollgate.cluster.NoPeers;
import dev.tollgate.config.Composed;
import dev.tollgate.config.ConfigLoader;
import dev.tollgate.config.Environment;
import dev.tollgate.config.FileCredential;
import dev.tollgate.config.LoadResult;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.StoredModels;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A launcher with a file and one lane, on which whatever is brought is in force at once. */
final class OneLane implements ModelShelf.Composer {
    private static final String FILE = """
            credential_list:
              - {credential_name: of-the-file, credential_values: {api_key: sk-of-the-file-0000, api_base: "http://127.0.0.1:1"}}
            model_list:
              - {model_name: f, litellm_params: {model: openai/x, litellm_credential_name: of-the-file}, model_info: {id: f-1}}
            """;

    private static final LoadResult.Loaded USUAL = read(FILE, Map.of("LITELLM_SALT_KEY", "salt"));

    final Vault vault;
    private LoadResult.Loaded file = USUAL;
    private Snapshot inForce = USUAL.snapshot();

    /** Whether the lane goes over to nothing any more. */
    volatile boolean stuck;

    OneLane(Book book) {
        ModelShelf shelf = new ModelShelf();
        shelf.composer(this);
        vault = new Vault(book, shelf, new NoPeers("alone", "test"), 1);
        vault.configured(inForce);
    }

    private static LoadResult.Loaded read(String yaml, Map<String, String> environment) {
        try {
            Path path = Files.createTempFile("tollgate-test-", ".yaml");
            Files.writeString(path, yaml);
            LoadResult read = new ConfigLoader(Environment.of(environment)).load(path);
            Files.delete(path);
            return (LoadResult.Loaded) read;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on these are the variables. */
    void variables(Map<String, String> environment) {
        file = read(FILE, environment);
        inForce = file.snapshot();
        vault.configured(inForce);
    }

    Snapshot inForce() {
        return inForce;
    }

    @Override
    public Composed tried(StoredModels stored) {
        return file.basis().with(stored);
    }

    @Override
    public Future<Composed> bring(StoredModels stored) {
        if (stuck) {
            return Future.failedFuture("the lane does not answer");
        }
        Composed composed = tried(stored);
        inForce = composed.snapshot();
        vault.configured(inForce);
        return Future.succeededFuture(composed);
    }

    @Override
    public List<FileCredential> credentials() {
        return file.basis().credentials();
    }
}
