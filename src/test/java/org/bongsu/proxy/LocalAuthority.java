package org.bongsu.proxy;

import java.io.IOException;
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
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bongsu.Await;

/** A certificate authority of our own, in place of Let's Encrypt, made by the JDK's {@code keytool}. */
final class LocalAuthority implements AutoCloseable {
    private static final String PASSWORD = "changeit";
    private static final String ROOT = "root";

    private final Path folder;
    private final Path file;
    private final SSLContext trusted;
    private int issued;

    /** A certificate for {@code localhost} with its key, as PEM, which all servers read. */
    record Issued(X509Certificate certificate, String chain, String key) {
        /** What a browser can be told to trust: the hash of the public key, in base64. */
        String pin() {
            try {
                byte[] hash = MessageDigest.getInstance("SHA-256")
                        .digest(certificate.getPublicKey().getEncoded());
                return Base64.getEncoder().encodeToString(hash);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    LocalAuthority() {
        try {
            folder = Files.createTempDirectory("bongsu-authority-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        file = folder.resolve("authority.p12");
        keytool("-alias", ROOT, "-dname", "CN=Bongsu test authority", "-ext", "bc:c=ca:true");
        trusted = trustNobodyElse();
    }

    Issued issue() {
        String alias = "server" + ++issued;
        keytool("-alias", alias, "-dname", "CN=localhost", "-signer", ROOT, "-ext", "san=dns:localhost,ip:127.0.0.1");
        try {
            KeyStore all = open();
            StringBuilder chain = new StringBuilder();
            for (Certificate one : all.getCertificateChain(alias)) chain.append(pem("CERTIFICATE", one.getEncoded()));
            Key key = all.getKey(alias, PASSWORD.toCharArray());
            return new Issued(
                    (X509Certificate) all.getCertificate(alias),
                    chain.toString(),
                    pem("PRIVATE KEY", key.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One that trusts nobody but this authority. */
    HttpClient client(HttpClient.Version version) {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(trusted())
                .connectTimeout(Await.PATIENCE)
                .build();
    }

    /** For clients that trust this authority and nobody else. */
    SSLContext trusted() {
        return trusted;
    }

    private SSLContext trustNobodyElse() {
        try {
            KeyStore only = KeyStore.getInstance("PKCS12");
            only.load(null, null);
            only.setCertificateEntry(ROOT, open().getCertificate(ROOT));
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
        Place.delete(folder);
    }
}
