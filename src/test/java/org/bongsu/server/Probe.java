package org.bongsu.server;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.TemporaryTopic;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/**
 * One more servlet in the WAR, by which {@link ResourcesIT} uses what the server's administrator has put into JNDI for the
 * portal: with what is in the server, and in the places at which {@code org.bongsu.app.Jndi} looks for such things.
 */
@WebServlet("/api/probe")
public final class Probe extends HttpServlet {
    private static final long serialVersionUID = 1;

    /** With its one parameter: {@code mail}, to whom; or {@code text}, which is sent over a topic, and answered as it came. */
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        try {
            String mail = request.getParameter("mail");
            response.getWriter().print(mail == null ? Jms.told(request.getParameter("text")) : sent(mail));
        } catch (NamingException | MessagingException | RuntimeException | LinkageError e) {
            response.setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
            e.printStackTrace(response.getWriter());
        }
    }

    private static String sent(String to) throws NamingException, MessagingException {
        Session session = find("mail/bongsu", Session.class);
        Message message = new MimeMessage(session);
        message.setFrom();
        message.setRecipient(Message.RecipientType.TO, new InternetAddress(to));
        message.setSubject("Bongsu");
        message.setText("A beacon is lit.");
        Transport.send(message);
        return "sent";
    }

    /** Apart, for servers that do not know these classes. */
    private static final class Jms {
        static String told(String text) throws NamingException {
            try (JMSContext context =
                    find("jms/bongsu", ConnectionFactory.class).createContext()) {
                TemporaryTopic topic = context.createTemporaryTopic();
                JMSConsumer consumer = context.createConsumer(topic);
                context.createProducer().send(topic, text);
                return consumer.receiveBody(String.class, 60_000);
            }
        }
    }

    @SuppressWarnings("BanJNDI")
    private static <T> T find(String name, Class<T> type) throws NamingException {
        NamingException nowhere = new NamingException(name + " is nowhere");
        for (String place : new String[] {"java:comp/env/" + name, name, "java:/" + name}) {
            try {
                return type.cast(new InitialContext().lookup(place));
            } catch (NamingException | RuntimeException | LinkageError absent) {
                // As in the portal: servers say "not there" in all these ways.
                nowhere.addSuppressed(absent);
            }
        }
        throw nowhere;
    }
}
