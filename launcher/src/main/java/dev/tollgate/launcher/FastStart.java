package dev.tollgate.launcher;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Makes {@code java -jar} as fast as a start with all the right flags: where {@link Prepare} has left a cache beside the jar, the
 * process becomes, by {@code execv}, a JVM that uses it. Its id, its streams and its arguments stay. Whatever speaks against it, the JVM
 * that is there goes on: then the start only takes longer. A JVM cannot be told of a cache in any other way than by a flag.
 */
public final class FastStart {
    /** Says to the second JVM that it is the second. */
    private static final String DONE = "-Dtollgate.fast=true";

    /** What changes nothing that a cache depends on. With any other flag somebody wants their own JVM. */
    private static final Pattern HARMLESS = Pattern.compile("-Xm[sx]\\w+|-Xss\\w+|-D(?!jdk\\.|tollgate\\.fast).*"
            + "|-XX:TieredStopAtLevel=\\d|-XX:(Max|Min|Initial)RAMPercentage=.*|-XX:MaxDirectMemorySize=\\w+"
            + "|-XX:\\+HeapDumpOnOutOfMemoryError|-XX:HeapDumpPath=.*|"
            + String.join("|", Prepare.FLAGS.stream().map(Pattern::quote).toList()));

    private static final List<String> VARIABLES = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    private FastStart() {}

    /** Does not return where it succeeds. */
    public static void attempt() {
        Path own = Path.of("/proc/self/cmdline");
        try {
            if (Files.isReadable(own)) {
                // One byte a letter, so that whatever was passed is passed on.
                String[] words =
                        Files.readString(own, StandardCharsets.ISO_8859_1).split("\0", -1);
                List<String> next = next(List.of(words).subList(0, words.length - 1), System.getenv());
                if (!next.isEmpty()) {
                    become(next);
                }
            }
        } catch (IOException | RuntimeException | LinkageError _) {
            // Then without it.
        }
    }

    /** The command line that this one should have been; empty: it is fine. */
    static List<String> next(List<String> words, Map<String, String> environment) throws IOException {
        int jar = words.indexOf("-jar");
        if (jar < 1 || jar + 1 >= words.size()) {
            return List.of();
        }
        List<String> flags = new ArrayList<>(words.subList(1, jar));
        List<String> said = new ArrayList<>(flags);
        for (String variable : VARIABLES) {
            said.addAll(List.of(environment.getOrDefault(variable, "").split("\\s+")));
        }
        Prepare.Cache cache = Prepare.Cache.beside(Path.of(words.get(jar + 1)));
        boolean plain = said.stream()
                .allMatch(flag -> flag.isEmpty() || HARMLESS.matcher(flag).matches());
        // Our own paths were read in whatever the system's encoding is.
        boolean ascii = StandardCharsets.US_ASCII.newEncoder().canEncode(Prepare.java() + cache.jar());
        if (!plain || !ascii || !cache.fits()) {
            return List.of();
        }
        List<String> next = new ArrayList<>();
        next.add(Prepare.java());
        Prepare.FLAGS.stream().filter(flag -> !flags.contains(flag)).forEach(next::add);
        next.addAll(flags);
        next.addAll(List.of(
                "-XX:AOTCache=" + cache.file(), DONE, "-jar", cache.jar().toString()));
        next.addAll(words.subList(jar + 2, words.size()));
        return next;
    }

    @SuppressWarnings("restricted")
    private static void become(List<String> words) {
        Linker linker = Linker.nativeLinker();
        SymbolLookup library = linker.defaultLookup();
        MethodHandle execv = linker.downcallHandle(
                library.findOrThrow("execv"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(ValueLayout.ADDRESS, words.size() + 1L);
            for (int i = 0; i < words.size(); i++) {
                all.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(words.get(i), StandardCharsets.ISO_8859_1));
            }
            int _ = (int) execv.invokeExact(all.getAtIndex(ValueLayout.ADDRESS, 0), all);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
