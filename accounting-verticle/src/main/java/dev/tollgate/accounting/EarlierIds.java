package dev.tollgate.accounting;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node was called in its cluster before it was started anew, from a file in its data folder. Two programs cannot use one data
 * folder, so whoever was called that does not run any more.
 */
final class EarlierIds {
    private static final Logger LOG = LoggerFactory.getLogger(EarlierIds.class);
    private static final int MOST = 20;

    private EarlierIds() {}

    /** Those of before; from now on {@code present} is among them. */
    static List<String> note(Path data, String present) {
        List<String> before = new ArrayList<>();
        try {
            note(data.resolve("cluster-ids"), present, before);
        } catch (IOException e) {
            LOG.warn("Others will not know this node again when it is started anew: {}", e.toString());
        }
        return before;
    }

    private static void note(Path file, String present, List<String> before) throws IOException {
        if (Files.exists(file)) {
            Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream()
                    .filter(EarlierIds::isId)
                    .forEach(before::add);
        }
        List<String> all = new ArrayList<>(before);
        all.add(present);
        Path next = file.resolveSibling("cluster-ids.new");
        Files.write(next, all.subList(Math.max(0, all.size() - MOST), all.size()));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean isId(String line) {
        try {
            return UUID.fromString(line).toString().equals(line);
        } catch (IllegalArgumentException _) {
            // Torn when the disk was full; the others know.
            return false;
        }
    }
}
