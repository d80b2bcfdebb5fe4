package org.bongsu.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;
import org.jspecify.annotations.Nullable;

/**
 * A disk under H2 that counts, fails when told to, and knows what would be left after a power cut.
 *
 * <p>H2 reaches it through file names that begin with {@code faulty:}. Like Linux it forgets what a failed force should have
 * written: the bytes can still be read, a later force does not write them, and a power cut loses them.
 */
final class FaultyDisk {
    enum Fault {
        /** The write or force does nothing and fails. */
        FAIL,
        /** Half of the write is done. */
        TEAR,
        /** It does nothing and fails, and so does whatever follows: the process has been killed. */
        DIE
    }

    private record Write(long position, ByteBuffer bytes) {}

    private static final class Image {
        byte[] durable = new byte[0];
        final List<Write> dirty = new ArrayList<>();
    }

    private static final FaultyDisk THE_ONE = new FaultyDisk();

    private final Map<String, Image> images = new HashMap<>();

    @Nullable private Runnable beforeEach;

    private int operations;
    private int forces;
    private int failFrom = Integer.MAX_VALUE;
    private int failUpTo;
    private Fault fault = Fault.FAIL;

    private FaultyDisk() {}

    /** Files are named by H2, so there is one disk; it comes new. */
    static FaultyDisk insert() {
        FilePath.register(new FaultyPath());
        synchronized (THE_ONE) {
            THE_ONE.images.clear();
            THE_ONE.beforeEach = null;
            THE_ONE.operations = 0;
            THE_ONE.forces = 0;
            THE_ONE.failFrom = Integer.MAX_VALUE;
            return THE_ONE;
        }
    }

    /** Lets {@code count} writes and forces fail, from the {@code n}-th on, counted from 1 and from now. */
    synchronized void fail(int n, int count, Fault how) {
        operations = 0;
        failFrom = n;
        failUpTo = n + count - 1;
        fault = how;
    }

    /** Runs something, once, before each write and force. */
    synchronized void beforeEach(Runnable task) {
        beforeEach = task;
    }

    /** Lets everything fail from the {@code n}-th write or force on, counted from 1 and from now. */
    synchronized void dieAt(int n) {
        fail(n, Integer.MAX_VALUE - n, Fault.DIE);
    }

    synchronized void heal() {
        failFrom = Integer.MAX_VALUE;
    }

    synchronized int operations() {
        return operations;
    }

    synchronized int forces() {
        return forces;
    }

    /** How many writes no force has followed yet. */
    synchronized int unforcedWrites() {
        return images.values().stream().mapToInt(image -> image.dirty.size()).sum();
    }

    /** Writes down what a power cut would leave of a file that is there, or was. */
    synchronized void copyAfterPowerCut(Path file, Path copy) throws IOException {
        Image image = images.get(file.toString());
        if (image != null) Files.write(copy, image.durable);
    }

    /** The same if the disk had got around to all that was written since the last force, but for half of the last write. */
    synchronized void copyAfterLatePowerCut(Path file, Path copy) throws IOException {
        Image image = images.get(file.toString());
        if (image == null) return;
        byte[] bytes = image.durable;
        for (int i = 0; i < image.dirty.size(); i++) {
            Write write = image.dirty.get(i);
            boolean last = i == image.dirty.size() - 1;
            bytes = with(bytes, write, last ? write.bytes.capacity() / 2 : write.bytes.capacity());
        }
        Files.write(copy, bytes);
    }

    private static byte[] with(byte[] bytes, Write write, int length) {
        byte[] result = Arrays.copyOf(bytes, Math.max(bytes.length, (int) write.position + length));
        write.bytes.get(0, result, (int) write.position, length);
        return result;
    }

    private Image image(String file) {
        return images.computeIfAbsent(file, name -> new Image());
    }

    private boolean fails() {
        if (beforeEach != null) beforeEach.run();
        operations++;
        return operations >= failFrom && operations <= failUpTo;
    }

    private synchronized int write(String file, FileChannel base, ByteBuffer source, long position) throws IOException {
        boolean fails = fails();
        if (fails && fault != Fault.TEAR) throw new IOException("the disk was told to fail at write " + operations);
        byte[] bytes = new byte[fails ? source.remaining() / 2 : source.remaining()];
        source.get(bytes);
        base.write(ByteBuffer.wrap(bytes), position);
        image(file).dirty.add(new Write(position, ByteBuffer.wrap(bytes)));
        if (fails) throw new IOException("the disk was told to tear write " + operations);
        return bytes.length;
    }

    private synchronized void force(String file) throws IOException {
        Image image = image(file);
        if (fails()) {
            // A system that goes on has written, or forgotten, what it was asked to.
            if (fault != Fault.DIE) image.dirty.clear();
            throw new IOException("the disk was told to fail at force " + operations);
        }
        forces++;
        for (Write write : image.dirty) image.durable = with(image.durable, write, write.bytes.capacity());
        image.dirty.clear();
    }

    private synchronized void truncate(String file, long size) {
        Image image = image(file);
        if (image.durable.length > size) image.durable = Arrays.copyOf(image.durable, (int) size);
        image.dirty.removeIf(write -> write.position + write.bytes.capacity() > size);
    }

    /** Public because H2 makes its own. */
    public static final class FaultyPath extends FilePathWrapper {
        public FaultyPath() {}

        /** As the test knows the file: without the file system below this one. */
        private static String name(FilePath path) {
            String name = path.toString();
            return name.substring(name.indexOf(':') + 1);
        }

        @Override
        public String getScheme() {
            return "faulty";
        }

        @Override
        public FileChannel open(String mode) throws IOException {
            String file = name(getBase());
            return new FaultyChannel(file, getBase().open(mode));
        }

        @Override
        public void moveTo(FilePath newName, boolean atomicReplace) {
            super.moveTo(newName, atomicReplace);
            THE_ONE.rename(name(getBase()), name(((FaultyPath) newName).getBase()));
        }
    }

    private synchronized void rename(String from, String to) {
        Image image = images.remove(from);
        if (image != null) images.put(to, image);
    }

    private static final class FaultyChannel extends FileBaseDefault {
        private final String file;
        private final FileChannel base;

        FaultyChannel(String file, FileChannel base) {
            this.file = file;
            this.base = base;
        }

        @Override
        public synchronized int read(ByteBuffer target, long position) throws IOException {
            return base.read(target, position);
        }

        @Override
        public synchronized int write(ByteBuffer source, long position) throws IOException {
            return THE_ONE.write(file, base, source, position);
        }

        @Override
        public void force(boolean metaData) throws IOException {
            THE_ONE.force(file);
        }

        @Override
        protected void implTruncate(long size) throws IOException {
            base.truncate(size);
            THE_ONE.truncate(file, size);
        }

        @Override
        public long size() throws IOException {
            return base.size();
        }

        @Override
        public @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return base.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            base.close();
        }
    }
}
