package org.bongsu.server;

import com.icegreen.greenmail.Managers;
import com.icegreen.greenmail.server.ProtocolHandler;
import com.icegreen.greenmail.smtp.SmtpConnection;
import com.icegreen.greenmail.smtp.SmtpHandler;
import com.icegreen.greenmail.smtp.SmtpManager;
import com.icegreen.greenmail.smtp.SmtpServer;
import com.icegreen.greenmail.smtp.SmtpState;
import com.icegreen.greenmail.smtp.commands.MailCommand;
import com.icegreen.greenmail.smtp.commands.SmtpCommand;
import com.icegreen.greenmail.smtp.commands.SmtpCommandRegistry;
import com.icegreen.greenmail.store.StoredMessage;
import com.icegreen.greenmail.user.UserException;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import javax.net.ssl.SSLServerSocketFactory;
import org.bongsu.Await;
import org.bongsu.LocalAuthority;

/** A company's mail server in this JVM: SMTP over TLS from the first byte on, for one user with a password. */
final class Mailbox implements AutoCloseable {
    static final String USER = "bongsu";
    static final String PASSWORD = "to send";

    private final Managers managers = new Managers();
    private final SmtpServer server;

    /** @param certificate for {@code localhost} */
    Mailbox(LocalAuthority.Issued certificate) {
        SSLServerSocketFactory sockets = certificate.serverContext().getServerSocketFactory();
        ServerSetup setup = new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTPS);
        // By itself it has one certificate for all that this JVM ever starts.
        server = new SmtpServer(setup, managers) {
            @Override
            protected ServerSocket openServerSocket() throws IOException {
                return sockets.createServerSocket(0, 0, InetAddress.getLoopbackAddress());
            }

            @Override
            protected ProtocolHandler createProtocolHandler(Socket client) {
                return new SmtpHandler(new ForUsers(), managers.getSmtpManager(), client);
            }
        };
        try {
            managers.getUserManager().createUser(USER, USER, PASSWORD);
        } catch (UserException e) {
            throw new IllegalStateException(e);
        }
        managers.getUserManager().setAuthRequired(true);
        server.startService();
        try {
            if (!server.waitTillRunning(Await.MILLIS))
                throw new IllegalStateException("the mail server does not start");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** It would take mail from anybody. */
    private static final class ForUsers extends SmtpCommandRegistry {
        @Override
        public SmtpCommand getCommand(String name) {
            SmtpCommand command = super.getCommand(name);
            if (!(command instanceof MailCommand)) return command;
            return new SmtpCommand() {
                @Override
                public void execute(SmtpConnection client, SmtpState state, SmtpManager manager, String line)
                        throws IOException {
                    if (client.isAuthenticated()) command.execute(client, state, manager, line);
                    else client.send("530 5.7.0 Authentication required");
                }
            };
        }
    }

    int port() {
        return server.getPort();
    }

    /** All that it has been given. */
    List<MimeMessage> messages() {
        return managers.getImapHostManager().getAllMessages().stream()
                .map(StoredMessage::getMimeMessage)
                .toList();
    }

    @Override
    public void close() {
        server.stopService();
    }
}
