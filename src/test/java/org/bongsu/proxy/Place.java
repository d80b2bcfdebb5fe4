package org.bongsu.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;
import org.bongsu.LocalAuthority;
import org.bongsu.Ports;

/**
 * Where a proxy runs: a folder of its own, and ports that are free. Known before it runs, since a portal has to be told how it is
 * reached.
 *
 * @param port for http
 * @param securePort for https
 * @param challengePort where whoever asks Let's Encrypt for a certificate answers
 */
record Place(Path folder, int port, int securePort, int challengePort) implements AutoCloseable {
    static Place fresh() {
        try {
            Path folder = Files.createTempDirectory("bongsu-proxy-");
            // Workers of a proxy that root has started are nobody.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            return new Place(folder, Ports.free(), Ports.free(), Ports.free());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI url(String path) {
        return URI.create("https://localhost:" + securePort + path);
    }

    Path chain() {
        return folder.resolve("fullchain.pem");
    }

    Path key() {
        return folder.resolve("privkey.pem");
    }

    /** The folder in which all certificates are, each with its key in one file. */
    Path certificates() {
        return folder.resolve("certs");
    }

    /** Puts a certificate in place of the one before. */
    void install(LocalAuthority.Issued issued) {
        try {
            Files.writeString(chain(), issued.chain());
            Files.writeString(key(), issued.key());
            Files.writeString(
                    Files.createDirectories(certificates()).resolve("portal.example.pem"),
                    issued.chain() + issued.key());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void write(String file, String text) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        delete(folder);
    }

    static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
