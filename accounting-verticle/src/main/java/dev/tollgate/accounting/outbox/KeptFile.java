package dev.tollgate.accounting.outbox;

import dev.tollgate.accounting.journal.Mark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file with a copy of part of another node's journal: the same bytes, from one place on. Its name says which journal and where the
 * part begins, and has an end that no other file has, since the store knows journals by their names. Only its owner may read it.
 */
final class KeptFile {
    private static final Pattern NAME =
            Pattern.compile("([A-Za-z0-9_-]+)-(\\d{6,10})\\.(\\d{1,10})\\.[0-9a-f]{8}\\.log");
    private static final Set<StandardOpenOption> FRESH =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private final Path path;
    private final String journal;
    private final long begin;
    private final FileChannel channel;
    private long size;
    private volatile boolean finished;

    /**
     * What a file's name and size say.
     *
     * @param journal whose part it is
     * @param begin where the part begins
     * @param end where it ends
     */
    record Range(String journal, long begin, long end) {
        /** Of a file of that name; null: it is none of ours. */
        static @Nullable Range of(Path file) throws IOException {
            Matcher name = NAME.matcher(file.getFileName().toString());
            if (!name.matches()) {
                return null;
            }
            long begin = Mark.of(Integer.parseInt(name.group(2)), Long.parseLong(name.group(3)));
            return new Range(name.group(1), begin, begin + Files.size(file));
        }
    }

    private KeptFile(Path path, String journal, long begin, FileChannel channel) {
        this.path = path;
        this.journal = journal;
        this.begin = begin;
        this.channel = channel;
    }

    /** A new one, empty. */
    static KeptFile create(Path folder, String journal, long begin) throws IOException {
        Files.createDirectories(folder, owners("rwx------"));
        String unique = UUID.randomUUID().toString().substring(0, 8);
        Path path = folder.resolve(String.format(
                Locale.ROOT, "%s-%06d.%d.%s.log", journal, Mark.file(begin), Mark.position(begin), unique));
        return new KeptFile(path, journal, begin, FileChannel.open(path, FRESH, owners("rw-------")));
    }

    /** Other file systems have no such rights. */
    private static FileAttribute<?>[] owners(String rights) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))}
                : new FileAttribute<?>[0];
    }

    Path path() {
        return path;
    }

    long size() {
        return size;
    }

    /** Whether bytes from there on follow what it holds, or are among it. */
    boolean takes(String of, long mark) {
        return journal.equals(of) && mark >= begin && mark <= begin + size;
    }

    /** Writes what it does not hold yet; all or nothing, as far as its next reader can tell. */
    void write(long mark, ByteBuffer bytes) throws IOException {
        int known = (int) Math.min(begin + size - mark, bytes.remaining());
        bytes.position(bytes.position() + known);
        long at = size;
        try {
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
        } catch (IOException e) {
            cut();
            throw e;
        }
        size = at;
    }

    /** Half a record at the end would be taken for damage. */
    private void cut() {
        try {
            channel.truncate(size);
        } catch (IOException _) {
            // The next write begins at the same place; without one, whoever reads the file stops there.
        }
    }

    /** Nothing more is written: it is closed when it was synced. */
    void finished() {
        finished = true;
    }

    /** Brings what was written to the disk; from any thread. */
    void sync() throws IOException {
        // Asked first: what is written meanwhile must not be closed before it is synced.
        boolean last = finished;
        try {
            channel.force(false);
        } catch (ClosedChannelException _) {
            // It was deleted, or is being stored.
        }
        if (last) {
            close();
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // What was written is written.
        }
    }
}
