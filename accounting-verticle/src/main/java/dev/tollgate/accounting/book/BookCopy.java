package dev.tollgate.accounting.book;

import dev.tollgate.accounting.book.Definitions.Definition;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A copy of all entries in a file of the node, so that it can start while its database server is away. A line a list: first what it is
 * a copy of, how many lines follow and which store it was, then kind, id, version and document of each entry. Keys are in it as their hashes; still only
 * the owner may read it. It is replaced whole.
 */
public final class BookCopy {
    private static final Set<StandardOpenOption> FRESH =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private final Path file;
    private final String store;

    /** {@code store} names the store that is copied; a copy of another one is not read. */
    public BookCopy(Path file, String store) {
        this.file = file;
        this.store = store;
    }

    /**
     * What stands in a copy.
     *
     * @param identity of the store that was copied; empty in a copy of an earlier release
     */
    record Loaded(List<Definition> entries, String identity) {}

    void save(List<Contents.Kept> all, String identity) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(next);
        try (FileChannel channel = FileChannel.open(next, FRESH, owners())) {
            BufferedWriter out = new BufferedWriter(
                    new OutputStreamWriter(Channels.newOutputStream(channel), StandardCharsets.UTF_8));
            line(out, JsonArray.of(store, all.size(), identity));
            for (Contents.Kept each : all) {
                String document = new String(each.item().document(each.id()), StandardCharsets.UTF_8);
                line(
                        out,
                        JsonArray.of(
                                each.kind().storedName(), each.id(), each.item().version(), document));
            }
            out.flush();
            channel.force(true);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void line(BufferedWriter out, JsonArray values) {
        try {
            out.write(values.encode());
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Other file systems have no such rights. */
    private static FileAttribute<?>[] owners() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    /**
     * All entries of the copy.
     *
     * @throws IOException when there is none, or none of this store, or it is not whole
     */
    Loaded load() throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file)) {
            JsonArray first = new JsonArray(String.valueOf(in.readLine()));
            if (!store.equals(first.getString(0))) {
                throw new IOException("it is of " + first.getString(0));
            }
            int entries = first.getInteger(1);
            List<Definition> all = new ArrayList<>(entries);
            int lines = 0;
            for (String line = in.readLine(); line != null; line = in.readLine(), lines++) {
                JsonArray values = new JsonArray(line);
                Kind.named(values.getString(0))
                        .ifPresent(kind -> all.add(
                                new Definition(kind, values.getString(1), values.getLong(2), values.getString(3))));
            }
            if (lines != entries) {
                throw new IOException("it has " + lines + " entries of " + entries);
            }
            return new Loaded(all, first.size() > 2 ? first.getString(2) : "");
        } catch (NoSuchFileException e) {
            throw new IOException("there is none yet", e);
        } catch (DecodeException | ClassCastException | IndexOutOfBoundsException | NullPointerException e) {
            throw new IOException("it cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
