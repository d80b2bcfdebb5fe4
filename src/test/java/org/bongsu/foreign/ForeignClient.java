package org.bongsu.foreign;

import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import org.bongsu.Site;
import org.bongsu.reader.PortalReader;

/** A client that somebody else wrote: what it says that it has been told, in our words. */
abstract class ForeignClient extends PortalReader {
    private final String name;

    ForeignClient(Order order) {
        name = getClass().getSimpleName() + " of " + order;
    }

    /** An event as an EventSource would have it; {@code id} is empty where none came along. */
    final void told(String event, String id, String data) {
        try {
            tell(event, id, data);
        } catch (JsonException e) {
            ended("told of " + event + " with \"" + data + "\": " + e);
        }
    }

    private void tell(String event, String id, String data) {
        switch (event) {
            case "message" -> tell(new Event.Message(id, Site.json(data)));
            case "ready" -> tell(new Event.Ready(id));
            case "ping" -> tell(new Event.Ping(id));
            case "reset" -> tell(new Event.Reset(Site.json(data).getString("reason")));
            case "bye" -> tell(new Event.Bye(Site.json(data).getString("reason")));
            default -> tell(new Event.End("unknown event " + event + ": " + data));
        }
    }

    /** A frame of {@code bongsu.v1}. */
    final void frame(JsonObject said) {
        switch (said.getString("op")) {
            case "ready" -> {}
            case "ok" -> told("ready", said.getString("cursor"), "");
            case "messages" -> {
                for (JsonValue message : said.getJsonArray("messages")) {
                    told("message", message.asJsonObject().getString("id"), message.toString());
                }
            }
            default -> told(said.getString("op"), "", said.toString());
        }
    }

    /** It does not come back by itself. */
    final void ended(String why) {
        tell(new Event.End(why));
    }

    final void refused(int status) {
        ended(String.valueOf(status));
    }

    @Override
    public final PortalReader awaitReady() {
        Event event = next();
        if (!(event instanceof Event.Ready)) throw new AssertionError(this + " was told first: " + event);
        return this;
    }

    @Override
    public String toString() {
        return name;
    }
}
