package org.bongsu.poll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.access.Caller;
import org.bongsu.access.Sessions;
import org.bongsu.fanout.Admission;
import org.bongsu.fanout.Deadlines;
import org.bongsu.fanout.FanOut;
import org.bongsu.http.Container;
import org.bongsu.http.Responders;
import org.bongsu.log.Drafts;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Retention;
import org.bongsu.log.Topic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PollServletTest {
    private static final Duration EVER = Duration.ofHours(1);

    private final MessageLog log;
    private final FanOut fanOut;
    private final PollServlet servlet;

    PollServletTest() throws Exception {
        MemoryMessageStore store = new MemoryMessageStore(new MemoryMessageStore.Disk(), true, Clock.systemUTC());
        log = MessageLog.open(
                store, Clock.systemUTC(), new MessageLog.Settings(100, 1 << 20, EVER, EVER, Retention.UNLIMITED));
        fanOut = new FanOut(log::head, new Deadlines(EVER, EVER, EVER, EVER));
        // Room for one, and time stands still.
        Admission admission = new Admission(1, 1, () -> 0);
        servlet = new PollServlet(
                log,
                fanOut,
                new Sessions(Clock.systemUTC(), EVER),
                admission,
                new Responders(Container.OTHER),
                Clock.systemUTC());
    }

    @BeforeEach
    void publish() {
        for (int i = 0; i < 3; i++) {
            log.append(Drafts.publication(Drafts.draft("a", "x"))).join();
        }
    }

    @AfterEach
    void close() {
        fanOut.close();
        log.close();
    }

    @Test
    void onlyPollsThatBeginAreCountedAsConnecting() throws Exception {
        assertEquals(200, poll("wait=0").status());
        Answer refused = poll("wait=0");
        assertEquals(503, refused.status());
        assertTrue(refused.body().contains("\"retryAfter\":2"), refused.body());
        assertEquals(503, poll("wait=0&after=earliest").status());

        for (int i = 0; i < 10; i++) {
            Answer answer = poll("after=m0-1");
            assertEquals(200, answer.status());
            assertTrue(answer.body().startsWith("{\"cursor\":\"m0-3\","), answer.body());
        }
    }

    @Test
    void aPollIsRefusedWhileThePortalGoesDown() throws Exception {
        fanOut.sayGoodBye();

        assertEquals(503, poll("after=m0-1").status());
    }

    private record Answer(int status, String body) {}

    private Answer poll(String query) throws Exception {
        HttpServletRequest request = mock(HttpServletRequest.class);
        HttpServletResponse response = mock(HttpServletResponse.class);
        when(request.getMethod()).thenReturn("GET");
        when(request.getQueryString()).thenReturn("topic=a&" + query);
        when(request.getAttribute(Caller.class.getName()))
                .thenReturn(new Caller("alice", Set.of(), new Topic("user/alice"), topic -> true, topic -> true, null));
        AtomicInteger status = new AtomicInteger(200);
        doAnswer(call -> {
                    status.set(call.getArgument(0));
                    return null;
                })
                .when(response)
                .setStatus(anyInt());
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        ServletOutputStream out = mock(ServletOutputStream.class);
        doAnswer(call -> {
                    body.writeBytes(call.getArgument(0));
                    return null;
                })
                .when(out)
                .write(any(byte[].class));
        when(response.getOutputStream()).thenReturn(out);

        servlet.service(request, response);

        verify(out, atLeastOnce()).write(any(byte[].class));
        return new Answer(status.get(), body.toString(UTF_8));
    }
}
