package org.bongsu.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bongsu.browser.Engine;
import org.bongsu.browser.Page;
import org.bongsu.browser.TestSite;

/** A page of another origin than the portal's, with the portal's client: it connects and notes what it is told. */
final class ForeignPage implements AutoCloseable {
    private static final Pattern SCRIPT = Pattern.compile("<script src=\"\\.\\./\\.\\./(js/[^\"]*)\"></script>");
    private static final String NOTES = """
            var client, got = [], errors = [];
            function connect(options) {
              options.url = portal;
              client = Bongsu.connect(options).on('message', function (message) { got.push(message.body); });
              client.on('error', function (problem) { errors.push(problem.status); });
            }
            """;

    private final Page page;

    /**
     * Where such pages are.
     *
     * @param before elements that come before the client, {@code after} behind it
     */
    static void publish(TestSite site, String path, URI portal, String before, String after) {
        site.page(
                path,
                "<!DOCTYPE html><html><head><meta charset=utf-8><title>elsewhere</title></head><body>\n" + before
                        + scripts(portal) + after + "<script>var portal = '" + portal + "';\n" + NOTES
                        + "</script></body></html>");
    }

    /** Those that the portal's own pages load, in the same order. */
    private static String scripts(URI portal) {
        StringBuilder elements = new StringBuilder();
        try {
            Matcher matcher = SCRIPT.matcher(Files.readString(Path.of("src", "test", "js", "client", "index.html")));
            while (matcher.find()) {
                elements.append("<script src=\"")
                        .append(portal.resolve(matcher.group(1)))
                        .append("\"></script>\n");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return elements.toString();
    }

    ForeignPage(Engine engine, URI address) {
        page = engine.open(address);
        page.waitUntil("window.connect && document.readyState === 'complete'");
    }

    Page page() {
        return page;
    }

    /** @param options of {@code Bongsu.connect}, but for the address */
    ForeignPage connect(String options) {
        page.value("connect(" + options + ")");
        return this;
    }

    /** Waits until the client has chosen: it is live, and tries nothing better. */
    ForeignPage settle() {
        page.waitUntil("client.state.name === 'live' && !client.state.probing");
        return this;
    }

    List<String> got(int count) {
        page.waitUntil("got.length >= " + count);
        return page.texts("got");
    }

    @Override
    public void close() {
        page.close();
    }
}
