package org.bongsu.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.Wrapper;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.bongsu.Await;
import org.bongsu.access.Caller;
import org.bongsu.draft.Drafts;
import org.bongsu.http.Container;
import org.bongsu.http.Responders;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.MessageLog;
import org.bongsu.log.MessageStore;
import org.bongsu.log.Publication;
import org.bongsu.log.Retention;
import org.bongsu.log.Topic;
import org.bongsu.publish.Wire.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What publishers are told while the log is slow, broken or closing: a door alone, over a store that can be held up. */
final class PublisherTest {
    private static final String POST = "POST /api/topics/ops";
    private static final String HASTY = "hasty";
    private static final String KEY = "Idempotency-Key: k\r\n";

    private final MemoryMessageStore memory = new MemoryMessageStore();
    private final Answers answers = new Answers();
    private final ExecutorService clients = Executors.newCachedThreadPool();
    private final Tomcat tomcat = new Tomcat();

    /** While it is above zero, appends wait. */
    private volatile CountDownLatch gate = new CountDownLatch(0);

    private final CountDownLatch appending = new CountDownLatch(1);

    @TempDir
    Path base;

    private MessageLog log;
    private Wire wire;

    @BeforeEach
    void start(TestInfo test) throws Exception {
        Duration patience = test.getTags().contains(HASTY) ? Duration.ofSeconds(1) : Await.PATIENCE;
        MessageStore store = mock(MessageStore.class, delegatesTo(memory));
        doAnswer(call -> {
                    passGate();
                    return memory.append(call.getArgument(0));
                })
                .when(store)
                .append(any());
        doAnswer(call -> {
                    List<Publication> group = call.getArgument(0);
                    if (group.get(0).once() == null) passGate();
                    return memory.appendAtOnce(group);
                })
                .when(store)
                .appendAtOnce(any());
        Duration hour = Duration.ofHours(1);
        log = MessageLog.open(
                store, Clock.systemUTC(), new MessageLog.Settings(100, 100_000, hour, hour, Retention.UNLIMITED));
        Publisher publisher = new Publisher(
                log,
                topic -> new Reach.Audience(12, topic.name().equals("ops") ? 3 : null),
                answers,
                new Responders(Container.TOMCAT),
                patience,
                Duration.ofMillis(200));
        tomcat.setBaseDir(base.toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        StandardContext context = (StandardContext) tomcat.addContext("", base.toString());
        // Tomcat's search for leaks would need the JVM opened; it is not what is tested here.
        context.setClearReferencesObjectStreamClassCaches(false);
        context.setClearReferencesRmiTargets(false);
        context.setClearReferencesThreadLocals(false);
        Wrapper door = Tomcat.addServlet(
                context, "publish", new PublishServlet(new Drafts(Clock.systemUTC()), publisher, null));
        door.setAsyncSupported(true);
        door.addMapping("/api/topics/*");
        FilterDef filter = new FilterDef();
        filter.setFilterName("caller");
        filter.setFilter(new Alice());
        filter.setAsyncSupported("true");
        context.addFilterDef(filter);
        FilterMap everywhere = new FilterMap();
        everywhere.setFilterName("caller");
        everywhere.addURLPattern("/*");
        context.addFilterMap(everywhere);
        tomcat.start();
        wire = new Wire(tomcat.getConnector().getLocalPort());
    }

    private void passGate() throws InterruptedException {
        appending.countDown();
        if (!gate.await(Await.SECONDS, TimeUnit.SECONDS)) throw new AssertionError("the gate was forgotten");
    }

    /** Lets everybody in, as one person. */
    private static final class Alice extends HttpFilter {
        @Override
        protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            request.setAttribute(
                    Caller.class.getName(),
                    new Caller("alice", Set.of(), new Topic("user/alice"), topic -> true, topic -> true, null));
            chain.doFilter(request, response);
        }
    }

    @AfterEach
    void stop() throws Exception {
        gate.countDown();
        log.close();
        answers.close();
        tomcat.stop();
        tomcat.destroy();
        clients.shutdown();
    }

    /** Without a key it need not wait. */
    @ParameterizedTest
    @ValueSource(strings = {"", KEY})
    void anAnswerTellsItsLengthWhetherItHasWaitedOrNot(String headers) {
        Answer answer = wire.send("", POST, headers, "x");

        assertEquals(201, answer.status());
        assertEquals(String.valueOf(answer.body().length()), answer.header("Content-Length"));
        assertEquals("no-store", answer.header("Cache-Control"));
        assertTrue(String.valueOf(answer.header("Location")).endsWith("/api/messages/" + answer.member("id")));
    }

    @Test
    void theReachIsToldWhereItIsKnown() {
        Answer answer = wire.send("", POST, "", "x");
        assertEquals(201, answer.status());
        assertEquals("12", answer.member("readers"));
        assertEquals("3", answer.member("online"));
        assertTrue(!wire.send("", POST + "/other", "", "x").body().contains("online"));
        assertEquals("12", wire.send("", POST, "Dry-Run: yes\r\n", "x").member("readers"));
    }

    @Test
    void aTwinWhoseFirstIsInFlightTooLongIsToldSo() throws Exception {
        gate = new CountDownLatch(1);
        Future<Answer> first = clients.submit(() -> wire.send("", POST, KEY, "x"));
        assertTrue(appending.await(Await.SECONDS, TimeUnit.SECONDS));
        Answer twin = wire.send("", POST, KEY, "x");
        assertEquals(409, twin.status(), twin.body());
        assertEquals("Idempotency-Key", twin.member("field"));
        assertNotNull(twin.header("Retry-After"));
        gate.countDown();
        assertEquals(201, first.get().status());
        Answer later = wire.send("", POST, KEY, "x");
        assertEquals(200, later.status());
        assertEquals(first.get().member("id"), later.member("id"));
        assertEquals(1, memory.head().offset());
    }

    @Test
    @Tag(HASTY)
    void aLogThatDoesNotAnswerInTimeLeavesItOpen() throws Exception {
        gate = new CountDownLatch(1);
        Answer answer = wire.send("", POST, KEY, "x");
        assertEquals(503, answer.status(), answer.body());
        assertTrue(answer.body().contains("not known"), answer.body());
        assertNotNull(answer.header("Retry-After"));
        gate.countDown();
        Await.until(
                "the key tells that it was stored after all",
                () -> wire.send("", POST, KEY, "x").status() == 200);
        assertEquals(1, memory.head().offset());
    }

    @Test
    void aLogThatCannotBeWrittenIsUnavailableWithNothingStored() throws Exception {
        memory.failAppends(1, false);
        Answer answer = wire.send("", POST, "", "x");
        assertEquals(503, answer.status(), answer.body());
        assertEquals("2", answer.header("Retry-After"));
        assertEquals(0, memory.head().offset());
        assertEquals(201, untilWritable().status());
    }

    @Test
    void whatReachedTheDiskNeverthelessIsAcknowledgedOnce() throws Exception {
        memory.failAppends(1, true);
        Answer answer = wire.send("", POST, "", "x");
        assertEquals(201, answer.status(), answer.body());
        assertEquals(1, memory.head().offset());
    }

    @Test
    void aPublisherWhoHangsUpHarmsNobody() throws Exception {
        gate = new CountDownLatch(1);
        byte[] request = "POST /api/topics/ops HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\ngone"
                .getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 50; i++) {
            try (Socket socket = new Socket(
                    InetAddress.getLoopbackAddress(), tomcat.getConnector().getLocalPort())) {
                socket.setSoLinger(true, 0);
                socket.getOutputStream().write(request);
                if (i == 0) assertTrue(appending.await(Await.SECONDS, TimeUnit.SECONDS));
            }
        }
        gate.countDown();
        for (int i = 0; i < 50; i++) {
            Answer answer = wire.send("", POST, "", "mine " + i);
            assertEquals(201, answer.status());
            assertTrue(answer.body().endsWith("\"readers\":12,\"online\":3}"), "one answer, and a whole one");
        }
    }

    @Test
    void whoWaitsWhenThePortalClosesIsAnswered() throws Exception {
        gate = new CountDownLatch(1);
        Future<Answer> first = clients.submit(() -> wire.send("", POST, "", "x"));
        assertTrue(appending.await(Await.SECONDS, TimeUnit.SECONDS));
        Future<?> closing = clients.submit(log::close);
        gate.countDown();
        closing.get(Await.SECONDS, TimeUnit.SECONDS);
        assertEquals(201, first.get().status(), "what was submitted is still written");
        assertEquals(503, wire.send("", POST, "", "x").status());
    }

    /** The log opens its store anew by itself; this waits for it. */
    private Answer untilWritable() {
        long deadline = System.nanoTime() + Await.PATIENCE.toNanos();
        while (true) {
            Answer answer = wire.send("", POST, "", "x");
            if (answer.status() != 503 || System.nanoTime() > deadline) return answer;
        }
    }
}
