package org.bongsu.store;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.bongsu.log.Cursor;
import org.bongsu.log.Draft;
import org.bongsu.log.Message;
import org.bongsu.log.Topic;
import org.h2.store.fs.FilePath;
import org.jspecify.annotations.Nullable;

/**
 * What has been acknowledged and is not in the tables yet: a file, and the same in memory.
 *
 * <p>A group is durable with one write and one sync of some hundred bytes, in place of the dozen pages that a commit writes;
 * the tables get many groups in one commit. The file has one size from the beginning and is written over from its start each time
 * the tables have all of it. What is left of earlier rounds needs no mark: a record counts only if it goes on where the one before
 * it, or the table, ends.
 *
 * <p>The file: {@link #FORMAT}, {@link #DISTRUSTED} or 0 (4 bytes each), records. A record: length and CRC-32C of what follows (4
 * bytes each), epoch, first offset, time, messages, keys.
 *
 * <p>Threads: one at a time; {@link #entries}, {@link #find}, {@link #end} and {@link #isEmpty} any.
 */
final class Journal {
    /** Of the file: room for some thousand small messages, on a disk of any size. */
    static final int CAPACITY = 1024 * 1024;

    /** Another layout gets another number. */
    private static final int FORMAT = 0x62_6a_6e_01;

    /** Says that a sync of the tables has failed: what they show may not be on the disk, though a later sync succeeds. */
    private static final int DISTRUSTED = 1;

    /** Of the file, and of each record. */
    private static final int HEADER = 2 * Integer.BYTES;

    /**
     * One group.
     *
     * @param first the offset of its first message
     * @param time at which its keys were used
     * @param drafts at least one
     */
    record Entry(String epoch, long first, Instant time, List<Draft> drafts, List<KeyTable.Known> keys) {
        long last() {
            return first + drafts.size() - 1;
        }

        List<String> keyIds() {
            return keys.stream().map(KeyTable.Known::id).toList();
        }
    }

    private final FilePath file;
    private final boolean syncs;
    private final int mostMessages;

    @Nullable private FileChannel channel;

    private int position = HEADER;

    /** The ids of the keys of all entries. */
    private final Set<String> keys = new HashSet<>();

    /** Guarded by its monitor; added to in the order of the log. */
    private final List<Entry> entries = new ArrayList<>();

    // Guarded by the monitor of entries.
    private int count;

    /**
     * @param file in the notation of H2
     * @param syncs whether a group survives a power cut, or only the end of the process
     * @param mostMessages when there are so many it takes no more
     */
    Journal(String file, boolean syncs, int mostMessages) {
        this.file = FilePath.get(file);
        this.syncs = syncs;
        this.mostMessages = mostMessages;
    }

    /** Whether an earlier process has seen a sync of the tables fail. */
    boolean isDistrusted() throws IOException {
        ByteBuffer bytes = bytes();
        return isJournal(bytes) && bytes.getInt(Integer.BYTES) == DISTRUSTED;
    }

    /** Called when a sync of the tables may have failed. Does what it can. */
    void distrust() {
        if (!file.exists()) return;
        try (FileChannel to = file.open("rw")) {
            to.write(ByteBuffer.allocate(Integer.BYTES).putInt(0, DISTRUSTED), Integer.BYTES);
            to.force(true);
        } catch (IOException e) {
            // This process knows it in any case.
        }
    }

    /**
     * What an earlier process, or this one before a failure, has left: groups each of which goes on where the one before it ends.
     * Those that the tables have already may be among them.
     */
    List<Entry> left() throws IOException {
        close();
        // What this process has acknowledged does not depend on the file; what it has failed to write may be there.
        List<Entry> left = new ArrayList<>(entries());
        ByteBuffer bytes;
        try {
            bytes = bytes();
        } catch (IOException e) {
            if (left.isEmpty()) throw e;
            return left;
        }
        if (!isJournal(bytes)) return left;
        bytes.position(HEADER);
        Entry before = null;
        for (Entry entry = next(bytes); entry != null && follows(entry, before); entry = next(bytes)) {
            before = entry;
            if (left.isEmpty() || follows(entry, left.get(left.size() - 1))) left.add(entry);
        }
        return left;
    }

    private static boolean follows(Entry entry, @Nullable Entry before) {
        return before == null || (before.epoch.equals(entry.epoch) && before.last() + 1 == entry.first);
    }

    private static boolean isJournal(ByteBuffer bytes) throws IOException {
        if (bytes.remaining() < HEADER || bytes.getInt(0) == 0) return false;
        if (bytes.getInt(0) == FORMAT) return true;
        throw new IOException(
                "bongsu.journal is not a journal of this release; bring the messages in it into the tables by"
                        + " starting the release that wrote it, or move it away");
    }

    /** The file's content; nothing if there is none. */
    private ByteBuffer bytes() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(CAPACITY);
        if (file.exists()) {
            try (FileChannel from = file.open("r")) {
                int at = 0;
                while (bytes.hasRemaining()) {
                    int read = from.read(bytes, at);
                    if (read <= 0) break;
                    at += read;
                }
            }
        }
        return bytes.flip();
    }

    /** Moves the file away, for people to look at. */
    void setAside() {
        close();
        file.moveTo(FilePath.get(file + ".left"), true);
    }

    /** Forgets everything, so that nothing of it is ever found again, and makes room. The tables have all that counts. */
    void start() throws IOException {
        close();
        FileChannel to = file.open("rw");
        channel = to;
        ByteBuffer empty = ByteBuffer.allocate(CAPACITY).putInt(0, FORMAT);
        while (empty.hasRemaining()) to.write(empty, empty.position());
        to.force(true);
        HeadFile.syncFolder(Path.of(file.unwrap().toString()));
        forget();
    }

    /** A record with this message alone is not larger, and one with several not larger than all of theirs. */
    static int mostBytes(Draft draft) {
        int characters = draft.topic().name().length()
                + draft.type().length()
                + draft.priority().length()
                + draft.sender().length()
                + draft.content().length();
        return 128 + 3 * characters;
    }

    /** Whether there is room for a record of so many bytes after those that are there. */
    boolean takes(int length) {
        synchronized (entries) {
            return position + length <= CAPACITY && count < mostMessages;
        }
    }

    /** Returns when the group is durable. */
    void append(Entry entry, byte[] record) throws IOException {
        FileChannel to = channel;
        if (to == null) throw new IOException("the journal is not open");
        ByteBuffer bytes = ByteBuffer.wrap(record);
        int at = position;
        while (bytes.hasRemaining()) at += to.write(bytes, at);
        if (syncs) to.force(true);
        position = at;
        keys.addAll(entry.keyIds());
        synchronized (entries) {
            entries.add(entry);
            count += entry.drafts.size();
        }
    }

    /** In the order of the log; empty if the tables have everything. */
    List<Entry> entries() {
        synchronized (entries) {
            return List.copyOf(entries);
        }
    }

    /** Called when the tables have everything, durably. */
    void forget() {
        position = HEADER;
        keys.clear();
        synchronized (entries) {
            entries.clear();
            count = 0;
        }
    }

    /** Whether a group in here has used one of these keys. */
    boolean knowsAny(List<String> ids) {
        for (String id : ids) if (keys.contains(id)) return true;
        return false;
    }

    boolean isEmpty() {
        synchronized (entries) {
            return entries.isEmpty();
        }
    }

    /** Where the last group ends; {@code null} if the tables have everything. */
    @Nullable Cursor end() {
        synchronized (entries) {
            if (entries.isEmpty()) return null;
            Entry last = entries.get(entries.size() - 1);
            return new Cursor(last.epoch, last.last());
        }
    }

    /** The message at an offset; {@code null} if it is not here. */
    @Nullable Message find(long offset) {
        for (Entry entry : entries()) {
            if (offset < entry.first || offset > entry.last()) continue;
            return new Message(new Cursor(entry.epoch, offset), entry.drafts.get((int) (offset - entry.first)));
        }
        return null;
    }

    /** Lets go of the file. What is in memory stays. */
    void close() {
        FileChannel open = channel;
        channel = null;
        try {
            if (open != null) open.close();
        } catch (IOException e) {
            // Everything that counts has been synced.
        }
    }

    /** Removes the file. The tables have everything. */
    void remove() {
        close();
        forget();
        try {
            file.delete();
        } catch (RuntimeException e) {
            // Nothing of it counts any more.
        }
    }

    /** A record as it stands in the file. */
    static byte[] record(Entry entry) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512 * entry.drafts.size());
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(0);
            write(out, entry.epoch);
            out.writeLong(entry.first);
            out.writeLong(entry.time.toEpochMilli());
            out.writeInt(entry.drafts.size());
            for (Draft draft : entry.drafts) {
                write(out, draft.topic().name());
                write(out, draft.type());
                write(out, draft.priority());
                write(out, draft.sender());
                out.writeLong(draft.time().toEpochMilli());
                Instant expires = draft.expires();
                out.writeBoolean(expires != null);
                if (expires != null) out.writeLong(expires.toEpochMilli());
                write(out, draft.content());
            }
            out.writeInt(entry.keys.size());
            for (KeyTable.Known key : entry.keys) {
                write(out, key.id());
                write(out, key.fingerprint());
                out.writeLong(key.first());
                out.writeInt(key.count());
            }
        } catch (IOException e) {
            throw new AssertionError("memory does not fail", e);
        }
        byte[] record = bytes.toByteArray();
        int length = record.length - HEADER;
        ByteBuffer.wrap(record).putInt(length).putInt(checksum(ByteBuffer.wrap(record, HEADER, length)));
        return record;
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /** The next record; {@code null} where there is none, or only a part of one. */
    private static @Nullable Entry next(ByteBuffer from) {
        if (from.remaining() < HEADER) return null;
        int length = from.getInt();
        int checksum = from.getInt();
        if (length <= 0 || length > from.remaining()) return null;
        ByteBuffer record = from.slice().limit(length);
        from.position(from.position() + length);
        return checksum(record.duplicate()) == checksum ? entry(record) : null;
    }

    private static Entry entry(ByteBuffer from) {
        String epoch = text(from);
        long first = from.getLong();
        Instant time = Instant.ofEpochMilli(from.getLong());
        List<Draft> drafts = new ArrayList<>();
        for (int left = from.getInt(); left > 0; left--) {
            drafts.add(new Draft(
                    new Topic(text(from)),
                    text(from),
                    text(from),
                    text(from),
                    Instant.ofEpochMilli(from.getLong()),
                    from.get() == 0 ? null : Instant.ofEpochMilli(from.getLong()),
                    text(from)));
        }
        List<KeyTable.Known> keys = new ArrayList<>();
        for (int left = from.getInt(); left > 0; left--) {
            keys.add(new KeyTable.Known(text(from), text(from), epoch, from.getLong(), from.getInt()));
        }
        return new Entry(epoch, first, time, drafts, keys);
    }

    private static String text(ByteBuffer from) {
        byte[] bytes = new byte[from.getInt()];
        from.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
