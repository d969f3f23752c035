package dev.tollgate.config;

import java.util.List;

/** A configuration that was read, to which models of the admin API are added: again and again, for they come and go while it stays. */
public interface Basis {

    /** The configuration with these in it. May be asked by any thread. */
    Composed with(StoredModels stored);

    /** Credentials that stand in the file; they win over those of the admin API. */
    default List<FileCredential> credentials() {
        return List.of();
    }
}
