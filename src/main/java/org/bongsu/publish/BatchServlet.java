package org.bongsu.publish;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.bongsu.access.Caller;
import org.bongsu.draft.Drafts;
import org.bongsu.http.ApiServlet;
import org.bongsu.http.MediaType;
import org.bongsu.http.Problem;
import org.bongsu.http.Problems;
import org.bongsu.http.RequestBody;
import org.bongsu.http.RequestPath;
import org.bongsu.log.Cursor;
import org.bongsu.log.Draft;
import org.bongsu.log.InvalidInputException;
import org.bongsu.log.Publication;
import org.bongsu.log.Receipt;

/** {@code POST api/messages}: publishes many messages, all or none (§3). */
public final class BatchServlet extends ApiServlet {
    private static final int MAX_REQUEST_BYTES = 4 * 1024 * 1024;

    private final transient Drafts drafts;
    private final transient Publisher publisher;

    public BatchServlet(Drafts drafts, Publisher publisher) {
        super("POST");
        this.drafts = drafts;
        this.publisher = publisher;
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Caller caller = Caller.of(request);
        if (!RequestPath.after(request, "/api/messages/").isEmpty()) {
            throw new Problem(404, "there is nothing to publish to here; a batch goes to api/messages");
        }
        MediaType mediaType = MediaType.of(request);
        boolean isArray = mediaType.name().equals("application/json");
        if (!isArray && !mediaType.name().equals("application/x-ndjson")) {
            throw new Problem(
                            415,
                            (mediaType.name().isEmpty() ? "no Content-Type" : mediaType.name())
                                    + "; allowed: application/json, application/x-ndjson")
                    .field("Content-Type");
        }
        PublishServlet.requireUtf8(mediaType);
        boolean dryRun = Labels.besideJson(request).isDryRun();
        String key = PublishServlet.idempotencyKey(request);
        String text = Decoded.utf8("the JSON", RequestBody.read(request, MAX_REQUEST_BYTES));
        List<Draft> batch = isArray ? drafts.fromArray(caller, text) : drafts.fromLines(caller, text);
        if (dryRun || key == null) requireToCome(batch);
        if (dryRun) {
            StringBuilder json = new StringBuilder("{\"dryRun\":true,\"messages\":");
            char separator = '[';
            for (Draft draft : batch) {
                json.append(separator).append(draft.content());
                separator = ',';
            }
            new Reply(200, null, json.append("]}").toString()).send(response);
            return;
        }
        Publication.Once once = key == null ? null : Drafts.once(caller, key, batch);
        publisher.publish(request, response, batch, once, receipt -> reply(receipt, batch));
    }

    private static void requireToCome(List<Draft> batch) {
        for (int i = 0; i < batch.size(); i++) {
            try {
                Drafts.requireToCome(batch.get(i));
            } catch (InvalidInputException e) {
                throw Problems.of(e).with("index", i);
            }
        }
    }

    private static Reply reply(Receipt receipt, List<Draft> batch) {
        if (receipt instanceof Receipt.Published published) return new Reply(201, null, ids(published.ids(), ""));
        if (receipt instanceof Receipt.Late) requireToCome(batch);
        return new Reply(200, null, ids(PublishServlet.repeated(receipt), ",\"repeated\":true"));
    }

    private static String ids(List<Cursor> ids, String rest) {
        StringBuilder json = new StringBuilder("{\"ids\":");
        char separator = '[';
        for (Cursor id : ids) {
            json.append(separator).append('"').append(id).append('"');
            separator = ',';
        }
        return json.append(']').append(rest).append('}').toString();
    }
}
