package org.bongsu;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.Reference;
import javax.naming.spi.ObjectFactory;
import javax.sql.DataSource;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.Valve;
import org.apache.catalina.WebResourceRoot;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.loader.WebappLoader;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.catalina.webresources.DirResourceSet;
import org.apache.catalina.webresources.StandardRoot;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.descriptor.web.ContextEnvironment;
import org.apache.tomcat.util.descriptor.web.ContextResource;
import org.apache.tomcat.util.scan.StandardJarScanner;
import org.bongsu.app.Embedding;
import org.bongsu.log.MessageStore;
import org.jspecify.annotations.Nullable;

/**
 * The portal on a real Tomcat in this JVM, on loopback: {@code try (var portal = PortalServer.start(Map.of("heartbeat",
 * "1s"))) { … portal.url("/api/poll") … }}.
 *
 * <p>People (their names are their passwords): {@code alice} and {@code bob} are users, {@code admin} is an administrator and
 * a user, {@code backup-job} a publisher; {@code nobody} has no role. Settings go through JNDI, as an administrator's would,
 * so that several portals in one JVM can differ.
 */
public final class PortalServer implements AutoCloseable {
    public static final String CONTEXT_PATH = "/bongsu";

    private final Tomcat tomcat;
    private final Connector connector;
    private final Path base;
    private final String handedKey;
    private final Site site;

    /** How to start one; every method returns the same builder. */
    public static final class Builder {
        private final Map<String, String> settings = new HashMap<>();
        private final Map<String, String> connector = new HashMap<>();
        private final Map<String, String> contextParameters = new HashMap<>();
        private int port;
        private @Nullable Path home;
        private @Nullable Path war;
        private @Nullable MessageStore store;
        private @Nullable Clock clock;
        private final Map<String, Object> resources = new HashMap<>();
        private final List<Valve> valves = new ArrayList<>();
        private boolean http2;
        private boolean testPages;
        private @Nullable String node;

        private Builder() {}

        /** A setting without its {@code bongsu.}. */
        public Builder with(String setting, String value) {
            settings.put(setting, value);
            return this;
        }

        public Builder with(Map<String, String> more) {
            settings.putAll(more);
            return this;
        }

        /** 0, the default, takes any free one. */
        public Builder port(int fixed) {
            port = fixed;
            return this;
        }

        /** Where the data is; without it a fresh folder that {@link #close} removes. */
        public Builder home(Path folder) {
            home = folder;
            return this;
        }

        /** Runs the packaged WAR, with class loading as on a server, in place of {@code webapp} and the compiled classes. */
        public Builder war(Path file) {
            war = file;
            return this;
        }

        /** In place of a database; not with {@link #war}. */
        public Builder store(MessageStore instead) {
            store = instead;
            return this;
        }

        /** In place of the system's; not with {@link #war}. */
        public Builder clock(Clock instead) {
            clock = instead;
            return this;
        }

        /** An attribute of the connector, as in {@code server.xml}. */
        public Builder connector(String property, String value) {
            connector.put(property, value);
            return this;
        }

        /** HTTP/2 too, to clients that ask for it in the clear (RFC 7540 §3.2). */
        public Builder http2() {
            http2 = true;
            return this;
        }

        /** What every request passes, in the order of these calls, as a {@code <Valve>} in {@code server.xml}. */
        public Builder valve(Valve valve) {
            valves.add(valve);
            return this;
        }

        /** Its name among several nodes, as {@code jvmRoute} in {@code server.xml}: its sessions' ids end with it. */
        public Builder node(String name) {
            node = name;
            return this;
        }

        /** Serves the pages of {@code src/test/js} below {@code test/}, as if they were the portal's; not with {@link #war}. */
        public Builder testPages() {
            testPages = true;
            return this;
        }

        /** A parameter of the context, for the container itself. */
        public Builder contextParameter(String name, String value) {
            contextParameters.put(name, value);
            return this;
        }

        /** Puts a data source into JNDI as {@code jdbc/bongsu}. */
        public Builder dataSource(DataSource shared) {
            return resource("jdbc/bongsu", shared);
        }

        /** Puts an object into JNDI, below {@code java:comp/env/}. */
        public Builder resource(String name, Object object) {
            resources.put(name, object);
            return this;
        }

        public PortalServer start() {
            try {
                return new PortalServer(this);
            } catch (IOException | LifecycleException e) {
                throw new IllegalStateException("the test server did not start", e);
            }
        }
    }

    public static Builder with(String setting, String value) {
        return new Builder().with(setting, value);
    }

    public static Builder builder() {
        return new Builder();
    }

    public static PortalServer start() {
        return new Builder().start();
    }

    public static PortalServer start(Map<String, String> settings) {
        return new Builder().with(settings).start();
    }

    private PortalServer(Builder given) throws IOException, LifecycleException {
        base = Files.createTempDirectory("bongsu-tomcat-");
        // Where Tomcat unpacks a WAR.
        Files.createDirectory(base.resolve("webapps"));
        tomcat = new Tomcat();
        tomcat.setBaseDir(base.toString());
        tomcat.setAddDefaultWebXmlToWebapp(false);
        tomcat.getServer();
        enableNaming();
        handedKey = UUID.randomUUID().toString();
        // Tomcat tells the JNDI trees of one JVM apart by this name.
        tomcat.getEngine().setName(handedKey);
        if (given.node != null) tomcat.getEngine().setJvmRoute(given.node);

        connector = new Connector("HTTP/1.1");
        connector.setPort(given.port);
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("maxConnections", "20000");
        connector.setProperty("acceptCount", "4096");
        connector.setProperty("maxKeepAliveRequests", "-1");
        // A client that does not get on is not one that has gone; but Tomcat may wait so long for one that has, too.
        connector.setProperty("connectionTimeout", "60000");
        connector.setEncodedSolidusHandling("passthrough");
        given.connector.forEach(connector::setProperty);
        if (given.http2) connector.addUpgradeProtocol(new Http2Protocol());
        connector.setThrowOnFailure(true);
        tomcat.setConnector(connector);

        ErrorReportValve errors = new ErrorReportValve();
        errors.setShowReport(false);
        errors.setShowServerInfo(false);
        tomcat.getHost().getPipeline().addValve(errors);
        given.valves.forEach(tomcat.getHost().getPipeline()::addValve);

        Path webapp = given.war == null ? Path.of("webapp").toAbsolutePath() : given.war.toAbsolutePath();
        StandardContext context = (StandardContext) tomcat.addWebapp(CONTEXT_PATH, webapp.toString());
        // Looking for leaks needs the JVM opened up, and says so each time.
        context.setClearReferencesObjectStreamClassCaches(false);
        context.setClearReferencesThreadLocals(false);
        context.setClearReferencesRmiTargets(false);
        given.contextParameters.forEach(context::addParameter);
        if (given.war == null) useCompiledClasses(context, given.testPages);
        serveFiles(context);
        demoPeople();
        Map<String, String> settings = new HashMap<>(given.settings);
        settings.putIfAbsent("deadline.write", "5m");
        settings.putIfAbsent("deadline.liveness", "10m");
        settings.putIfAbsent("home", String.valueOf(given.home == null ? base.resolve("home") : given.home));
        settings.forEach((name, value) -> {
            ContextEnvironment entry = new ContextEnvironment();
            entry.setName("bongsu/" + name);
            entry.setType("java.lang.String");
            entry.setValue(value);
            context.getNamingResources().addEnvironment(entry);
        });
        given.resources.forEach((name, object) -> handOver(context, name, object));
        if (given.store != null || given.clock != null) {
            context.getServletContext().setAttribute(Embedding.ATTRIBUTE, new Embedding(given.store, given.clock));
        }
        try {
            tomcat.start();
            if (context.getState() != LifecycleState.STARTED) {
                throw new IllegalStateException("the portal did not start; its log says why");
            }
            site = new Site(URI.create("http://127.0.0.1:" + port() + CONTEXT_PATH + '/'));
        } catch (LifecycleException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * JNDI for the context alone. What {@code Tomcat.enableNaming} does besides, a global context, there can be only one of
     * in a JVM, and then the first of two portals could not stop.
     */
    private static void enableNaming() {
        System.setProperty("catalina.useNaming", "true");
        System.setProperty(Context.URL_PKG_PREFIXES, "org.apache.naming");
        System.setProperty(Context.INITIAL_CONTEXT_FACTORY, "org.apache.naming.java.javaURLContextFactory");
    }

    private static void useCompiledClasses(StandardContext context, boolean testPages) {
        WebResourceRoot root = new StandardRoot(context);
        Path classes = Path.of("target", "classes").toAbsolutePath();
        root.addPreResources(new DirResourceSet(root, "/WEB-INF/classes", classes.toString(), "/"));
        if (testPages) {
            String pages = Path.of("src", "test", "js").toAbsolutePath().toString();
            root.addPostResources(new DirResourceSet(root, "/test", pages, "/"));
        }
        context.setResources(root);
        // The test's own classes, so that objects can be handed over.
        WebappLoader loader = new WebappLoader();
        loader.setDelegate(true);
        context.setLoader(loader);
    }

    private static void serveFiles(StandardContext context) {
        StandardJarScanner scanner = new StandardJarScanner();
        scanner.setScanClassPath(false);
        context.setJarScanner(scanner);
        Tomcat.addServlet(context, "default", new DefaultServlet());
        context.addServletMapping("/", "default", false);
        Tomcat.addDefaultMimeTypeMappings(context);
    }

    private void demoPeople() {
        addPerson("alice", "bongsu-user");
        addPerson("bob", "bongsu-user");
        addPerson("admin", "bongsu-admin", "bongsu-user");
        addPerson("backup-job", "bongsu-publisher");
        addPerson("nobody");
    }

    private void addPerson(String name, String... roles) {
        tomcat.addUser(name, name);
        for (String role : roles) tomcat.addRole(name, role);
    }

    private void handOver(StandardContext context, String name, Object object) {
        Handed.OBJECTS.put(handedKey + name, object);
        ContextResource resource = new ContextResource();
        resource.setName(name);
        resource.setType(Object.class.getName());
        resource.setProperty("factory", Handed.class.getName());
        resource.setProperty("key", handedKey + name);
        context.getNamingResources().addResource(resource);
    }

    /** Lets JNDI give an object of this JVM. */
    public static final class Handed implements ObjectFactory {
        static final Map<String, Object> OBJECTS = new ConcurrentHashMap<>();

        @Override
        public @Nullable Object getObjectInstance(
                Object reference, @Nullable Name name, @Nullable Context in, @Nullable Hashtable<?, ?> environment) {
            return OBJECTS.get(((Reference) reference).get("key").getContent().toString());
        }
    }

    public int port() {
        return connector.getLocalPort();
    }

    /** The portal as its clients see it. */
    public Site site() {
        return site;
    }

    public URI url(String path) {
        return site.url(path);
    }

    public URI wsUrl(String path) {
        return site.wsUrl(path);
    }

    public String origin() {
        return site.origin();
    }

    public HttpRequest.Builder request(String user, String path) {
        return site.request(user, path);
    }

    public HttpRequest.Builder request(String path) {
        return site.request(path);
    }

    public HttpResponse<String> send(HttpRequest.Builder request) {
        return site.send(request);
    }

    public HttpResponse<String> get(String user, String path) {
        return site.get(user, path);
    }

    public String publish(String user, String topic, String body) {
        return site.publish(user, topic, body);
    }

    public String login(String user) {
        return site.login(user);
    }

    /** Stops as a server does, then removes what it has written outside a given home. Idempotent. */
    @Override
    public void close() {
        try {
            if (tomcat.getServer().getState() != LifecycleState.DESTROYED) {
                tomcat.stop();
                tomcat.destroy();
            }
        } catch (LifecycleException e) {
            throw new IllegalStateException("the test server did not stop", e);
        } finally {
            Handed.OBJECTS.keySet().removeIf(key -> key.startsWith(handedKey));
            delete(base);
        }
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) return;
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
