package org.bongsu.websocket;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletRegistration;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;
import org.bongsu.Await;
import org.bongsu.Site;
import org.bongsu.access.AccessFilter;
import org.bongsu.access.Origins;
import org.bongsu.access.Rules;
import org.bongsu.access.SessionServlet;
import org.bongsu.access.Sessions;
import org.bongsu.fanout.Admission;
import org.bongsu.fanout.Deadlines;
import org.bongsu.fanout.FanOut;
import org.bongsu.http.Container;
import org.bongsu.log.Drafts;
import org.bongsu.log.MemoryMessageStore;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Publication;
import org.bongsu.log.Retention;
import org.bongsu.log.StoreException;

/** Tomcat with the WebSocket door alone, before a log that tests can reach. */
final class SocketServer implements AutoCloseable {
    static final Deadlines UNHURRIED =
            new Deadlines(Duration.ofSeconds(15), Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofHours(1));

    final MemoryMessageStore store = new MemoryMessageStore();
    final MessageLog log;
    final FanOut fanOut;
    final Sessions sessions;
    final SendThreads threads = new SendThreads(Container.OTHER);
    private final Tomcat tomcat = new Tomcat();
    private final Path base;

    SocketServer() {
        this(UNHURRIED);
    }

    SocketServer(Deadlines deadlines) {
        Clock clock = Clock.systemUTC();
        try {
            base = Files.createTempDirectory("bongsu-ws-");
            log = MessageLog.open(
                    store,
                    clock,
                    new MessageLog.Settings(
                            1_000,
                            1_000_000,
                            Duration.ofMillis(200),
                            Duration.ofHours(1),
                            new Retention(Duration.ofDays(1), 1_000_000, 1L << 40)));
        } catch (IOException | StoreException e) {
            throw new AssertionError(e);
        }
        fanOut = new FanOut(log::head, deadlines);
        sessions = new Sessions(clock, Duration.ofHours(12));
        Origins origins = new Origins(null, Set.of());
        tomcat.setBaseDir(base.toString());
        tomcat.setPort(0);
        tomcat.setSilent(true);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setProperty("maxConnections", "20000");
        // A client that does not get on is not one that has gone.
        tomcat.getConnector().setProperty("connectionTimeout", String.valueOf(Await.MILLIS));
        Context context = tomcat.addContext("/bongsu", base.toString());
        tomcat.addUser("alice", "alice");
        tomcat.addRole("alice", "bongsu-user");
        WebSocketServlet door = new WebSocketServlet(
                log,
                fanOut,
                sessions,
                new Admission(100_000, 100_000, System::nanoTime),
                origins,
                new org.bongsu.draft.Drafts(clock),
                threads,
                clock);
        // As a server does that finds annotated classes by itself.
        context.addServletContainerInitializer(new WsSci(), Set.of(BongsuEndpoint.class));
        ServletContainerInitializer portal = (classes, servlets) -> {
            servlets.addListener(sessions);
            servlets.addFilter(
                            "access", new AccessFilter(Rules.parse(Rules.DEFAULT), origins, sessions, Container.OTHER))
                    .addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/ws", "/api/*");
            servlets.addServlet("ws", door).addMapping("/ws");
            ServletRegistration.Dynamic session = servlets.addServlet("session", new SessionServlet(sessions));
            session.addMapping("/api/session");
            // Without one Tomcat answers 404 before any filter is asked.
            servlets.addServlet("default", new DefaultServlet()).addMapping("/");
        };
        context.addServletContainerInitializer(portal, null);
        try {
            tomcat.start();
        } catch (LifecycleException e) {
            throw new AssertionError(e);
        }
    }

    Site site() {
        return new Site(URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/bongsu/"));
    }

    /** Connects and reads the greeting. */
    RawSocket greeted(String user) {
        return RawSocket.greeted(site(), user);
    }

    /** Publishes one message. */
    void publish(String topic, String body) {
        try {
            log.append(new Publication(List.of(Drafts.draft(topic, body)), null))
                    .get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try {
            fanOut.close();
            threads.close();
            tomcat.stop();
            tomcat.destroy();
            log.close();
        } catch (LifecycleException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
