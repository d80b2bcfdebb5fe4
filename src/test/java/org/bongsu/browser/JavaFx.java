package org.bongsu.browser;

import jakarta.json.Json;
import jakarta.json.spi.JsonProvider;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Starts a JVM with JavaFX's engine, which {@code WebViewPuppet.java} makes a {@link Puppet}.
 *
 * <p>To a page it is like a bad network: a WebSocket neither opens nor fails, and of a streamed answer nothing is seen before
 * its end.
 */
final class JavaFx {
    private JavaFx() {}

    static Engine start(EngineKind kind) {
        Path jars = Found.unpacked("JAVAFX", "javafx", "which it does with -Pbrowsers");
        return new Puppet(kind, orders -> new Program(folder -> command(jars, folder, orders), Map.of()));
    }

    private static List<String> command(Path jars, Path folder, URI orders) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Duser.home=" + folder,
                // Its native libraries, a hundred megabytes, are unpacked once.
                "-Djavafx.cachedir=" + jars.resolve("cache"),
                "-Dglass.platform=Monocle",
                "-Dmonocle.platform=Headless",
                "-Dprism.order=sw",
                // With it every page is empty.
                "-Dcom.sun.webkit.useHTTP2Loader=false",
                "-classpath",
                Stream.of(
                                jars.resolve("*"),
                                jarOf(Json.class),
                                jarOf(JsonProvider.provider().getClass()))
                        .map(Path::toString)
                        .collect(Collectors.joining(File.pathSeparator)),
                Puppet.script("WebViewPuppet.java", folder).toString(),
                orders.toString());
    }

    private static Path jarOf(Class<?> type) {
        return Path.of(URI.create(
                type.getProtectionDomain().getCodeSource().getLocation().toString()));
    }
}
