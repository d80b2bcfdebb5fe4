package org.bongsu.app;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.SessionCookieConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.bongsu.access.AccessFilter;
import org.bongsu.access.Origins;
import org.bongsu.access.SessionServlet;
import org.bongsu.access.Sessions;
import org.bongsu.admin.HealthServlet;
import org.bongsu.draft.Drafts;
import org.bongsu.fanout.Admission;
import org.bongsu.fanout.FanOut;
import org.bongsu.history.HistoryServlet;
import org.bongsu.http.Addresses;
import org.bongsu.http.ByMethod;
import org.bongsu.http.Container;
import org.bongsu.http.ErrorServlet;
import org.bongsu.http.NotFoundServlet;
import org.bongsu.http.Responders;
import org.bongsu.http.SecurityHeaders;
import org.bongsu.log.MessageLog;
import org.bongsu.log.MessageStore;
import org.bongsu.log.StoreException;
import org.bongsu.poll.PollServlet;
import org.bongsu.publish.Answers;
import org.bongsu.publish.BatchServlet;
import org.bongsu.publish.PublishServlet;
import org.bongsu.publish.Publisher;
import org.bongsu.publish.Reach;
import org.bongsu.sse.AliveServlet;
import org.bongsu.sse.StreamServlet;
import org.bongsu.sse.StreamThreads;
import org.bongsu.store.JdbcMessageStore;
import org.bongsu.websocket.SendThreads;
import org.bongsu.websocket.WebSocketServlet;
import org.jspecify.annotations.Nullable;

/**
 * The composition root: makes every object of the portal, joins them, and ends them in the opposite order.
 *
 * <p>Whatever is wrong with the settings or the database stops the start, with one sentence in the server's log.
 */
public final class Portal implements ServletContextListener {
    private static final System.Logger LOGGER = System.getLogger(Portal.class.getName());

    /**
     * So many streams and sockets a second can be opened, and polls begun, in the long run, and at once after a quiet time.
     * A poll that goes on from a cursor is not counted.
     */
    private static final double HANDSHAKES_PER_SECOND = 10_000;

    private static final double HANDSHAKE_BURST = 20_000;

    /** Without a stack trace, which every server would print: the sentence says it all. */
    private static final class CannotStart extends RuntimeException {
        CannotStart(String why) {
            super(why, null, false, false);
        }
    }

    /** What has been opened, the last first. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    private final Addresses addresses = new Addresses();

    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        try {
            start(context);
        } catch (SettingException | StoreException e) {
            close();
            LOGGER.log(System.Logger.Level.ERROR, "Bongsu cannot start: " + e.getMessage());
            throw new CannotStart(String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        close();
    }

    private void start(ServletContext context) throws StoreException {
        Classes.load(context);
        String warning = ServerFloor.warning(context.getServerInfo());
        if (warning != null) LOGGER.log(System.Logger.Level.WARNING, warning);
        Embedding embedding = context.getAttribute(Embedding.ATTRIBUTE) instanceof Embedding given
                ? given
                : new Embedding(null, null);
        Clock clock = embedding.clock() == null ? Clock.systemUTC() : embedding.clock();
        Settings settings = Settings.read(SettingSources.ofThisServer(System.getProperties(), System.getenv()));

        String durability = settings.durability().name().toLowerCase(Locale.ROOT);
        Container container = Container.of(context);
        Responders responders = opened(new Responders(container));
        // Before the log, and so ended after it: when the log closes it answers everybody who waits.
        Answers answers = opened(new Answers());
        MessageStore store = store(settings, clock, embedding.store());
        MessageLog log = opened(MessageLog.open(
                store,
                clock,
                new MessageLog.Settings(
                        settings.tailCount(),
                        settings.tailBytes(),
                        settings.follow(),
                        settings.retentionEvery(),
                        settings.retention())));
        // Before the fan-out, so that it is closed after it and can still say good-bye.
        SendThreads sendThreads = opened(new SendThreads(container));
        StreamThreads streamThreads = opened(new StreamThreads());
        FanOut fanOut = opened(new FanOut(log::head, settings.deadlines()));
        sayGoodByeWhenTheProcessEnds(fanOut);
        Admission admission = new Admission(HANDSHAKES_PER_SECOND, HANDSHAKE_BURST, System::nanoTime);
        Sessions sessions = new Sessions(clock, settings.sessionIdle());
        Origins origins = new Origins(settings.publicUrl(), settings.origins());
        sessions(context, settings, sessions);

        filter(context, "headers", new SecurityHeaders(origins::own, addresses::stop), "/*");
        filter(
                context,
                "access",
                new AccessFilter(settings.rules(), origins, sessions, container),
                "/api/*",
                "/ws",
                "/metrics");
        door(context, "session", new SessionServlet(sessions), "/api/session");
        door(
                context,
                "stream",
                new StreamServlet(log, fanOut, sessions, admission, responders, streamThreads, clock),
                "/api/stream");
        door(context, "alive", new AliveServlet(fanOut), "/api/alive");
        door(context, "poll", new PollServlet(log, fanOut, sessions, admission, responders, clock), "/api/poll");
        Drafts drafts = new Drafts(clock);
        door(
                context,
                "websocket",
                new WebSocketServlet(log, fanOut, sessions, admission, origins, drafts, sendThreads, clock),
                "/ws");
        Publisher publisher =
                new Publisher(log, topic -> new Reach.Audience(null, log.readersOf(topic)), answers, responders);
        HistoryServlet history = new HistoryServlet(log, clock);
        door(context, "publish", new PublishServlet(drafts, publisher, settings.publicPath()), "/api/topics/*");
        door(context, "messages", new ByMethod(history, new BatchServlet(drafts, publisher)), "/api/messages");
        door(context, "message", history, "/api/messages/*");
        door(context, "health", new HealthServlet(log, durability), "/health/*");
        servlet(context, "nothing", new NotFoundServlet(addresses), "/api/*", "/metrics");
        servlet(context, "error", new ErrorServlet(addresses), "/error");
        LOGGER.log(
                System.Logger.Level.INFO,
                "Bongsu has started on " + context.getServerInfo() + "; its messages are in " + store.description());
    }

    /** Not every server tells a portal of its end while there are still connections: Jetty closes those first. */
    private void sayGoodByeWhenTheProcessEnds(FanOut fanOut) {
        Thread hook = new Thread(fanOut::sayGoodBye, "bongsu-good-bye");
        Runtime.getRuntime().addShutdownHook(hook);
        opened(() -> {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException itEnds) {
                // Then the hook is running, or has run.
            }
        });
    }

    private static MessageStore store(Settings settings, Clock clock, @Nullable MessageStore given) {
        if (given != null) return given;
        DataSource shared = Jndi.dataSource("jdbc/bongsu");
        if (shared == null && settings.dataSourceRequired()) {
            throw new SettingException(
                    "bongsu.database is \"jdbc\", and there is no JNDI jdbc/bongsu (yet); allowed: a"
                            + " javax.sql.DataSource of that name, which is there before the portal starts, or bongsu.database=auto");
        }
        createHome(settings.home());
        return shared == null
                ? JdbcMessageStore.embedded(settings.home(), settings.durability(), clock)
                : JdbcMessageStore.shared(shared, settings.home(), settings.durability(), clock);
    }

    private static void createHome(Path home) {
        try {
            Files.createDirectories(home);
            // Asking for the right is not enough: a file system can be mounted read-only.
            Files.delete(Files.createTempFile(home, "write-", ".tmp"));
        } catch (IOException e) {
            throw new SettingException("the folder " + home + " cannot be written (" + e
                    + "); allowed in bongsu.home: a folder that the server may create and write");
        }
    }

    private void sessions(ServletContext context, Settings settings, Sessions sessions) {
        SessionCookieConfig cookie = context.getSessionCookieConfig();
        cookie.setHttpOnly(true);
        String publicUrl = settings.publicUrl();
        boolean secure = publicUrl != null && publicUrl.startsWith("https:");
        if (secure) cookie.setSecure(true);
        String publicPath = settings.publicPath();
        if (publicPath != null) cookie.setPath(publicPath.isEmpty() ? "/" : publicPath);
        // Pages of another site get the cookie sent with None only, which browsers take with Secure only.
        cookie.setAttribute("SameSite", secure && !settings.origins().isEmpty() ? "None" : "Lax");
        // Longer than ours, so that ours decides: to the container a poll is activity, to us it is not.
        long minutes = settings.sessionIdle().toMinutes() + 5;
        context.setSessionTimeout((int) Math.min(minutes, Integer.MAX_VALUE / 60));
        context.addListener(sessions);

        ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "bongsu-sessions");
            thread.setDaemon(true);
            return thread;
        });
        opened(() -> {
            sweeper.shutdownNow();
            sweeper.awaitTermination(5, TimeUnit.SECONDS);
        });
        sweeper.scheduleWithFixedDelay(sessions::sweep, 1, 1, TimeUnit.SECONDS);
    }

    /** Filters run in the order in which they are added. */
    private static void filter(ServletContext context, String name, Filter filter, String... patterns) {
        FilterRegistration.Dynamic registration = context.addFilter("bongsu-" + name, filter);
        registration.setAsyncSupported(true);
        registration.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, patterns);
    }

    private void door(ServletContext context, String name, Servlet servlet, String... patterns) {
        servlet(context, name, servlet, patterns);
        addresses.add(patterns);
    }

    private static void servlet(ServletContext context, String name, Servlet servlet, String... patterns) {
        ServletRegistration.Dynamic registration = context.addServlet("bongsu-" + name, servlet);
        registration.setAsyncSupported(true);
        registration.addMapping(patterns);
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        opened.push(closeable);
        return closeable;
    }

    private void close() {
        while (!opened.isEmpty()) {
            AutoCloseable next = opened.pop();
            try {
                next.close();
            } catch (Exception | LinkageError e) {
                // The others are closed nevertheless.
                LOGGER.log(System.Logger.Level.WARNING, next + " did not close properly", e);
            }
        }
    }
}
