package org.bongsu.websocket;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Session;
import org.bongsu.Await;
import org.bongsu.http.Container;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mockito.InOrder;

class SendThreadsTest {
    private final Session session = mock(Session.class);

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GLASSFISH")
    void whoTakesNothingIsGivenATimeToPartBeforeGoodByeIsSaid(Container container) throws Exception {
        try (SendThreads threads = new SendThreads(container)) {
            threads.close(session, Closing.tooManyFrames());

            verify(session, timeout(Await.MILLIS)).close(any(CloseReason.class));
            InOrder order = inOrder(session);
            order.verify(session).setMaxIdleTimeout(5_000);
            order.verify(session).close(any(CloseReason.class));
        }
    }

    /** It would close at once, with a reason of its own, if a frame came just before. */
    @Test
    void onGlassFishATimeOutDoesNotCloseBeforeUs() throws Exception {
        try (SendThreads threads = new SendThreads(Container.GLASSFISH)) {
            threads.close(session, Closing.tooManyFrames());

            verify(session, timeout(Await.MILLIS)).close(any(CloseReason.class));
            verify(session, never()).setMaxIdleTimeout(anyLong());
        }
    }
}
