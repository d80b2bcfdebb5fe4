package org.bongsu.websocket;

import java.nio.charset.StandardCharsets;
import org.bongsu.http.Json;
import org.bongsu.log.Message;
import org.bongsu.log.Range;
import org.bongsu.log.RangeEncoder;

/**
 * A range as one text frame; one per range and subscription id, so all readers that use the same id share it.
 *
 * @param id of the subscription
 */
record MessagesFrame(String id) implements RangeEncoder<Outgoing> {
    private static final int AROUND = 64;

    @Override
    public Outgoing encode(Range range) {
        int bytes = AROUND + 2 * id.length();
        for (Message message : range.messages()) bytes += message.json().length + 1;
        StringBuilder text = new StringBuilder(bytes);
        Json.string(text.append("{\"op\":\"messages\",\"id\":"), id)
                .append(",\"cursor\":\"")
                .append(range.cursor())
                .append("\",\"messages\":");
        char separator = '[';
        for (Message message : range.messages()) {
            text.append(separator).append(new String(message.json(), StandardCharsets.UTF_8));
            separator = ',';
        }
        return new Outgoing(text.append("]}").toString(), bytes);
    }
}
