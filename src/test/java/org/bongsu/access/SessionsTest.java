package org.bongsu.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bongsu.access.Sessions.End;
import org.bongsu.log.TestClock;
import org.junit.jupiter.api.Test;

final class SessionsTest {
    private final TestClock clock = new TestClock(Instant.parse("2026-11-21T08:00:00Z"));
    private final Sessions sessions = new Sessions(clock, Duration.ofHours(1));
    private final List<End> ends = new ArrayList<>();

    @Test
    void aStreamThatIsOverIsNotTold() {
        sessions.admit(session("a"), true);
        Sessions.Tie tie = sessions.tie("a");
        tie.onEnd(ends::add);
        assertEquals(1, sessions.tieCount());
        tie.close();
        tie.close();
        assertEquals(0, sessions.tieCount());
        destroy("a");
        assertEquals(List.of(), ends);
    }

    @Test
    void aStreamThatWasOverBeforeItWasTiedIsForgotten() {
        sessions.admit(session("a"), true);
        Sessions.Tie tie = sessions.tie("a");
        tie.close();
        tie.onEnd(ends::add);
        assertEquals(0, sessions.tieCount());
    }

    @Test
    void aStreamOfASessionThatHasJustEndedEndsAtOnce() {
        sessions.admit(session("a"), true);
        Sessions.Tie tie = sessions.tie("a");
        destroy("a");
        tie.onEnd(ends::add);
        sessions.tie("a").onEnd(ends::add);
        assertEquals(List.of(End.LOGOUT, End.LOGOUT), ends);
    }

    @Test
    void aRequestThatIsOvertakenByTheEndOfItsSessionIsNotAdmitted() {
        HttpSession session = session("a");
        sessions.admit(session, true);
        destroy("a");
        // The container lets the attributes be read while it tells of the end.
        assertFalse(sessions.admit(session, true));
        clock.pass(Duration.ofMinutes(3));
        sessions.sweep();
        sessions.tie("a").onEnd(ends::add);
        assertEquals(List.of(End.LOGOUT), ends);
    }

    @Test
    void aStreamWithoutASessionIsTiedToNothing() {
        Sessions.Tie tie = sessions.tie(null);
        tie.onEnd(ends::add);
        tie.close();
        assertEquals(List.of(), ends);
    }

    @Test
    void anIdleSessionEndsOnce() {
        sessions.admit(session("a"), true);
        sessions.tie("a").onEnd(ends::add);
        clock.pass(Duration.ofHours(1));
        sessions.sweep();
        assertEquals(List.of(), ends, "not yet");
        clock.pass(Duration.ofMillis(1));
        sessions.sweep();
        sessions.sweep();
        destroy("a");
        assertEquals(List.of(End.EXPIRED), ends);
    }

    @Test
    void aChangedIdTakesTheStreamsAlong() {
        sessions.admit(session("a"), true);
        sessions.tie("a").onEnd(ends::add);
        HttpSession renamed = session("b");
        sessions.sessionIdChanged(new HttpSessionEvent(renamed), "a");
        destroy("a");
        assertEquals(List.of(), ends);
        destroy("b");
        assertEquals(List.of(End.LOGOUT), ends);
    }

    @Test
    void manyRequestsAtOnceAreOneActivity() {
        HttpSession session = session("a");
        for (int i = 0; i < 100; i++) assertTrue(sessions.admit(session, true));
        verify(session, times(1)).setAttribute(anyString(), any());
    }

    @Test
    void aSessionThatSomebodyElseHasEndedIsNotAdmitted() {
        HttpSession session = session("a");
        when(session.getAttribute(anyString())).thenThrow(new IllegalStateException("invalidated"));
        assertFalse(sessions.admit(session, true));
        HttpSession idle = session("b");
        sessions.admit(idle, true);
        doThrow(new IllegalStateException("invalidated")).when(idle).invalidate();
        clock.pass(Duration.ofHours(2));
        assertFalse(sessions.admit(idle, true));
    }

    private void destroy(String id) {
        sessions.sessionDestroyed(new HttpSessionEvent(session(id)));
    }

    private static HttpSession session(String id) {
        HttpSession session = mock(HttpSession.class);
        Map<String, Object> attributes = new HashMap<>();
        when(session.getId()).thenReturn(id);
        when(session.getAttribute(anyString())).thenAnswer(call -> attributes.get(call.<String>getArgument(0)));
        doAnswer(call -> attributes.put(call.getArgument(0), call.getArgument(1)))
                .when(session)
                .setAttribute(anyString(), any());
        return session;
    }
}
