package org.bongsu.access;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.StringReader;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bongsu.http.ApiServlet;
import org.bongsu.http.Problem;
import org.bongsu.http.RequestBody;

/**
 * {@code /api/session}: logs in ({@code POST}), out ({@code DELETE}), and tells who one is ({@code GET}).
 *
 * <p>The body is parsed here, since {@code getParameter} would also take the password from the address, where it ends up in
 * logs.
 */
public final class SessionServlet extends ApiServlet {
    private static final int MAX_BODY = 8 * 1024;

    private final transient Sessions sessions;

    public SessionServlet(Sessions sessions) {
        super("GET", "HEAD", "POST", "DELETE");
        this.sessions = sessions;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Caller caller = Caller.of(request);
        StringBuilder json = new StringBuilder("{\"user\":");
        org.bongsu.http.Json.string(json, caller.name()).append(",\"roles\":");
        json.append(caller.roles().stream()
                .map(role -> org.bongsu.http.Json.string(role.text()))
                .sorted()
                .collect(Collectors.joining(",", "[", "]")));
        org.bongsu.http.Json.string(json.append(",\"topic\":"), caller.inbox().name())
                .append('}');
        byte[] body = json.toString().getBytes(StandardCharsets.UTF_8);
        response.setContentType("application/json;charset=UTF-8");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Map<String, String> fields = fields(request);
        // A directory finds people with blanks beside their names, too; the portal would take them for others then.
        fields.computeIfPresent("user", (field, name) -> name.strip());
        String user = required(fields, "user");
        String password = required(fields, "password");
        HttpSession old = request.getSession(false);
        if (old != null) endSession(request, old);
        // The session comes first: some containers only then remember the login in it.
        HttpSession session = request.getSession(true);
        try {
            request.login(user, password);
        } catch (ServletException refused) {
            endSession(request, session);
            throw AccessFilter.wrongPassword();
        }
        // An id that was known before the login is worth nothing after it.
        request.changeSessionId();
        Login login = Login.of(request);
        if (login != null) login.keepIn(request.getSession());
        sessions.admit(request.getSession(), true);
        response.setStatus(204);
    }

    @Override
    protected void doDelete(HttpServletRequest request, HttpServletResponse response) {
        HttpSession session = request.getSession(false);
        if (session != null) endSession(request, session);
        response.setStatus(204);
    }

    private static void endSession(HttpServletRequest request, HttpSession session) {
        Sessions.invalidate(session);
        try {
            request.logout();
        } catch (ServletException nobodyWasLoggedIn) {
            // Then there is nothing to undo.
        }
    }

    private static String required(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null || value.isEmpty()) {
            throw new Problem(400, name + " is missing; allowed: JSON or a form with user and password").field(name);
        }
        return value;
    }

    private static Map<String, String> fields(HttpServletRequest request) {
        String type = request.getContentType();
        String media = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        Map<String, String> fields =
                switch (media) {
                    case "application/json" -> ofJson(body(request));
                    case "application/x-www-form-urlencoded" -> ofForm(body(request));
                    default ->
                        throw new Problem(
                                415,
                                (media.isEmpty() ? "no Content-Type" : '"' + media + '"')
                                        + "; allowed: application/json, application/x-www-form-urlencoded");
                };
        for (String name : fields.keySet()) {
            if (!Set.of("user", "password").contains(name)) {
                throw new Problem(400, '"' + name + "\" is not a field of a login; allowed: user, password")
                        .field(name);
            }
        }
        return fields;
    }

    private static String body(HttpServletRequest request) {
        byte[] bytes = RequestBody.read(request, MAX_BODY);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Problem(400, "the login is not UTF-8");
        }
    }

    private static Map<String, String> ofJson(String text) {
        JsonObject object;
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            object = reader.readObject();
        } catch (JsonException e) {
            // Without the parser's own words: they may quote the password.
            throw new Problem(400, "the login is not a JSON object");
        }
        Map<String, String> fields = new HashMap<>();
        for (Map.Entry<String, JsonValue> member : object.entrySet()) {
            if (!(member.getValue() instanceof JsonString string)) {
                throw new Problem(400, member.getKey() + " is not a string").field(member.getKey());
            }
            fields.put(member.getKey(), string.getString());
        }
        return fields;
    }

    private static Map<String, String> ofForm(String text) {
        Map<String, String> fields = new HashMap<>();
        for (String pair : text.split("&", -1)) {
            if (pair.isEmpty()) continue;
            int equals = pair.indexOf('=');
            try {
                String name = URLDecoder.decode(equals < 0 ? pair : pair.substring(0, equals), StandardCharsets.UTF_8);
                String value = equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
                fields.put(name, value);
            } catch (IllegalArgumentException e) {
                throw new Problem(400, "the login has an escape that is none (a percent sign and two hex digits)");
            }
        }
        return fields;
    }
}
