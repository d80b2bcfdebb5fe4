package org.bongsu.network;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.bongsu.network.Behaviour.BatchedBySize;
import org.bongsu.network.Behaviour.Drip;
import org.bongsu.network.Behaviour.FramesSwallowed;
import org.bongsu.network.Behaviour.IdleCut;
import org.bongsu.network.Behaviour.LateResponsesReplaced;
import org.bongsu.network.Behaviour.Latency;
import org.bongsu.network.Behaviour.LongResponsesCut;
import org.bongsu.network.Behaviour.RandomCuts;
import org.bongsu.network.Behaviour.ResponsesBuffered;
import org.bongsu.network.Behaviour.StreamsBuffered;
import org.bongsu.network.Behaviour.UpgradesRefused;
import org.bongsu.network.Behaviour.UpgradesSwallowed;
import org.bongsu.network.Behaviour.WebSocketsCut;
import org.bongsu.network.Behaviour.WebSocketsCutAtFirstFrame;

/**
 * A kind of network that there is outside, for tests to be run on each of them:
 * {@code @MethodSource("org.bongsu.network.Preset#all")}.
 *
 * @param name short, and told apart by it
 * @param sentence what it is like to be there
 * @param best the best transport that does its work there, as {@link #all} has it
 */
public record Preset(String name, String sentence, Best best, List<Behaviour> behaviours) {
    /** The ways to receive, the best one first, and the one that always works last. */
    public enum Best {
        WEBSOCKET,
        /** A response that goes on: an EventSource, or an XHR or a fetch that is read as it arrives. */
        EVENT_STREAM,
        LONG_POLL,
        POLL
    }

    public Preset {
        behaviours = List.copyOf(behaviours);
    }

    /** All, with numbers that tests can wait for. The server's heartbeat has to be a second, or idle connections are cut. */
    public static List<Preset> all() {
        Duration aWhile = Duration.ofSeconds(3);
        return List.of(
                direct(),
                latency(Duration.ofMillis(100)),
                drip(64, Duration.ofMillis(5)),
                idleCut(aWhile),
                idleForgotten(aWhile),
                responsesCut(aWhile),
                randomCuts(1),
                streamsBuffered(),
                webSocketRefused(403),
                webSocketRefused(400),
                webSocketRefused(502),
                webSocketBlackHole(),
                webSocketAcceptedThenClosed(),
                webSocketClosedAfter(Duration.ofMillis(300)),
                webSocketSwallowed(),
                webSocketRefused(403).and(latency(Duration.ofMillis(100)), Best.EVENT_STREAM),
                webSocketRefused(403).and(idleCut(aWhile), Best.EVENT_STREAM),
                webSocketRefused(403).and(responsesCut(aWhile), Best.EVENT_STREAM),
                webSocketRefused(403).and(randomCuts(2), Best.EVENT_STREAM),
                webSocketRefused(403).and(streamsBuffered(), Best.LONG_POLL),
                webSocketBlackHole().and(streamsBuffered(), Best.LONG_POLL),
                webSocketSwallowed().and(streamsBuffered(), Best.LONG_POLL),
                webSocketRefused(403).and(responsesBuffered(), Best.LONG_POLL),
                webSocketRefused(403).and(batches(4096), Best.LONG_POLL),
                webSocketRefused(403).and(streamsBuffered(), Best.LONG_POLL).and(gateway(aWhile), Best.LONG_POLL),
                webSocketRefused(403)
                        .and(streamsBuffered(), Best.LONG_POLL)
                        .and(gateway(Duration.ofMillis(500)), Best.POLL));
    }

    /** Does what both do; the names are joined by a plus. */
    public Preset and(Preset other, Best left) {
        return new Preset(
                name + '+' + other.name,
                sentence + ' ' + other.sentence,
                left,
                Stream.concat(behaviours.stream(), other.behaviours.stream()).toList());
    }

    private static Preset preset(String name, Best best, String sentence, Behaviour... behaviours) {
        return new Preset(name, sentence, best, List.of(behaviours));
    }

    public static Preset direct() {
        return preset("direct", Best.WEBSOCKET, "Nothing is in the way.");
    }

    /** A round trip is twice this. */
    public static Preset latency(Duration oneWay) {
        return preset("latency " + text(oneWay), Best.WEBSOCKET, "The server is far away.", new Latency(oneWay));
    }

    public static Preset drip(int bytes, Duration every) {
        String sentence = "To the client there is a narrow line, which cuts everything into crumbs.";
        return preset("drip", Best.WEBSOCKET, sentence, new Drip(bytes, every));
    }

    public static Preset idleCut(Duration after) {
        String sentence = "A firewall resets connections on which nothing is said.";
        return preset("idle cut after " + text(after), Best.WEBSOCKET, sentence, new IdleCut(after, End.RST));
    }

    public static Preset idleForgotten(Duration after) {
        String sentence = "A NAT forgets connections on which nothing is said, and tells nobody.";
        return preset("idle forgotten after " + text(after), Best.WEBSOCKET, sentence, new IdleCut(after, End.SILENCE));
    }

    public static Preset responsesCut(Duration after) {
        String sentence = "A proxy closes whatever lasts longer than it allows, WebSockets too.";
        return preset(
                "responses cut after " + text(after), Best.WEBSOCKET, sentence, new LongResponsesCut(after, End.FIN));
    }

    /** Those that receive, within their first 8 kB. */
    public static Preset randomCuts(long seed) {
        String sentence = "Receiving connections break anywhere, in the middle of a message too.";
        return preset("random cuts", Best.WEBSOCKET, sentence, new RandomCuts(seed, 8192, End.RST));
    }

    public static Preset streamsBuffered() {
        String sentence = "A virus scanner wants to see event streams whole before anybody else does.";
        return preset("streams buffered", Best.WEBSOCKET, sentence, new StreamsBuffered());
    }

    public static Preset responsesBuffered() {
        String sentence = "A virus scanner wants to see every response whole before anybody else does.";
        return preset("responses buffered", Best.WEBSOCKET, sentence, new ResponsesBuffered());
    }

    /** To an event stream it is a buffer that little fills. */
    public static Preset batches(int bytes) {
        String sentence = "A proxy passes responses on in full buffers only.";
        return preset("batches of " + bytes + " bytes", Best.WEBSOCKET, sentence, new BatchedBySize(bytes));
    }

    /** 504 to whatever has had no byte of an answer by then. */
    public static Preset gateway(Duration patience) {
        String sentence = "A gateway gives up responses that have not begun in time.";
        return preset(
                "gateway timeout " + text(patience),
                Best.WEBSOCKET,
                sentence,
                new LateResponsesReplaced(patience, 504));
    }

    public static Preset webSocketRefused(int status) {
        String sentence = "A proxy answers upgrades to WebSocket with an error of its own.";
        return preset("WebSocket refused by " + status, Best.EVENT_STREAM, sentence, new UpgradesRefused(status));
    }

    public static Preset webSocketBlackHole() {
        String sentence = "Upgrades to WebSocket are never answered.";
        return preset("WebSocket black hole", Best.EVENT_STREAM, sentence, new UpgradesSwallowed());
    }

    public static Preset webSocketAcceptedThenClosed() {
        String sentence = "A proxy lets WebSockets open, and closes them as soon as they are used.";
        return preset(
                "WebSocket accepted then closed", Best.EVENT_STREAM, sentence, new WebSocketsCutAtFirstFrame(End.FIN));
    }

    /** Long enough for the first frames; too short to be of use. */
    public static Preset webSocketClosedAfter(Duration time) {
        String sentence = "WebSockets work, and each is closed a moment after it has been opened.";
        return preset(
                "WebSocket closed after " + text(time), Best.EVENT_STREAM, sentence, new WebSocketsCut(time, End.FIN));
    }

    public static Preset webSocketSwallowed() {
        String sentence = "WebSockets open, and no frame ever arrives.";
        return preset("WebSocket swallowed", Best.EVENT_STREAM, sentence, new FramesSwallowed());
    }

    private static String text(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    @Override
    public String toString() {
        return name;
    }
}
