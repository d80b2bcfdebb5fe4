package org.bongsu.server;

import com.zaxxer.hikari.HikariDataSource;
import jakarta.activation.DataHandler;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bongsu.LocalAuthority;
import org.bongsu.PortalServer;
import org.bongsu.Ports;
import org.bongsu.Site;
import org.eclipse.angus.activation.MailcapRegistryProviderImpl;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.postgresql.Driver;

/**
 * What the page of a server adds to the least: TLS with HTTP/2, a database, a directory and a mail server that others look
 * after.
 *
 * @param securePort on loopback, for HTTPS
 * @param chain the certificate and whose it is signed with, PEM
 * @param key its private key, PEM
 * @param keyStore both of them, PKCS#12, for {@link LocalAuthority#PASSWORD}
 * @param client trusts the certificate
 * @param jdbcUrl of a PostgreSQL
 * @param directoryUrl of an LDAP server, a {@link Directory}
 * @param driver the jar with the driver of the database
 * @param pool the jar with a pool of connections, for servers that have none
 * @param mailPort of a {@link Mailbox} on loopback
 * @param mail the jars that send mail, for servers that cannot by themselves
 * @param trusted whom programs trust, and nobody else: a key store, PKCS#12, for {@link LocalAuthority#PASSWORD}
 */
record Extras(
        int securePort,
        Path chain,
        Path key,
        Path keyStore,
        HttpClient client,
        String jdbcUrl,
        String jdbcUser,
        String jdbcPassword,
        String directoryUrl,
        Path driver,
        Path pool,
        int mailPort,
        List<Path> mail,
        Path trusted) {

    /**
     * @param folder for the files
     * @param database as a JDBC URL in which the user is a parameter, who needs no password
     */
    static Extras in(Path folder, LocalAuthority authority, String database, Directory directory, Mailbox mailbox)
            throws IOException {
        LocalAuthority.Issued issued = authority.issue();
        String[] parts = database.split("\\?user=", -1);
        return new Extras(
                Ports.free(),
                Files.writeString(folder.resolve("fullchain.pem"), issued.chain()),
                Files.writeString(folder.resolve("privkey.pem"), issued.key()),
                issued.writeTo(folder.resolve("bongsu.p12")),
                authority.client(HttpClient.Version.HTTP_2),
                parts[0],
                parts[1],
                "none needed",
                directory.url(),
                jarOf(Driver.class),
                jarOf(HikariDataSource.class),
                mailbox.port(),
                List.of(jarOf(SMTPTransport.class), jarOf(DataHandler.class), jarOf(MailcapRegistryProviderImpl.class)),
                authority.trustStore());
    }

    private static Path jarOf(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The portal behind TLS; by the name that is in the certificate. */
    Site site() {
        return new Site(URI.create("https://localhost:" + securePort + PortalServer.CONTEXT_PATH + '/'), client);
    }
}
