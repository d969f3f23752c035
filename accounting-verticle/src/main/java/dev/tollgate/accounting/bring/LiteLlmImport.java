package dev.tollgate.accounting.bring;

import dev.tollgate.accounting.book.Definitions;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.LiteLlmTables;
import dev.tollgate.accounting.ledger.ServerDefinitions;
import dev.tollgate.accounting.ledger.ServerLedger;
import dev.tollgate.accounting.ledger.SqliteDefinitions;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.cluster.Bring;
import dev.tollgate.config.BudgetSettings;
import dev.tollgate.config.Snapshot;
import dev.tollgate.config.StoreUrl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code tollgate import-litellm}: opens both ends, of which a dry run makes neither. */
public final class LiteLlmImport {
    private final Snapshot config;
    private final Path file;
    private final InstantSource clock;

    /** {@code file}: the embedded store, for a configuration that names no other. */
    public LiteLlmImport(Snapshot config, Path file, InstantSource clock) {
        this.config = config;
        this.file = file;
        this.clock = clock;
    }

    /** Lines for people. */
    public List<String> run(Bring order) {
        BudgetSettings budgets = config.general().budgets();
        try (LiteLlmTables tables = LiteLlmTables.open(order.from());
                Definitions definitions = definitions(order.apply());
                Ledger ledger = order.apply() ? ledger() : null) {
            Openings openings = new Openings(clock.instant(), budgets.zone());
            Here here = new Here(definitions, ledger, order, clock);
            return new Bringing(tables, here, order, new Translation(openings, budgets.duration())).run();
        }
    }

    private @Nullable Definitions definitions(boolean apply) {
        StoreUrl store = config.general().store();
        if (store != null) {
            return apply ? ServerDefinitions.of(store) : ServerDefinitions.toLook(store);
        }
        return apply || Files.exists(file) ? SqliteDefinitions.open(file) : null;
    }

    private Ledger ledger() {
        StoreUrl store = config.general().store();
        return store == null ? SqliteLedger.open(file) : ServerLedger.of(store);
    }
}
