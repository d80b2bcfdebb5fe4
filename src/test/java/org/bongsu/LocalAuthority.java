package org.bongsu;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate authority of our own, in place of Let's Encrypt, made by the JDK's {@code keytool}. */
public final class LocalAuthority implements AutoCloseable {
    /** Of every key store here. */
    public static final String PASSWORD = "changeit";

    private static final String ROOT = "root";

    private final Path folder;
    private final Path file;
    private final Path trustStore;
    private final SSLContext trusted;
    private int issued;

    /**
     * A certificate for {@code localhost} with its key, as PEM, which proxies read, and in a key store, as Java's servers do.
     *
     * @param store PKCS#12, for {@link #PASSWORD}, with nothing else in it
     */
    public record Issued(X509Certificate certificate, String chain, String key, KeyStore store) {
        /** What a browser can be told to trust: the hash of the public key, in base64. */
        public String pin() {
            try {
                byte[] hash = MessageDigest.getInstance("SHA-256")
                        .digest(certificate.getPublicKey().getEncoded());
                return Base64.getEncoder().encodeToString(hash);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        /** For a server that shows it. */
        public SSLContext serverContext() {
            try {
                KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                keys.init(store, PASSWORD.toCharArray());
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(keys.getKeyManagers(), null, null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        /** The store, as a file. */
        public Path writeTo(Path target) throws IOException {
            return write(store, target);
        }
    }

    public LocalAuthority() {
        try {
            folder = Files.createTempDirectory("bongsu-authority-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        file = folder.resolve("authority.p12");
        trustStore = folder.resolve("trusted.p12");
        keytool("-alias", ROOT, "-dname", "CN=Bongsu test authority", "-ext", "bc:c=ca:true");
        trusted = trustNobodyElse();
    }

    public Issued issue() {
        String alias = "server" + ++issued;
        keytool("-alias", alias, "-dname", "CN=localhost", "-signer", ROOT, "-ext", "san=dns:localhost,ip:127.0.0.1");
        try {
            KeyStore all = open();
            StringBuilder chain = new StringBuilder();
            for (Certificate one : all.getCertificateChain(alias)) chain.append(pem("CERTIFICATE", one.getEncoded()));
            Key key = all.getKey(alias, PASSWORD.toCharArray());
            KeyStore store = empty();
            store.setKeyEntry("portal", key, PASSWORD.toCharArray(), all.getCertificateChain(alias));
            return new Issued(
                    (X509Certificate) all.getCertificate(alias),
                    chain.toString(),
                    pem("PRIVATE KEY", key.getEncoded()),
                    store);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One that trusts nobody but this authority. */
    public HttpClient client(HttpClient.Version version) {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(trusted())
                .connectTimeout(Await.PATIENCE)
                .build();
    }

    /** For clients that trust this authority and nobody else. */
    public SSLContext trusted() {
        return trusted;
    }

    private SSLContext trustNobodyElse() {
        try {
            KeyStore only = empty();
            only.setCertificateEntry(ROOT, open().getCertificate(ROOT));
            write(only, trustStore);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(only);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path write(KeyStore store, Path target) throws IOException {
        try (OutputStream stream = Files.newOutputStream(target)) {
            store.store(stream, PASSWORD.toCharArray());
            return target;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A key store that has but this authority in it, for programs that are to trust it; PKCS#12, for {@link #PASSWORD}. */
    public Path trustStore() {
        return trustStore;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private KeyStore open() {
        try {
            return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String pem(String what, byte[] content) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n";
    }

    private void keytool(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2"));
        command.addAll(List.of("-keystore", file.toString(), "-storepass", PASSWORD));
        command.addAll(List.of(arguments));
        Path log = folder.resolve("keytool.log");
        try {
            Process keytool = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!keytool.waitFor(Await.SECONDS, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
                keytool.destroyForcibly();
                throw new AssertionError(command + "\n" + Files.readString(log, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path each : files.toList()) Files.delete(each);
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
