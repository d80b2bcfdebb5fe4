package org.bongsu.network;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection, and the one to the server that belongs to it from the first request on.
 *
 * <p>What the client sends goes down the line {@link #up} to the network's far end, beside the server, where it is read as
 * HTTP; what the server says is read and treated there, and goes to the client down the line {@link #down}. Only the loop's
 * thread.
 */
final class Connection {
    /** What may be on its way in one direction before whoever sends it has to wait. */
    private static final int MOST_BYTES_ON_THE_WAY = 4_000_000;

    private final HostileNetwork network;
    private final Loop loop;
    private final int number;
    private final Random random;
    private final Peer client;
    private @Nullable Peer server;

    private final Line up;
    private final Line down;
    private final HttpReader requests = new HttpReader(new Requests());
    private final HttpReader responses = new HttpReader(new Responses());

    /** Those whose responses are not complete; more than one where a client does not wait. */
    private final Deque<Exchange> exchanges = new ArrayDeque<>();

    /** Of the request that is being read. */
    private boolean requestIsChunked;
    /** The 101 has passed. */
    private boolean isWebSocket;
    /** When it is to be cut as a WebSocket. */
    private @Nullable Long webSocketEnds;

    private End webSocketEnd = End.FIN;

    /** Waits to become a batch. */
    private final ByteArrayOutputStream batch = new ByteArrayOutputStream();

    private Loop.@Nullable Timer batchTimer;

    /** By {@link Loop#now}. */
    private long lastByte = Loop.now();
    /** When the TCP handshake would be over. */
    private long established = Loop.now();

    private Loop.@Nullable Timer alarm;
    /** The server is gone, and an end is on its way to the client. */
    private boolean ending;
    /** Nothing passes any more, and neither side is told. */
    private boolean forgotten;
    /** The client is gone. */
    private boolean left;

    Connection(HostileNetwork network, Loop loop, int number, SocketChannel channel) throws IOException {
        this.network = network;
        this.loop = loop;
        this.number = number;
        random = new Random(number);
        up = new Line(loop, this::arrivedFromClient, this::clientEnded);
        down = new Line(loop, this::toClient, this::endClient);
        client = Peer.accepted(loop, channel, new ClientSide());
        Duration oneWay = oneWay();
        established += 2 * oneWay.toNanos();
        behaviourChanged();
    }

    private Duration oneWay() {
        Behaviour.Latency latency = network.does(Behaviour.Latency.class);
        return latency == null ? Duration.ZERO : latency.oneWay();
    }

    /** When what sets out now is there. */
    private long arrival() {
        return Loop.now() + oneWay().toNanos();
    }

    // The client, near end

    private final class ClientSide implements Peer.Owner {
        @Override
        public void received(ByteBuffer bytes) {
            if (forgotten) return;
            up.send(whenItArrives(), bytes);
            throttle();
        }

        @Override
        public void gone(End how) {
            leave();
            down.clear();
            if (forgotten) network.over(Connection.this);
            else up.end(whenItArrives(), how);
        }

        private long whenItArrives() {
            long now = Loop.now();
            return (established - now > 0 ? established : now) + oneWay().toNanos();
        }

        @Override
        public void drained() {
            throttle();
        }
    }

    private void toClient(ByteBuffer bytes) {
        client.write(bytes);
        throttle();
    }

    private void endClient(End how) {
        client.end(how);
        leave();
        network.over(this);
    }

    private void leave() {
        if (left) return;
        left = true;
        network.left(this);
    }

    private void throttle() {
        Peer to = server;
        client.reads(forgotten || up.onTheWay() + (to == null ? 0 : to.unsent()) < MOST_BYTES_ON_THE_WAY);
        if (to != null) to.reads(forgotten || down.onTheWay() + client.unsent() < MOST_BYTES_ON_THE_WAY);
    }

    // Requests, at the far end

    private void arrivedFromClient(ByteBuffer bytes) {
        if (isOver()) return;
        lastByte = Loop.now();
        try {
            requests.read(bytes);
        } catch (IllegalArgumentException e) {
            cut(End.RST);
        }
        throttle();
    }

    private void clientEnded(End how) {
        exchangesOver();
        ending = true;
        if (alarm != null) alarm.cancel();
        endServer(how);
        network.over(this);
    }

    private void endServer(End how) {
        // A client that closes resets what comes afterwards: so does the close, but not the mere end of one half.
        if (server != null && how == End.FIN) server.leave();
        else if (server != null) server.end(how);
    }

    private final class Requests implements HttpReader.Messages {
        @Override
        public HttpReader.Body head(Head head) {
            if (isOver()) return HttpReader.Body.REST;
            Kind kind = Kind.of(head);
            network.saw(new Request(number, kind, head));
            if (kind == Kind.UPGRADE && network.does(Behaviour.UpgradesSwallowed.class) != null) {
                requestIsChunked = false;
                return HttpReader.Body.REST;
            }
            Behaviour.UpgradesRefused refused = network.does(Behaviour.UpgradesRefused.class);
            if (kind == Kind.UPGRADE && refused != null) {
                answer(refused.status());
                return HttpReader.Body.REST;
            }
            exchanges.add(new Exchange(head, kind, Loop.now()));
            network.began(kind);
            Head sent = network.rewritten(head);
            HttpReader.Body body = HttpReader.Body.of(sent);
            requestIsChunked = body.isChunked();
            toServer(HttpReader.bytes(sent.text() + "\r\n"));
            behaviourChanged();
            return body;
        }

        @Override
        public void content(ByteBuffer bytes) {
            if (isOver() || exchanges.isEmpty()) return;
            if (isWebSocket && !framesPass()) return;
            toServer(requestIsChunked ? chunk(bytes) : bytes);
        }

        @Override
        public void complete() {
            if (requestIsChunked) toServer(HttpReader.bytes("0\r\n\r\n"));
        }
    }

    private void toServer(ByteBuffer bytes) {
        try {
            if (server == null) server = Peer.connecting(loop, network.target(), new ServerSide());
            server.write(bytes);
        } catch (IOException e) {
            cut(End.RST);
        }
    }

    private static ByteBuffer chunk(ByteBuffer content) {
        ByteBuffer size = HttpReader.bytes(Integer.toHexString(content.remaining()) + "\r\n");
        ByteBuffer framed = ByteBuffer.allocate(size.remaining() + content.remaining() + 2);
        return framed.put(size).put(content).put((byte) '\r').put((byte) '\n').flip();
    }

    /** Answers in the server's place, and closes. */
    private void answer(int status) {
        String page = "<html><body><h1>" + status + "</h1><p>This network does not want that.</p></body></html>\n";
        String head = "HTTP/1.1 " + status + " Network\r\nContent-Type: text/html\r\nContent-Length: " + page.length()
                + "\r\nConnection: close\r\n\r\n";
        down.send(arrival(), HttpReader.bytes(head + page));
        batch.reset();
        cut(End.FIN);
    }

    // Responses, at the far end

    private final class ServerSide implements Peer.Owner {
        @Override
        public void received(ByteBuffer bytes) {
            if (isOver()) return;
            lastByte = Loop.now();
            try {
                responses.read(bytes);
            } catch (IllegalArgumentException e) {
                cut(End.RST);
            }
            throttle();
        }

        @Override
        public void gone(End how) {
            if (isOver()) return;
            if (how == End.FIN) responses.end();
            cut(how);
        }

        @Override
        public void drained() {
            throttle();
        }
    }

    private final class Responses implements HttpReader.Messages {
        @Override
        public HttpReader.Body head(Head head) {
            if (isOver()) return HttpReader.Body.REST;
            Exchange exchange = exchanges.peek();
            int status = head.status();
            boolean interim = status < 200 && status != 101;
            if (exchange == null || interim) {
                treated(HttpReader.bytes(head.text() + "\r\n"));
                return exchange == null ? HttpReader.Body.REST : HttpReader.Body.NONE;
            }
            HttpReader.Body body = body(exchange, head);
            exchange.chunked = body.isChunked();
            if (body.framing() == HttpReader.Framing.LENGTH) exchange.bytesLeft = body.length();
            planCut(exchange);
            if (status == 101) upgrade();
            exchange.answered = true;
            if (exchange.bytesLeft > 0 && status != 101 && isBuffered(head)) exchange.waiting = head;
            else treated(HttpReader.bytes(head.text() + "\r\n"));
            if (exchange.bytesToTheCut == 0 && exchange.bytesLeft > 0) cut(exchange.cut);
            return body;
        }

        @Override
        public void content(ByteBuffer bytes) {
            if (isOver()) return;
            Exchange exchange = exchanges.peek();
            if (exchange == null) {
                treated(bytes);
                return;
            }
            if (isWebSocket && !framesPass()) return;
            ByteBuffer passing = bytes.slice(0, (int) Math.min(bytes.remaining(), exchange.bytesToTheCut));
            if (exchange.bytesToTheCut != Long.MAX_VALUE) exchange.bytesToTheCut -= passing.remaining();
            if (exchange.bytesLeft != Long.MAX_VALUE) exchange.bytesLeft -= passing.remaining();
            if (exchange.waiting != null) exchange.gather(passing);
            else if (passing.hasRemaining()) treated(exchange.chunked ? chunk(passing) : passing);
            if (exchange.bytesToTheCut == 0 && exchange.bytesLeft > 0) cut(exchange.cut);
        }

        @Override
        public void complete() {
            Exchange exchange = exchanges.peek();
            // Else it was an interim response, or one that nobody has asked for.
            if (isOver() || exchange == null || !exchange.answered) return;
            if (exchange.waiting != null) {
                byte[] body = exchange.body.toByteArray();
                Head whole = exchange.waiting
                        .without("Transfer-Encoding")
                        .with("Content-Length", Integer.toString(body.length));
                treated(HttpReader.bytes(whole.text() + "\r\n"));
                treated(ByteBuffer.wrap(body));
            } else if (exchange.chunked) {
                treated(HttpReader.bytes("0\r\n\r\n"));
            }
            giveOutBatch();
            exchanges.remove();
            network.ended(exchange.kind);
            behaviourChanged();
        }
    }

    private static HttpReader.Body body(Exchange exchange, Head head) {
        int status = head.status();
        if (status == 101) return HttpReader.Body.REST;
        if (exchange.asksForTheHeadAlone || status == 204 || status == 304) return HttpReader.Body.NONE;
        boolean isFramed = head.header("Content-Length") != null || head.header("Transfer-Encoding") != null;
        return isFramed ? HttpReader.Body.of(head) : HttpReader.Body.REST;
    }

    private void planCut(Exchange exchange) {
        if (!exchange.kind.receives()) return;
        Behaviour.BodyCut exact = network.does(Behaviour.BodyCut.class);
        Behaviour.RandomCuts anywhere = network.does(Behaviour.RandomCuts.class);
        if (exact != null) {
            exchange.bytesToTheCut = exact.after();
            exchange.cut = exact.how();
        } else if (anywhere != null) {
            exchange.bytesToTheCut = new Random(anywhere.seed() ^ random.nextLong()).nextInt(anywhere.within());
            exchange.cut = anywhere.how();
        }
    }

    private void upgrade() {
        isWebSocket = true;
        requests.stopReading();
        requestIsChunked = false;
        Behaviour.WebSocketsCut cut = network.does(Behaviour.WebSocketsCut.class);
        if (cut != null) {
            webSocketEnds = Loop.now() + cut.after().toNanos();
            webSocketEnd = cut.how();
        }
        behaviourChanged();
    }

    private boolean isBuffered(Head head) {
        return network.does(Behaviour.ResponsesBuffered.class) != null
                || (network.does(Behaviour.StreamsBuffered.class) != null
                        && head.says("Content-Type", "text/event-stream"));
    }

    private boolean framesPass() {
        Behaviour.WebSocketsCutAtFirstFrame atOnce = network.does(Behaviour.WebSocketsCutAtFirstFrame.class);
        if (atOnce != null) {
            cut(atOnce.how());
            return false;
        }
        return network.does(Behaviour.FramesSwallowed.class) == null;
    }

    private void treated(ByteBuffer bytes) {
        Behaviour.BatchedBySize bySize = network.does(Behaviour.BatchedBySize.class);
        Behaviour.BatchedByTime byTime = network.does(Behaviour.BatchedByTime.class);
        if (isWebSocket || (bySize == null && byTime == null)) {
            giveOutBatch();
            sendOn(bytes);
            return;
        }
        if (byTime != null && batchTimer == null) batchTimer = loop.after(byTime.longest(), this::giveOutBatch);
        batch.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        if (bySize != null) giveOutBlocks(bySize.bytes());
    }

    private void giveOutBlocks(int size) {
        byte[] gathered = batch.toByteArray();
        int given = gathered.length / size * size;
        if (given == 0) return;
        giveOutBatch(gathered, given);
    }

    private void giveOutBatch() {
        giveOutBatch(batch.toByteArray(), batch.size());
    }

    private void giveOutBatch(byte[] gathered, int length) {
        batch.reset();
        batch.write(gathered, length, gathered.length - length);
        if (batch.size() == 0 && batchTimer != null) {
            batchTimer.cancel();
            batchTimer = null;
        }
        if (length > 0) sendOn(ByteBuffer.wrap(gathered, 0, length));
    }

    private void sendOn(ByteBuffer bytes) {
        Exchange exchange = exchanges.peek();
        if (exchange != null) exchange.isFelt = true;
        down.send(arrival(), bytes);
    }

    // Ends, and what else has its time

    /** Ends it on both sides. What the client has been sent before arrives. */
    void cut(End how) {
        if (isOver()) return;
        giveOutBatch();
        exchangesOver();
        if (alarm != null) alarm.cancel();
        if (how == End.SILENCE) {
            forgotten = true;
            down.clear();
            up.clear();
            throttle();
            return;
        }
        ending = true;
        endServer(how);
        down.end(arrival(), how);
    }

    private boolean isOver() {
        return ending || forgotten;
    }

    private void exchangesOver() {
        exchanges.forEach(exchange -> network.ended(exchange.kind));
        exchanges.clear();
    }

    /** To be called whenever something else may be due first, or the network has changed or fallen silent. */
    void behaviourChanged() {
        up.hold(network.isSilent());
        down.hold(network.isSilent());
        client.hold(network.isSilent());
        down.drip(network.does(Behaviour.Drip.class));
        boolean batches = network.does(Behaviour.BatchedBySize.class) != null
                || network.does(Behaviour.BatchedByTime.class) != null;
        if (!batches) giveOutBatch();
        if (alarm != null) alarm.cancel();
        alarm = null;
        if (!network.isSilent() && !isOver()) endIfDue();
    }

    /** A silence is nobody's idleness. */
    void silenceIsOver() {
        lastByte = Loop.now();
        behaviourChanged();
    }

    private void endIfDue() {
        long now = Loop.now();
        long next = Long.MAX_VALUE;
        Exchange exchange = exchanges.peek();

        Behaviour.IdleCut idle = network.does(Behaviour.IdleCut.class);
        if (idle != null) {
            long left = lastByte + idle.after().toNanos() - now;
            if (left <= 0) {
                cut(idle.how());
                return;
            }
            next = Math.min(next, left);
        }
        Behaviour.LongResponsesCut tooLong = network.does(Behaviour.LongResponsesCut.class);
        if (tooLong != null && exchange != null) {
            long left = exchange.started + tooLong.after().toNanos() - now;
            if (left <= 0) {
                cut(tooLong.how());
                return;
            }
            next = Math.min(next, left);
        }
        Behaviour.LateResponsesReplaced tooLate = network.does(Behaviour.LateResponsesReplaced.class);
        if (tooLate != null && exchange != null && !exchange.isFelt) {
            long left = exchange.started + tooLate.after().toNanos() - now;
            if (left <= 0) {
                answer(tooLate.status());
                return;
            }
            next = Math.min(next, left);
        }
        if (webSocketEnds != null) {
            long left = webSocketEnds - now;
            if (left <= 0) {
                cut(webSocketEnd);
                return;
            }
            next = Math.min(next, left);
        }
        if (next < Long.MAX_VALUE) alarm = loop.at(now + next, this::behaviourChanged);
    }
}
