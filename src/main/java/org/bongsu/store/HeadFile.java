package org.bongsu.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.bongsu.log.Cursor;
import org.bongsu.log.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * A file beside the database that remembers how far the log has been, so that a database which comes back older, or is
 * another one, is noticed.
 *
 * <p>One line: a cursor and its checksum. Written as a whole and renamed, so that it is always either the old or the new one.
 * Threads: one at a time.
 */
final class HeadFile {
    private static final System.Logger LOGGER = System.getLogger(HeadFile.class.getName());

    private final Path file;

    HeadFile(Path file) {
        this.file = file;
    }

    /** How far the log has been; {@code null} if the file does not tell. That is no error: it only notices less. */
    @Nullable Cursor read() {
        try {
            String[] words =
                    Files.readString(file, StandardCharsets.US_ASCII).strip().split(" ", -1);
            if (words.length == 2 && words[1].equals(checksum(words[0]))) return Cursor.parse("head", words[0]);
            LOGGER.log(System.Logger.Level.WARNING, "{0} cannot be read and is written anew", file);
        } catch (NoSuchFileException e) {
            // the first start
        } catch (IOException | InvalidInputException e) {
            LOGGER.log(System.Logger.Level.WARNING, file + " cannot be read and is written anew", e);
        }
        return null;
    }

    /** Returns when the file is on the disk. */
    void write(Cursor head) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        byte[] line = (head + " " + checksum(head.toString()) + "\n").getBytes(StandardCharsets.US_ASCII);
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer buffer = ByteBuffer.wrap(line);
            while (buffer.hasRemaining()) channel.write(buffer);
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncFolder(file);
    }

    /** Makes a rename in the folder of {@code file} durable, where the system lets a folder be synced (Windows does not). */
    static void syncFolder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) return;
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the folder cannot be synced", e);
        }
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.US_ASCII));
        return Long.toHexString(crc.getValue());
    }
}
