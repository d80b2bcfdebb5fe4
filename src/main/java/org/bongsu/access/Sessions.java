package org.bongsu.access;

import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * People's sessions: how long they may do nothing, and what ends with them.
 *
 * <p>The container's own time-out cannot be used, since to a container every poll is activity. So it is set longer, and
 * this clock counts only what a person does.
 *
 * <p>Threads: any. A stream that registers while its session ends is ended too: whichever comes second sees the other.
 */
public final class Sessions implements HttpSessionListener, HttpSessionIdListener {
    private static final String LAST_ACTIVITY = Sessions.class.getName() + ".lastActivity";

    /**
     * An ended session stays known for a while: a request that was admitted just before may come to tie a stream to it, and
     * its id is never given to another.
     */
    private static final Duration REMEMBERED = Duration.ofMinutes(2);

    private final Clock clock;
    private final Duration idle;
    private final ConcurrentHashMap<String, Session> sessions = new ConcurrentHashMap<>();

    /** Why a session ended. */
    public enum End {
        LOGOUT,
        EXPIRED
    }

    /**
     * Ties one stream to its session. Both ends may come in any order and more than once: a stream can close before it has
     * been told what to do at the session's end, and a session can end before.
     */
    public static final class Tie implements AutoCloseable {
        private final @Nullable Session session;

        // Guarded by the session's monitor.
        private boolean closed;
        private @Nullable Consumer<End> onEnd;

        private Tie(@Nullable Session session) {
            this.session = session;
        }

        /** @param action called once, from any thread, when the session ends; at once if it has ended. Must not block */
        public void onEnd(Consumer<End> action) {
            if (session == null) return;
            End ended;
            synchronized (session) {
                if (closed) return;
                ended = session.ended;
                if (ended == null) {
                    onEnd = action;
                    session.ties.add(this);
                }
            }
            if (ended != null) action.accept(ended);
        }

        /** The stream is over. */
        @Override
        public void close() {
            if (session == null) return;
            synchronized (session) {
                closed = true;
                session.ties.remove(this);
            }
        }

        private void end(End reason) {
            Consumer<End> action = onEnd;
            if (action != null) action.accept(reason);
        }
    }

    /** What this node knows of a session; its monitor guards the ties. */
    private static final class Session {
        volatile Instant lastActivity;
        final Set<Tie> ties = new HashSet<>();

        @Nullable End ended;

        Session(Instant lastActivity) {
            this.lastActivity = lastActivity;
        }
    }

    /** @param idle how long a session lives without activity */
    public Sessions(Clock clock, Duration idle) {
        this.clock = clock;
        this.idle = idle;
    }

    public Duration idle() {
        return idle;
    }

    /**
     * What ties a stream to the session that it was opened with; the stream closes it when it is over.
     *
     * @param sessionId {@link Caller#sessionId}; with {@code null} nothing ever ends
     */
    public Tie tie(@Nullable String sessionId) {
        if (sessionId == null) return new Tie(null);
        Session session = sessions.get(sessionId);
        if (session == null) {
            // It ended long ago, as far as this node knows.
            session = new Session(Instant.MIN);
            session.ended = End.LOGOUT;
        }
        return new Tie(session);
    }

    /** The same id if it is that of a session which this node knows, or which has ended a moment ago; else {@code null}. */
    @Nullable String known(@Nullable String sessionId) {
        return sessionId != null && sessions.containsKey(sessionId) ? sessionId : null;
    }

    /**
     * Notices a request of a session.
     *
     * @param activity whether a person did something; streams, polls and pings are none
     * @return false if the session is over: it has been idle for too long, or somebody has ended it this moment
     */
    boolean admit(HttpSession session, boolean activity) {
        try {
            return admitLive(session, activity);
        } catch (IllegalStateException invalidated) {
            return false;
        }
    }

    private boolean admitLive(HttpSession session, boolean activity) {
        Instant now = clock.instant();
        Instant last = lastActivity(session);
        if (last != null && hasExpired(last, now)) {
            invalidate(session);
            return false;
        }
        Instant seen = last == null ? now : last;
        // Not each time: where sessions are replicated every attribute that is set travels.
        if (last == null || (activity && last.plusSeconds(1).isBefore(now))) {
            seen = now;
            session.setAttribute(LAST_ACTIVITY, now.toEpochMilli());
        }
        Instant activeAt = seen;
        Session known = sessions.computeIfAbsent(session.getId(), id -> new Session(activeAt));
        synchronized (known) {
            if (known.ended != null) return false;
            known.lastActivity = activeAt;
            return true;
        }
    }

    /** Ends the streams of sessions that have been idle for too long; to be called every second or so. */
    public void sweep() {
        Instant now = clock.instant();
        sessions.forEach((id, session) -> {
            if (session.ended != null) {
                if (session.lastActivity.plus(REMEMBERED).isBefore(now)) sessions.remove(id, session);
            } else if (hasExpired(session.lastActivity, now)) {
                end(id, End.EXPIRED);
            }
        });
    }

    /** Ends a session, however far gone it is. */
    static void invalidate(HttpSession session) {
        try {
            session.invalidate();
        } catch (IllegalStateException alreadyInvalid) {
            // Somebody else was faster.
        }
    }

    /** How many streams are tied to sessions. */
    public int tieCount() {
        int count = 0;
        for (Session session : sessions.values()) {
            synchronized (session) {
                count += session.ties.size();
            }
        }
        return count;
    }

    @Override
    public void sessionDestroyed(HttpSessionEvent event) {
        HttpSession session = event.getSession();
        Session known = sessions.get(session.getId());
        boolean expired = known != null && hasExpired(known.lastActivity, clock.instant());
        end(session.getId(), expired ? End.EXPIRED : End.LOGOUT);
    }

    @Override
    public void sessionIdChanged(HttpSessionEvent event, String oldSessionId) {
        Session session = sessions.remove(oldSessionId);
        if (session != null) sessions.put(event.getSession().getId(), session);
    }

    private void end(String id, End reason) {
        Session session = sessions.get(id);
        if (session == null) return;
        List<Tie> ties;
        synchronized (session) {
            if (session.ended != null) return;
            session.ended = reason;
            session.lastActivity = clock.instant();
            ties = new ArrayList<>(session.ties);
            session.ties.clear();
        }
        for (Tie tie : ties) tie.end(reason);
    }

    private boolean hasExpired(Instant lastActivity, Instant now) {
        return lastActivity.plus(idle).isBefore(now);
    }

    private static @Nullable Instant lastActivity(HttpSession session) {
        return session.getAttribute(LAST_ACTIVITY) instanceof Long millis ? Instant.ofEpochMilli(millis) : null;
    }
}
