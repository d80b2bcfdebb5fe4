package org.bongsu.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.bongsu.access.Caller.Role;
import org.bongsu.access.Sessions.End;
import org.bongsu.http.Container;
import org.bongsu.log.TestClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.ArgumentCaptor;
import org.mockito.InOrder;

/** What no client can bring about at will. */
final class AccessFilterTest {
    private final Sessions sessions =
            new Sessions(new TestClock(Instant.parse("2026-11-21T08:00:00Z")), Duration.ofHours(1));
    private final AccessFilter filter = filterIn(Container.OTHER);

    @Test
    void aRequestThatHasLostItsSessionOnTheWayIsTiedToItAllTheSame() throws Exception {
        HttpSession session = mock(HttpSession.class);
        when(session.getId()).thenReturn("a");
        sessions.admit(session, true);

        Caller caller = passes("a");

        List<End> ends = new ArrayList<>();
        sessions.tie(caller.sessionId()).onEnd(ends::add);
        sessions.sessionDestroyed(new HttpSessionEvent(session));
        assertEquals(List.of(End.LOGOUT), ends);
    }

    @Test
    void anOldCookieDoesNotBindWhoIsKnownWithoutASession() throws Exception {
        assertNull(passes("of last year").sessionId());
    }

    /** Jetty remembers a login over the next request in some of its ways to log in only. */
    @Test
    void aSessionKnowsWhoHasLoggedInEvenIfTheServerDoesNot() throws Exception {
        HttpSession session = mock(HttpSession.class);
        when(session.getId()).thenReturn("a");
        when(session.getAttribute("org.bongsu.login")).thenReturn(new Login("alice", Set.of(Role.USER)));
        HttpServletRequest request = request();
        when(request.getSession(false)).thenReturn(session);

        Caller caller = passes(request);

        assertEquals("alice", caller.name());
        assertEquals("a", caller.sessionId());
    }

    /** Open Liberty looks at a Basic header by itself, and nobody can log in who is logged in (Servlet 6.0 §13.3). */
    @Test
    void aPasswordThatTheServerHasCheckedBeforeIsCheckedOnceMore() throws Exception {
        HttpServletRequest request = requestOf(HttpServletRequest.BASIC_AUTH, "alice");
        when(request.isUserInRole(Role.USER.text())).thenReturn(true);
        doThrow(new ServletException("somebody is logged in already"))
                .doNothing()
                .when(request)
                .login("alice", "alice");

        assertEquals("alice", passes(filterIn(Container.OPEN_LIBERTY), request).name());
        InOrder order = inOrder(request);
        order.verify(request).login("alice", "alice");
        order.verify(request).logout();
        order.verify(request).login("alice", "alice");
    }

    /** A logout before the second login would end a single sign-on everywhere. Tomcat's may have begun with a Basic header. */
    @ParameterizedTest
    @CsvSource({"OPEN_LIBERTY, FORM", "TOMCAT, FORM", "TOMCAT, BASIC"})
    void aHeaderBesideALoginOfTheServersOwnIsRefused(Container container, String way) throws Exception {
        HttpServletRequest request = requestOf(way, "bob");
        HttpServletResponse response = mock(HttpServletResponse.class);
        when(response.getOutputStream()).thenReturn(mock(ServletOutputStream.class));
        doThrow(new ServletException("somebody is logged in already"))
                .when(request)
                .login("alice", "alice");

        filterIn(container).doFilter(request, response, mock(FilterChain.class));

        verify(response).setStatus(400);
        verify(request, never()).logout();
    }

    @Test
    void whatASessionKeepsEndsWhereTheServerRemembers() throws Exception {
        HttpSession session = mock(HttpSession.class);
        when(session.getId()).thenReturn("a");
        when(session.getAttribute("org.bongsu.login")).thenReturn(new Login("alice", Set.of(Role.USER)));
        HttpServletRequest request = request();
        when(request.getSession(false)).thenReturn(session);
        when(request.getUserPrincipal()).thenReturn(() -> "alice");
        when(request.isUserInRole(Role.USER.text())).thenReturn(true);

        assertEquals("alice", passes(request).name());
        verify(session).removeAttribute("org.bongsu.login");
    }

    @Test
    void aSessionThatEndsInThisMomentIsNoSession() throws Exception {
        HttpSession session = mock(HttpSession.class);
        when(session.getId()).thenReturn("a");
        when(session.getAttribute("org.bongsu.login")).thenThrow(new IllegalStateException("invalid"));
        HttpServletRequest request = request();
        HttpServletResponse response = mock(HttpServletResponse.class);
        when(request.getSession(false)).thenReturn(session);
        when(response.getOutputStream()).thenReturn(mock(ServletOutputStream.class));

        filter.doFilter(request, response, mock(FilterChain.class));

        verify(response).setStatus(401);
    }

    /** As a container shows it that knows who this is, but finds no session any more. */
    private Caller passes(String requestedSessionId) throws Exception {
        HttpServletRequest request = request();
        when(request.getRequestedSessionId()).thenReturn(requestedSessionId);
        when(request.getUserPrincipal()).thenReturn(() -> "alice");
        when(request.isUserInRole(Role.USER.text())).thenReturn(true);
        return passes(request);
    }

    /** With alice's header, in a server that says who this is before it is asked. */
    private static HttpServletRequest requestOf(String way, String person) {
        HttpServletRequest request = request();
        when(request.getHeader("Authorization")).thenReturn("Basic YWxpY2U6YWxpY2U=");
        when(request.getUserPrincipal()).thenReturn(() -> person);
        when(request.getAuthType()).thenReturn(way);
        return request;
    }

    private static HttpServletRequest request() {
        HttpServletRequest request = mock(HttpServletRequest.class);
        when(request.getMethod()).thenReturn("GET");
        when(request.getServletPath()).thenReturn("/api/poll");
        when(request.getRequestURI()).thenReturn("/bongsu/api/poll");
        when(request.getContextPath()).thenReturn("/bongsu");
        when(request.getHeaders(anyString())).thenReturn(Collections.emptyEnumeration());
        return request;
    }

    private AccessFilter filterIn(Container container) {
        return new AccessFilter(Rules.parse(Rules.DEFAULT), new Origins(null, Set.of()), sessions, container);
    }

    private Caller passes(HttpServletRequest request) throws Exception {
        return passes(filter, request);
    }

    private static Caller passes(AccessFilter filter, HttpServletRequest request) throws Exception {
        FilterChain chain = mock(FilterChain.class);
        filter.doFilter(request, mock(HttpServletResponse.class), chain);
        verify(chain).doFilter(any(), any());
        ArgumentCaptor<Caller> caller = ArgumentCaptor.forClass(Caller.class);
        verify(request).setAttribute(anyString(), caller.capture());
        return caller.getValue();
    }
}
