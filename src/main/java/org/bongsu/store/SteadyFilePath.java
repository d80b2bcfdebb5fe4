package org.bongsu.store;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;
import org.jspecify.annotations.Nullable;

/**
 * Files for H2, named {@code steady:…}, that stay open when a thread which uses them is interrupted.
 *
 * <p>Java closes a {@link FileChannel} under everybody when one thread in it is interrupted, and containers do interrupt
 * their threads. H2's own remedy ({@code retry:}) opens the file anew and fails now and then on its own lock.
 *
 * <p>Public, with a public constructor, because H2 makes one for each file name.
 */
public final class SteadyFilePath extends FilePathWrapper {
    static final String SCHEME = "steady";

    public SteadyFilePath() {}

    /** Makes the name known to H2. Idempotent. */
    static void register() {
        FilePath.register(new SteadyFilePath());
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        return new SteadyFile(new RandomAccessFile(getBase().toString(), mode.equals("r") ? "r" : "rw"));
    }

    /** Threads: any. The monitor makes a seek and what follows one step; a sync runs outside of it, beside reads. */
    private static final class SteadyFile extends FileBaseDefault {
        private final RandomAccessFile file;

        SteadyFile(RandomAccessFile file) {
            this.file = file;
        }

        @Override
        public synchronized int read(ByteBuffer target, long position) throws IOException {
            byte[] bytes = new byte[target.remaining()];
            file.seek(position);
            int count = file.read(bytes);
            if (count > 0) target.put(bytes, 0, count);
            return count;
        }

        @Override
        public synchronized int write(ByteBuffer source, long position) throws IOException {
            int count = source.remaining();
            byte[] bytes = new byte[count];
            source.duplicate().get(bytes);
            file.seek(position);
            file.write(bytes);
            // Only now, so that a failed write leaves the source as it was.
            source.position(source.position() + count);
            return count;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            file.getFD().sync();
        }

        @Override
        protected void implTruncate(long size) throws IOException {
            if (size < file.length()) file.setLength(size);
        }

        @Override
        public long size() throws IOException {
            return file.length();
        }

        @Override
        public @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return file.getChannel().tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }
    }
}
