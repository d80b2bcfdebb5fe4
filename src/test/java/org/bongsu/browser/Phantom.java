package org.bongsu.browser;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Starts PhantomJS with the script {@code phantom.js}, that makes it a {@link Puppet}. */
final class Phantom {
    /** Its OpenSSL is of its own time: it neither understands today's settings nor may it load today's library, and crash. */
    private static final Map<String, String> NO_SETTINGS = Map.of("OPENSSL_CONF", "/dev/null");

    private Phantom() {}

    static Engine start(EngineKind kind, String unpacked) {
        Path phantom = Found.unpacked(
                kind.name(), unpacked + "/bin/phantomjs", "which it does on Linux on an x86-64 processor");
        return new Puppet(kind, orders -> new Program(folder -> command(phantom, folder, orders), NO_SETTINGS));
    }

    private static List<String> command(Path phantom, Path folder, URI orders) {
        return List.of(
                phantom.toString(),
                // No certificates. For each page it looks for them in the folder of this path, and all below; where
                // that is
                // the root, in the working directory, with servers unpacked in it.
                "--ssl-certificates-path=" + folder.resolve("none"),
                // For phantom.js alone, which comes from a file; it gives its pages theirs back.
                "--web-security=no",
                "--local-storage-path=" + folder,
                "--cookies-file=" + folder.resolve("cookies"),
                Puppet.script("phantom.js", folder).toString(),
                orders.toString());
    }
}
