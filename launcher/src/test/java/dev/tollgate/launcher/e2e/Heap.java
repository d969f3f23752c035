package dev.tollgate.launcher.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What a process has in its memory. */
final class Heap {
    private Heap() {}

    /** Whether it holds that text in ASCII. {@code folder}: where there is room for its heap. */
    static boolean has(Path folder, Tollgate node, String text) throws Exception {
        Path dump = folder.resolve("heap-" + node.process().pid());
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(node.process().pid()),
                        "GC.heap_dump",
                        dump.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(jcmd.waitFor(120, TimeUnit.SECONDS)).isTrue();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(dump), 1 << 20)) {
            return contains(in, text.getBytes(StandardCharsets.US_ASCII));
        } finally {
            Files.deleteIfExists(dump);
        }
    }

    /** The first letter of the text does not come again in it, so a search need not go back. */
    private static boolean contains(InputStream in, byte[] text) throws IOException {
        int found = 0;
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == text[found]) {
                found++;
                if (found == text.length) {
                    return true;
                }
            } else {
                found = next == text[0] ? 1 : 0;
            }
        }
        return false;
    }
}
