package org.bongsu.foreign;

/**
 * Events from lines, for clients that know lines and no events: as much of WHATWG HTML 9.2.6 as our streams take, and as
 * {@code src/docs/clients.md} shows.
 */
final class EventLines {
    private final ForeignClient client;
    private String event = "message";
    private String id = "";
    private String data = "";

    EventLines(ForeignClient client) {
        this.client = client;
    }

    void line(String line) {
        if (line.startsWith("event: ")) event = line.substring(7);
        else if (line.startsWith("id: ")) id = line.substring(4);
        else if (line.startsWith("data: ")) data = line.substring(6);
        else if (line.isEmpty()) {
            if (!data.isEmpty()) client.told(event, id, data);
            event = "message";
            id = "";
            data = "";
        }
    }
}
