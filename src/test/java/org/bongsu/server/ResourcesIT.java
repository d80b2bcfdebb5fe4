package org.bongsu.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.bongsu.Await;
import org.bongsu.reader.Transport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each wanted server with all that is on its page in {@code server-config}, and a {@link Probe} in the WAR: whoever looks there
 * for the mail session {@code mail/bongsu} and the JMS connection factory {@code jms/bongsu} finds them and can use them. And
 * the log says what the page says of it.
 */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("org.bongsu.server.Recipes#wanted")
final class ResourcesIT {
    private static @Nullable Path probed;
    private static @Nullable FullServer running;

    private final Recipe recipe;

    ResourcesIT(Recipe recipe) {
        this.recipe = recipe;
    }

    @BeforeParameterizedClassInvocation
    static void start(Recipe recipe) throws IOException {
        Path war = Files.createTempFile("bongsu-probed-", ".war");
        probed = war;
        Files.copy(StandardServer.WAR, war, StandardCopyOption.REPLACE_EXISTING);
        try (FileSystem zip = FileSystems.newFileSystem(URI.create("jar:" + war.toUri()), Map.of())) {
            for (String type : List.of("Probe", "Probe$Jms")) {
                String name = "org/bongsu/server/" + type + ".class";
                Path entry = zip.getPath("WEB-INF/classes", name);
                Files.createDirectories(entry.getParent());
                try (InputStream file = Probe.class.getClassLoader().getResourceAsStream(name)) {
                    Files.copy(file, entry);
                }
            }
        }
        running = new FullServer(recipe, war, true);
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        if (running != null) running.close();
        running = null;
        if (probed != null) Files.delete(probed);
    }

    private static FullServer full() {
        if (running == null) throw new IllegalStateException("it was not started");
        return running;
    }

    private static HttpResponse<String> probe(String parameter, String value) {
        return full().site().get("admin", "/api/probe?" + parameter + '=' + URLEncoder.encode(value, UTF_8));
    }

    @Test
    void mailIsSentAsThePortalWithItsPasswordOverTls() throws MessagingException, IOException {
        HttpResponse<String> answer = probe("mail", "alice@company.example");
        assertEquals(200, answer.statusCode(), answer.body());
        Mailbox mailbox = full().mailbox();
        Await.until("the mail is there", () -> !mailbox.messages().isEmpty());
        MimeMessage mail = mailbox.messages().get(0);
        assertEquals("bongsu@portal.example", mail.getFrom()[0].toString());
        assertEquals("alice@company.example", mail.getRecipients(Message.RecipientType.TO)[0].toString());
        assertEquals("A beacon is lit.", mail.getContent().toString().strip());
    }

    @Test
    void theLogSaysWhoComes() {
        Transport.SSE
                .open(full().site(), "alice", List.of("here/*"), null)
                .awaitReady()
                .close();
        StandardServer server = full().server();
        Await.until("the log says it", () -> server.logOfThePortal().contains("alice by sse has come"));
        assertTrue(server.logOfThePortal().contains("; its messages are in PostgreSQL "), server.logOfThePortal());
    }

    @Test
    void whoSubscribesByJmsIsToldWhereTheServerHasIt() {
        HttpResponse<String> answer = probe("text", "beacon");
        if (recipe.hasJms()) {
            assertEquals(200, answer.statusCode(), answer.body());
            assertEquals("beacon", answer.body());
        } else {
            assertEquals(500, answer.statusCode(), answer.body());
            assertTrue(
                    answer.body().contains("jms/bongsu is nowhere")
                            || answer.body().contains("NoClassDefFoundError: jakarta/jms/"),
                    answer.body());
        }
    }
}
