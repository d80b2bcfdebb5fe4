package org.bongsu.websocket;

import java.util.Map;
import org.bongsu.fanout.ByeReason;
import org.bongsu.http.Json;
import org.bongsu.http.Problem;
import org.bongsu.http.Problems;
import org.bongsu.log.Cursor;
import org.bongsu.log.ResetReason;
import org.jspecify.annotations.Nullable;

/**
 * The frames of {@code bongsu.v1} that the server sends, except messages.
 *
 * <p>A {@code ref} is JSON text already, as {@link Request} keeps it; {@code null} without one.
 */
final class Frames {
    private Frames() {}

    static Outgoing ready(String connection, String user, long heartbeatSeconds) {
        StringBuilder frame = new StringBuilder("{\"op\":\"ready\",\"connection\":");
        Json.string(frame, connection).append(",\"user\":");
        Json.string(frame, user).append(",\"heartbeat\":").append(heartbeatSeconds);
        return done(frame);
    }

    static Outgoing subscribed(@Nullable String ref, String id, Cursor cursor) {
        StringBuilder frame = op("ok", ref).append(",\"id\":");
        Json.string(frame, id).append(",\"cursor\":\"").append(cursor).append('"');
        return done(frame);
    }

    static Outgoing unsubscribed(@Nullable String ref, String id) {
        return done(Json.string(op("ok", ref).append(",\"id\":"), id));
    }

    static Outgoing published(@Nullable String ref, Cursor message) {
        return done(op("ok", ref).append(",\"message\":\"").append(message).append('"'));
    }

    /** @param moved where readers have come to over what is not for them, by subscription */
    static Outgoing pong(@Nullable String ref, Map<String, Cursor> moved) {
        StringBuilder frame = op("pong", ref);
        String before = ",\"cursors\":{";
        for (Map.Entry<String, Cursor> entry : moved.entrySet()) {
            Json.string(frame.append(before), entry.getKey())
                    .append(":\"")
                    .append(entry.getValue())
                    .append('"');
            before = ",";
        }
        return done(moved.isEmpty() ? frame : frame.append('}'));
    }

    static Outgoing reset(String id, ResetReason reason) {
        StringBuilder frame = Json.string(op("reset", null).append(",\"id\":"), id);
        return done(Json.string(frame.append(",\"reason\":"), reason.text()));
    }

    static Outgoing bye(ByeReason reason) {
        return done(Json.string(op("bye", null).append(",\"reason\":"), reason.text()));
    }

    static Outgoing error(@Nullable String ref, Problem problem) {
        // A problem is an object already; its members move in here, without the type, which says nothing.
        String members = Problems.json(problem).replaceFirst("^\\{\"type\":\"about:blank\",", "");
        return Outgoing.of(op("error", ref).append(',').append(members).toString());
    }

    private static StringBuilder op(String op, @Nullable String ref) {
        StringBuilder frame =
                new StringBuilder(96).append("{\"op\":\"").append(op).append('"');
        return ref == null ? frame : frame.append(",\"ref\":").append(ref);
    }

    private static Outgoing done(StringBuilder frame) {
        return Outgoing.of(frame.append('}').toString());
    }
}
