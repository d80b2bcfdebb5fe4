package org.bongsu;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What a class or a package says in the log until this is closed; nobody else hears it meanwhile. */
public final class Overheard implements AutoCloseable {
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final Logger logger;
    private final @Nullable Level before;

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            said.add(entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    public Overheard(Class<?> speaker, Level level) {
        this(speaker.getName(), level);
    }

    /** All classes of a package, and below it. */
    public Overheard(Package speakers, Level level) {
        this(speakers.getName(), level);
    }

    private Overheard(String name, Level level) {
        logger = Logger.getLogger(name);
        before = logger.getLevel();
        logger.setUseParentHandlers(false);
        logger.setLevel(level);
        logger.addHandler(handler);
    }

    public List<String> said() {
        return said;
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setLevel(before);
        logger.setUseParentHandlers(true);
    }
}
