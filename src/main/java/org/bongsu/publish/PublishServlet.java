package org.bongsu.publish;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bongsu.access.Caller;
import org.bongsu.draft.Drafts;
import org.bongsu.draft.Submission;
import org.bongsu.draft.Times;
import org.bongsu.http.ApiServlet;
import org.bongsu.http.Json;
import org.bongsu.http.MediaType;
import org.bongsu.http.Problem;
import org.bongsu.http.RequestBody;
import org.bongsu.http.RequestPath;
import org.bongsu.log.Cursor;
import org.bongsu.log.Draft;
import org.bongsu.log.Publication;
import org.bongsu.log.Receipt;
import org.bongsu.log.Topic;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST api/topics/{topic}}, and {@code PUT} just so: publishes one message (§3).
 *
 * <p>Nothing here may ask for a parameter: a form, which is what {@code curl -d} sends, is a message's body as it stands.
 */
public final class PublishServlet extends ApiServlet {
    /** A raw body may be larger than a message's: its line ends and its charset may shrink. */
    private static final int MAX_REQUEST_BYTES = 256 * 1024;

    private final transient Drafts drafts;
    private final transient Publisher publisher;
    private final @Nullable String publicPath;

    /** @param publicPath the portal's path as clients see it, where a proxy has given it another; without a last slash */
    public PublishServlet(Drafts drafts, Publisher publisher, @Nullable String publicPath) {
        super("POST", "PUT");
        this.drafts = drafts;
        this.publisher = publisher;
        this.publicPath = publicPath;
    }

    @Override
    protected void doPut(HttpServletRequest request, HttpServletResponse response) throws IOException {
        doPost(request, response);
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Caller caller = Caller.of(request);
        Topic topic = new Topic(RequestPath.after(request, "/api/topics/"));
        caller.requirePublishable(topic);
        MediaType mediaType = MediaType.of(request);
        if (mediaType.name().startsWith("multipart/")) {
            throw new Problem(
                    415, mediaType.name() + " is not taken yet; allowed: application/json, or the text itself");
        }
        boolean isJson = mediaType.name().equals("application/json");
        Labels labels = isJson ? Labels.besideJson(request) : Labels.of(request);
        boolean dryRun = labels.isDryRun();
        String key = idempotencyKey(request);
        byte[] body;
        Draft draft;
        String notes;
        if (isJson) {
            requireUtf8(mediaType);
            body = RequestBody.read(request, MAX_REQUEST_BYTES);
            draft = drafts.fromJson(topic, caller, Decoded.utf8("the JSON", body));
            notes = "";
        } else {
            String declared = mediaType.charset();
            Charset charset = declared == null ? null : Decoded.charset(declared);
            body = RequestBody.read(request, MAX_REQUEST_BYTES);
            Decoded text = Decoded.of("body", body, charset);
            Submission submission = new Submission();
            submission.body(text.text());
            if (mediaType.name().equals("text/markdown")) submission.format("markdown");
            labels.applyTo(submission);
            draft = drafts.from(topic, caller, submission);
            notes = notes(text, labels.warnings());
        }
        if (dryRun || key == null) Drafts.requireToCome(draft);
        String rest = reach(publisher.reach().of(topic)) + notes + "}";
        if (dryRun) {
            new Reply(200, null, "{\"dryRun\":true,\"message\":" + draft.content() + rest).send(response);
            return;
        }
        List<Draft> one = List.of(draft);
        Publication.Once once = key == null ? null : Drafts.once(caller, key, one);
        String location = (publicPath == null ? request.getContextPath() : publicPath) + "/api/messages/";
        publisher.publish(request, response, one, once, receipt -> reply(receipt, draft, location, rest));
    }

    private static Reply reply(Receipt receipt, Draft draft, String location, String rest) {
        StringBuilder json = new StringBuilder("{\"id\":\"");
        if (receipt instanceof Receipt.Published published) {
            Cursor id = published.ids().get(0);
            json.append(id).append("\",\"topic\":\"").append(draft.topic());
            json.append("\",\"time\":\"").append(Times.format(draft.time())).append('"');
            return new Reply(201, location + id, json.append(rest).toString());
        }
        if (receipt instanceof Receipt.Late) Drafts.requireToCome(draft);
        Cursor id = firstOf(receipt);
        json.append(id).append("\",\"topic\":\"").append(draft.topic()).append("\",\"repeated\":true");
        return new Reply(200, location + id, json.append(rest).toString());
    }

    private static Cursor firstOf(Receipt receipt) {
        return repeated(receipt).get(0);
    }

    /** @throws Problem 422 if the key stands for another content */
    static List<Cursor> repeated(Receipt receipt) {
        if (receipt instanceof Receipt.Repeated repeated) return repeated.ids();
        throw new Problem(422, "this Idempotency-Key was used before for another content; nothing was published")
                .field("Idempotency-Key");
    }

    static @Nullable String idempotencyKey(HttpServletRequest request) {
        List<String> keys = new ArrayList<>();
        request.getHeaders("Idempotency-Key").asIterator().forEachRemaining(keys::add);
        if (keys.isEmpty()) return null;
        if (keys.size() > 1) {
            throw new Problem(400, keys.size() + " idempotency keys; allowed: one").field("Idempotency-Key");
        }
        String key = HeaderText.decode("Idempotency-Key", keys.get(0)).text();
        Drafts.checkKey(key);
        return key;
    }

    static void requireUtf8(MediaType mediaType) {
        String charset = mediaType.charset();
        if (charset == null || Decoded.charset(charset).equals(StandardCharsets.UTF_8)) return;
        throw new Problem(415, "JSON in " + charset + "; allowed: UTF-8").field("charset");
    }

    private static String reach(Reach.Audience audience) {
        StringBuilder json = new StringBuilder();
        if (audience.readers() != null) json.append(",\"readers\":").append(audience.readers());
        if (audience.online() != null) json.append(",\"online\":").append(audience.online());
        return json.toString();
    }

    private static String notes(Decoded body, List<String> warnings) {
        StringBuilder json = new StringBuilder();
        if (body.isNotUtf8()) Json.string(json.append(",\"charset\":"), body.charsetName());
        if (!warnings.isEmpty()) {
            char separator = '[';
            json.append(",\"warnings\":");
            for (String warning : warnings) {
                Json.string(json.append(separator), warning);
                separator = ',';
            }
            json.append(']');
        }
        return json.toString();
    }
}
