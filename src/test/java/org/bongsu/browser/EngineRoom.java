package org.bongsu.browser;

import java.util.EnumMap;
import java.util.Map;

/**
 * The engines of a test class: each is started when it is first wanted, for that takes seconds, and all are ended together.
 * One that has ended, or stood still, cost a test, and is replaced for the next.
 *
 * <p>{@code private static final EngineRoom ENGINES = new EngineRoom();} with an {@code @AfterAll} that closes it.
 */
public final class EngineRoom implements AutoCloseable {
    private final Map<EngineKind, Engine> running = new EnumMap<>(EngineKind.class);

    /** The test is skipped, loudly, where there is no such engine. */
    public synchronized Engine get(EngineKind kind) {
        return running.compute(kind, (same, before) -> before != null && before.isRunning() ? before : start(kind));
    }

    private static Engine start(EngineKind kind) {
        long before = System.nanoTime();
        Engine engine = kind.start();
        System.out.printf("%s %s started in %.1f s%n", kind, engine.version(), (System.nanoTime() - before) / 1e9);
        return engine;
    }

    @Override
    public synchronized void close() {
        try {
            running.values().forEach(Engine::close);
        } finally {
            running.clear();
        }
    }
}
