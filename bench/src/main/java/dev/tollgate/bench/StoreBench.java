package dev.tollgate.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tollgate.accounting.SpendRow;
import dev.tollgate.accounting.ledger.Ledger;
import dev.tollgate.accounting.ledger.ServerLedger;
import dev.tollgate.accounting.ledger.SqliteLedger;
import dev.tollgate.config.StoreUrl;
import dev.tollgate.protocol.Usage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.slf4j.LoggerFactory;

/**
 * How fast a store takes spend rows: batches of 500, as the shipper brings them, of 10 keys and 4 models. Prints rows a second and
 * the CPU of the ledger's thread a row; for a server that is without the event loop and the server itself. Give it an empty database.
 */
final class StoreBench {
    private static final int BATCH = 500;
    private static final int WARM_UP = 40;
    private static final int MEASURED = 200;

    private StoreBench() {}

    /** Measures SQLite in a folder of its own, then each store whose URL is given. */
    public static void main(String[] urls) throws IOException {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        Path folder = Files.createTempDirectory("tollgate-store-bench");
        try (Ledger sqlite = SqliteLedger.open(folder.resolve("tollgate.db"))) {
            measure("SQLite", sqlite);
        }
        for (String url : urls) {
            StoreUrl store = StoreUrl.parse(url);
            try (Ledger server = ServerLedger.of(store)) {
                measure(store.toString(), server);
            }
        }
        try (var files = Files.list(folder)) {
            files.forEach(file -> file.toFile().delete());
        }
        Files.delete(folder);
    }

    private static void measure(String name, Ledger ledger) {
        Random random = new Random(1);
        List<List<SpendRow>> batches = new ArrayList<>();
        for (int i = 0; i < WARM_UP + MEASURED; i++) {
            batches.add(batch(random));
        }
        var threads = ManagementFactory.getThreadMXBean();
        long cpu = 0;
        long began = 0;
        for (int i = 0; i < batches.size(); i++) {
            if (i == WARM_UP) {
                cpu = threads.getCurrentThreadCpuTime();
                began = System.nanoTime();
            }
            ledger.store(batches.get(i), "bench", i + 1L);
        }
        long rows = (long) BATCH * MEASURED;
        double seconds = (System.nanoTime() - began) / 1e9;
        double micros = (threads.getCurrentThreadCpuTime() - cpu) / 1e3 / rows;
        System.out.printf("%-40s %,9.0f rows/s  %5.2f µs CPU a row%n", name, rows / seconds, micros);
    }

    /** In order of time, as the gateway's own are: a store finds the place for the next one beside the last. */
    private static String id(Random random) {
        long time = System.nanoTime() >> 10;
        return new UUID(time << 16 | 0x7000 | random.nextInt(0x1000), random.nextLong()).toString();
    }

    private static List<SpendRow> batch(Random random) {
        List<SpendRow> rows = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            int key = random.nextInt(10);
            String model = "model-" + random.nextInt(4);
            rows.add(new SpendRow(
                    id(random),
                    "acompletion",
                    "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe" + key,
                    "user-" + key,
                    "team-" + key % 5,
                    null,
                    model,
                    model,
                    "deployment-" + model,
                    model,
                    "openai",
                    "https://api.openai.com/v1",
                    "",
                    model + "/deployment=ok",
                    null,
                    Usage.of(random.nextInt(2_000), random.nextInt(500)),
                    random.nextInt(10_000_000),
                    true,
                    false,
                    200,
                    System.currentTimeMillis(),
                    250.5,
                    -1,
                    List.of(),
                    "0123456789"));
        }
        return rows;
    }
}
