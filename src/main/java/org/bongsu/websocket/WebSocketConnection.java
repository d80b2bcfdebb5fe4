package org.bongsu.websocket;

import jakarta.websocket.SendHandler;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.bongsu.access.Caller;
import org.bongsu.access.Sessions;
import org.bongsu.draft.Drafts;
import org.bongsu.fanout.Admission;
import org.bongsu.fanout.ByeReason;
import org.bongsu.fanout.Connection;
import org.bongsu.fanout.Courier;
import org.bongsu.fanout.Deadlines;
import org.bongsu.fanout.Follower;
import org.bongsu.fanout.Loop;
import org.bongsu.fanout.Timeout;
import org.bongsu.http.Problem;
import org.bongsu.http.Problems;
import org.bongsu.log.Cursor;
import org.bongsu.log.Draft;
import org.bongsu.log.Interest;
import org.bongsu.log.InvalidInputException;
import org.bongsu.log.MessageLog;
import org.bongsu.log.Position;
import org.bongsu.log.Publication;
import org.bongsu.log.Range;
import org.bongsu.log.Read;
import org.bongsu.log.Reader;
import org.bongsu.log.Receipt;
import org.bongsu.log.ResetReason;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket connection that speaks {@code bongsu.v1}: up to 64 readers, and answers.
 *
 * <p>It holds no messages: when one frame has left, the next range is read from a reader's cursor. Answers wait in a short
 * queue; whoever does not take them is cut.
 *
 * <p>Invariant: at most one send is under way, of whatever kind; most containers allow no more. {@link #gate} says so.
 *
 * <p>Threads: everything belongs to the loop's thread, except where a group of fields says otherwise. The container's
 * threads read a client's frame and check it, then hand it to the loop; whoever completes a send opens the gate.
 */
final class WebSocketConnection implements Connection {
    private static final System.Logger LOGGER = System.getLogger(WebSocketConnection.class.getName());

    /** Of a frame from a client as UTF-8 (§5.1); binary ones too. */
    static final int MAX_RECEIVED_BYTES = 256 * 1024;

    private static final int MAX_SUBSCRIPTIONS = 64;
    private static final int MAX_MESSAGES = 1_000;
    private static final int MAX_BYTES = 16 * 1024;
    private static final int MAX_ANSWERS = 256;
    private static final int FRAMES_PER_SECOND = 50;
    private static final int FRAMES_AT_ONCE = 200;
    /** How long a good-bye may wait for its turn. */
    private static final long GRACE_MILLIS = 2_000;

    private static final long LONGEST_RETRY_MILLIS = 2_000;

    /**
     * How much may be under way to a client that has not yet shown, by a pong, that it has read it, for a blocking send to
     * be tried. Sockets take more than this at once.
     */
    private static final int CREDIT = 48 * 1024;
    /**
     * After so much, less or more by up to a KiB, a pong is asked for. Not earlier, since each pong wakes threads of the server;
     * not later, so that the frame which goes beyond it, of {@link #MAX_BYTES} and a message at most, is still within
     * {@link #CREDIT} and takes the ping along, unless that message is larger than 2 KiB.
     */
    private static final int PING_AFTER = 28 * 1024;

    /** Those who follow the same topics are not to answer all at once. */
    private static final int PING_SPREAD = 2 * 1024;

    private static final int FREE = 0;
    private static final int TAKEN = 1;
    /** Taken, and there is more to send: the loop must be called when the gate opens. */
    private static final int TAKEN_AND_MORE = 2;

    private final String id;
    private final Instant since;
    private final Handshake handshake;
    private final Deadlines deadlines;
    private final Session session;
    private final Loop loop;
    private final Courier courier;
    private final Runnable pump = this::pump;

    // Any thread.
    private final AtomicInteger gate = new AtomicInteger(FREE);
    private final AtomicBoolean released = new AtomicBoolean();
    private volatile long heardAt;
    private volatile long sendingSince;
    /** What a client sends is not listened to any more. */
    private volatile boolean deaf;

    private volatile Sessions.@Nullable Tie tie;

    // The container's receiving thread.
    private final TextAssembly assembly = new TextAssembly(MAX_RECEIVED_BYTES);
    private final Admission frames = new Admission(FRAMES_PER_SECOND, FRAMES_AT_ONCE, System::nanoTime);
    private long binaryBytes;

    // The loop's thread.
    private final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
    /** Those that may have something to read, in the order of their turns. */
    private final Queue<Subscription> ready = new ArrayDeque<>();

    private final Queue<Outgoing> answers = new ArrayDeque<>();
    private boolean pingDue;
    /** A time-out has been set to try again to send a ping. */
    private boolean retrying;

    private final int pingAfter = PING_AFTER + ThreadLocalRandom.current().nextInt(-PING_SPREAD / 2, PING_SPREAD / 2);

    private long pingedAt;
    private long beat;
    private final long renewAt;

    @Nullable private Timeout nextCheck;

    @Nullable private Closing closing;

    // Whoever holds the gate.
    private final Send send = new Send();
    private long sentBytes;
    private long askedAtBytes;

    // Written by whoever holds the gate (asked, asking) and by the container (the others).
    private volatile int asked;
    /** When the first ping was sent since anything was heard. */
    private volatile long askingSince;

    private volatile int answered;
    private volatile long provenBytes;

    WebSocketConnection(Handshake handshake, Session session) {
        this.handshake = handshake;
        this.session = session;
        this.id = handshake.fanOut().newId();
        this.since = handshake.clock().instant();
        this.deadlines = handshake.fanOut().deadlines();
        this.loop = handshake.fanOut().assign();
        this.courier = handshake.threads().courierOf(loop);
        this.beat = deadlines.heartbeatMillis();
        this.heardAt = now();
        this.pingedAt = heardAt;
        // Whoever came with a password has no session that could end: the password is asked for again.
        boolean hasSession = handshake.caller().sessionId() != null;
        this.renewAt = hasSession ? Long.MAX_VALUE : heardAt + deadlines.renewalMillis();
    }

    /** To be called once, first. */
    void open() {
        session.setMaxIdleTimeout(0);
        // A small default is the size of a buffer, which parts do not need to be large; a large one is a limit.
        if (session.getMaxTextMessageBufferSize() > 32 * 1024) {
            session.setMaxTextMessageBufferSize(Math.max(MAX_RECEIVED_BYTES, session.getMaxTextMessageBufferSize()));
        }
        // Tomcat's: how long a blocking send may take, and how long it waits for the answer to a close.
        Map<String, Object> properties = session.getUserProperties();
        properties.put(
                "org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT",
                deadlines.write().toMillis());
        properties.put("org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT", TimeUnit.SECONDS.toMillis(5));
        Sessions.Tie tied = handshake.sessions().tie(handshake.caller().sessionId());
        tie = tied;
        long heartbeat = Math.max(1, deadlines.heartbeat().toSeconds());
        loop.execute(() -> {
            answer(Frames.ready(id, user(), heartbeat));
            nextCheck = loop.schedule(this::check, untilNextCheck(now()));
        });
        handshake.fanOut().add(this);
        tied.onEnd(end -> bye(end == Sessions.End.EXPIRED ? ByeReason.EXPIRED : ByeReason.LOGOUT));
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String user() {
        return handshake.caller().name();
    }

    @Override
    public String transport() {
        return "websocket";
    }

    @Override
    public Instant since() {
        return since;
    }

    @Override
    public void alive() {
        heardAt = now();
    }

    @Override
    public void bye(ByeReason reason) {
        loop.execute(() -> sayBye(reason));
    }

    private void sayBye(ByeReason reason) {
        if (closing != null) return;
        answers.add(Frames.bye(reason));
        close(Closing.after(reason));
    }

    /** The container says that it is over; any of its call-backs may, or none. */
    void gone() {
        release();
    }

    void receiveText(String part, boolean last) {
        heardAt = now();
        if (deaf) return;
        String text;
        try {
            text = assembly.add(part, last);
        } catch (TextAssembly.TooLarge e) {
            closeDeaf(Closing.tooLarge(MAX_RECEIVED_BYTES));
            return;
        }
        if (text == null || !admitFrame()) return;
        RequestReader reader = new RequestReader();
        try {
            obey(reader.read(text));
        } catch (RuntimeException e) {
            refuse(reader.ref(), e);
        }
    }

    void receiveBinary(int length, boolean last) {
        heardAt = now();
        if (deaf) return;
        boolean first = binaryBytes == 0;
        binaryBytes += length;
        if (binaryBytes > MAX_RECEIVED_BYTES) {
            closeDeaf(Closing.tooLarge(MAX_RECEIVED_BYTES));
            return;
        }
        if (last) binaryBytes = 0;
        if (!first || !admitFrame()) return;
        refuse(null, new Problem(415, "binary frames are not understood yet; allowed: text frames with JSON"));
    }

    void receivePong(ByteBuffer data) {
        heardAt = now();
        int number = pongNumber(data);
        if (number < 0 || number != asked || number == answered) return;
        answered = number;
        provenBytes = askedAtBytes;
    }

    private boolean admitFrame() {
        if (frames.admit()) return true;
        closeDeaf(Closing.tooManyFrames());
        return false;
    }

    private void closeDeaf(Closing why) {
        deaf = true;
        loop.execute(() -> close(why));
    }

    /** Does what can be done on the client's own time, then goes to the loop. On the container's receiving thread. */
    private void obey(Request request) {
        Caller caller = handshake.caller();
        if (request instanceof Request.Ping ping) {
            loop.execute(() -> pong(ping.ref()));
        } else if (request instanceof Request.Subscribe subscribe) {
            Interest interest = caller.interest(subscribe.patterns());
            Position after = subscribe.after();
            // A reader that starts anywhere but at the end may ask the store.
            Reader reader = after == null ? null : handshake.log().reader(interest, after);
            loop.execute(() -> subscribe(subscribe, interest, reader));
        } else if (request instanceof Request.Unsubscribe unsubscribe) {
            loop.execute(() -> unsubscribe(unsubscribe));
        } else if (request instanceof Request.Publish publish) {
            publish(caller, publish);
        } else {
            refuse(request.ref(), new Problem(401, "tokens are not built yet"));
            closeDeaf(Closing.notAllowed("tokens are not built yet"));
        }
    }

    private void publish(Caller caller, Request.Publish publish) {
        Draft draft = handshake.drafts().fromJson(publish.topic(), caller, publish.message());
        String key = publish.idempotencyKey();
        if (key == null) Drafts.requireToCome(draft);
        Publication.Once once = key == null ? null : Drafts.once(caller, key, List.of(draft));
        handshake.log().append(new Publication(List.of(draft), once)).whenComplete((receipt, thrown) -> {
            if (thrown != null) {
                refuse(publish.ref(), thrown instanceof CompletionException ? thrown.getCause() : thrown);
            } else if (receipt instanceof Receipt.Published published) {
                loop.execute(() ->
                        answer(Frames.published(publish.ref(), published.ids().get(0))));
            } else if (receipt instanceof Receipt.Repeated repeated) {
                loop.execute(() ->
                        answer(Frames.published(publish.ref(), repeated.ids().get(0))));
            } else if (receipt instanceof Receipt.Late) {
                refuse(publish.ref(), late(draft));
            } else {
                refuse(
                        publish.ref(),
                        new Problem(422, "this idempotencyKey was used for another message within 24 hours")
                                .field("idempotencyKey"));
            }
        });
    }

    private static @Nullable Throwable late(Draft draft) {
        try {
            Drafts.requireToCome(draft);
            return null;
        } catch (InvalidInputException e) {
            return e;
        }
    }

    private void refuse(@Nullable String ref, @Nullable Throwable thrown) {
        Problem problem = Problems.of(thrown == null ? new IllegalStateException("no reason given") : thrown);
        if (problem.status() == 500) LOGGER.log(System.Logger.Level.ERROR, "a frame from a client failed", thrown);
        loop.execute(() -> answer(Frames.error(ref, problem)));
    }

    private void subscribe(Request.Subscribe request, Interest interest, @Nullable Reader fresh) {
        Subscription known = subscriptions.get(request.id());
        if (released.get() || closing != null || (known == null && subscriptions.size() >= MAX_SUBSCRIPTIONS)) {
            if (fresh != null) fresh.close();
            answer(Frames.error(
                    request.ref(),
                    new Problem(400, "too many subscriptions; allowed: " + MAX_SUBSCRIPTIONS)
                            .field("id")
                            .with("limit", MAX_SUBSCRIPTIONS)));
            return;
        }
        Subscription subscription;
        if (known != null && fresh == null) {
            known.follow(interest);
            subscription = known;
        } else {
            if (known != null) known.end();
            MessageLog log = handshake.log();
            subscription =
                    new Subscription(request.id(), fresh == null ? log.reader(interest, Position.Edge.LATEST) : fresh);
            subscriptions.put(request.id(), subscription);
            subscription.join();
        }
        answer(Frames.subscribed(request.ref(), request.id(), subscription.tell()));
        subscription.news(handshake.log().head());
    }

    private void unsubscribe(Request.Unsubscribe request) {
        Subscription known = subscriptions.remove(request.id());
        if (known == null) {
            answer(Frames.error(
                    request.ref(), new Problem(404, "there is no subscription " + request.id()).field("id")));
            return;
        }
        known.end();
        answer(Frames.unsubscribed(request.ref(), request.id()));
    }

    private void pong(@Nullable String ref) {
        long head = handshake.log().head();
        Map<String, Cursor> moved = new LinkedHashMap<>();
        subscriptions.forEach((id, subscription) -> {
            // What is its own goes out before the answer; what is not, it passes over.
            subscription.news(head);
            if (subscription.hasMoved()) moved.put(id, subscription.tell());
        });
        answer(Frames.pong(ref, moved));
    }

    private void answer(Outgoing answer) {
        if (released.get() || closing != null) return;
        if (answers.size() >= MAX_ANSWERS) {
            close(Closing.tooSlow("answers are not being read"));
            return;
        }
        answers.add(answer);
        pump();
    }

    /** Ends in good order: after what is being sent, and the answers that wait. */
    private void close(Closing why) {
        if (closing != null) return;
        closing = why;
        deaf = true;
        pump();
        if (!released.get()) loop.schedule(() -> cut(why), GRACE_MILLIS);
    }

    /** Ends now. */
    private void cut(Closing why) {
        if (!release()) return;
        handshake.threads().close(session, why);
    }

    /** Gives everything up. Any thread; true the first time. */
    private boolean release() {
        if (!released.compareAndSet(false, true)) return false;
        deaf = true;
        handshake.fanOut().remove(this);
        Sessions.Tie tied = tie;
        if (tied != null) tied.close();
        loop.execute(() -> {
            if (nextCheck != null) nextCheck.cancel();
            subscriptions.values().forEach(Subscription::end);
            subscriptions.clear();
            ready.clear();
            answers.clear();
        });
        return true;
    }

    /** Looks after what time brings. */
    private void check() {
        if (released.get()) return;
        long now = now();
        if (gate.get() != FREE && now - sendingSince >= deadlines.write().toMillis()) {
            cut(Closing.tooSlow("nothing could be sent for " + deadlines.write().toSeconds() + " s"));
            return;
        }
        if (isSilent(now)) {
            cut(Closing.tooSlow("silent for " + deadlines.liveness().toSeconds() + " s"));
            return;
        }
        if (now >= renewAt) sayBye(ByeReason.RENEW);
        if (now - pingedAt >= beat) {
            pingedAt = now;
            beat = deadlines.heartbeatMillis();
            pingDue = true;
        }
        if (pingDue) pump();
        nextCheck = loop.schedule(this::check, untilNextCheck(now));
    }

    /** Whether a ping has been sent that was not answered in time; who was sent none owes no answer. */
    private boolean isSilent(long now) {
        long heard = heardAt;
        long asking = askingSince;
        return asking > heard
                && now - asking >= deadlines.heartbeat().toMillis()
                && now - heard >= deadlines.liveness().toMillis();
    }

    /** How long nothing can become due; what begins to count only later cannot have run out before the whole of it has passed. */
    private long untilNextCheck(long now) {
        long write =
                (gate.get() == FREE ? now : sendingSince) + deadlines.write().toMillis();
        long heard = heardAt;
        long asking = askingSince;
        long heartbeat = deadlines.heartbeat().toMillis();
        long liveness = asking > heard
                ? Math.max(asking + heartbeat, heard + deadlines.liveness().toMillis())
                : now + heartbeat;
        long renewal = closing == null ? renewAt : Long.MAX_VALUE;
        return Math.min(Math.min(write, liveness), Math.min(pingedAt + beat, renewal)) - now;
    }

    /** A ping could not go. */
    private void retryPing() {
        if (retrying) return;
        retrying = true;
        loop.schedule(
                () -> {
                    retrying = false;
                    if (pingDue) pump();
                },
                Math.max(
                        20, Math.min(LONGEST_RETRY_MILLIS, deadlines.heartbeat().toMillis() / 8)));
    }

    /** Sends the next frame, if there is one and none is under way. */
    private void pump() {
        if (released.get() || !takeGate()) return;
        boolean courierIsFree = courier.isFree();
        // A ping that could not go along with a frame goes first now, or it would never go while there are frames.
        boolean pingAlone = pingDue && courierIsFree;
        Outgoing next = pingAlone ? null : next();
        if (next == null && !pingAlone) {
            gate.set(FREE);
            if (pingDue) retryPing();
            if (closing != null && answers.isEmpty()) cut(closing);
            return;
        }
        if (next != null) sentBytes += next.bytes();
        long unproven = sentBytes - provenBytes;
        if (asked == answered && unproven >= pingAfter) pingDue = true;
        boolean blocking = courierIsFree && (pingAlone || unproven <= CREDIT);
        boolean withPing = blocking && pingDue;
        if (withPing) {
            pingDue = false;
            pingedAt = now();
        }
        if (pingDue) retryPing();
        if (pingDue || closing != null || !answers.isEmpty() || !ready.isEmpty()) gate.set(TAKEN_AND_MORE);
        sendingSince = now();
        if (blocking) {
            send.frame = next;
            send.ping = withPing;
            courier.hand(send);
        } else if (next != null) {
            send.frame = next;
            send.ping = false;
            send.turnAway();
        }
    }

    /** What is to be sent next: answers first, then the readers in turn. */
    private @Nullable Outgoing next() {
        Outgoing answer = answers.poll();
        if (answer != null || closing != null) return answer;
        for (Subscription subscription = ready.poll(); subscription != null; subscription = ready.poll()) {
            subscription.queued = false;
            Outgoing next = subscription.next();
            if (next != null) return next;
        }
        return null;
    }

    private boolean takeGate() {
        while (true) {
            if (gate.compareAndSet(FREE, TAKEN)) return true;
            if (gate.get() == TAKEN_AND_MORE || gate.compareAndSet(TAKEN, TAKEN_AND_MORE)) return false;
        }
    }

    /** The send is complete. Any thread, also from within the call that sends. */
    private void sent() {
        if (gate.compareAndSet(TAKEN, FREE)) return;
        gate.set(FREE);
        loop.execute(pump);
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private static int pongNumber(ByteBuffer data) {
        if (data.remaining() > 8) return -1;
        byte[] bytes = new byte[data.remaining()];
        data.duplicate().get(bytes);
        try {
            return Integer.parseInt(new String(bytes, StandardCharsets.US_ASCII), Character.MAX_RADIX);
        } catch (NumberFormatException unsolicited) {
            return -1;
        }
    }

    /** The one send under way: a frame, a ping, or the one after the other. Belongs to whoever holds the gate. */
    private final class Send implements Courier.Errand, SendHandler {
        @Nullable Outgoing frame;

        boolean ping;

        /** Sends blocking, which is not expected to block: see {@link #CREDIT}. */
        @Override
        public void carry() {
            try {
                if (frame != null) session.getBasicRemote().sendText(frame.text());
                frame = null;
                if (ping) {
                    int number = asked + 1 & 0xffffff;
                    askedAtBytes = sentBytes;
                    asked = number;
                    byte[] payload =
                            Integer.toString(number, Character.MAX_RADIX).getBytes(StandardCharsets.US_ASCII);
                    if (askingSince <= heardAt) askingSince = now();
                    session.getBasicRemote().sendPing(ByteBuffer.wrap(payload));
                }
            } catch (IOException | RuntimeException e) {
                failed();
                return;
            }
            sent();
        }

        /** Sends without blocking, whatever the state of the socket. A ping cannot be sent so and waits for its turn. */
        @Override
        public void turnAway() {
            if (ping) {
                loop.execute(() -> {
                    pingDue = true;
                    retryPing();
                });
            }
            ping = false;
            Outgoing only = frame;
            frame = null;
            if (only == null) {
                sent();
                return;
            }
            try {
                session.getAsyncRemote().sendText(only.text(), this);
            } catch (RuntimeException e) {
                failed();
            }
        }

        @Override
        public void onResult(jakarta.websocket.SendResult result) {
            if (result.isOK()) sent();
            else failed();
        }

        /** The client has gone, or the container has given it up. No error: it comes back with its cursor. */
        private void failed() {
            cut(Closing.tooSlow("a frame could not be sent"));
        }
    }

    /** One reader under its id. */
    private final class Subscription implements Follower {
        private final MessagesFrame encoder;
        private final Reader reader;
        private long upTo;
        private boolean queued;
        private boolean fetching;
        private boolean ended;
        /** It has not yet come to the end of what there was. */
        private boolean behind = true;

        /** The last place that the client has heard of; the reader may have moved on over what is not for it. */
        private Cursor told;

        private Loop.@Nullable Following following;

        Subscription(String id, Reader reader) {
            this.encoder = new MessagesFrame(id);
            this.reader = reader;
            this.told = reader.position();
        }

        void join() {
            following = loop.follow(reader.feed(), this);
        }

        void follow(Interest interest) {
            if (following != null) following.end();
            reader.follow(interest, told);
            behind = true;
            join();
        }

        /** Where reading goes on, as the client is told now. */
        Cursor tell() {
            told = reader.position();
            return told;
        }

        /** Whether it is farther than the client knows. */
        boolean hasMoved() {
            return reader.position().offset() != told.offset();
        }

        @Override
        public int approach() {
            if (ended) return 0;
            try {
                return reader.approach() + (int) session.getAsyncRemote().getSendTimeout();
            } catch (RuntimeException e) {
                // The session is over.
                return 0;
            }
        }

        @Override
        public void news(long newUpTo) {
            upTo = Math.max(upTo, newUpTo);
            queue();
            pump();
        }

        private void queue() {
            if (queued || ended || fetching) return;
            queued = true;
            ready.add(this);
        }

        @Nullable Outgoing next() {
            if (ended || fetching) return null;
            Read read = reader.next(MAX_MESSAGES, MAX_BYTES, upTo);
            if (read instanceof Range range) {
                told = range.cursor();
                Outgoing frame = range.encoded(encoder);
                // A short range that comes live is all there is: no need to look again before the next news.
                boolean full = range.messages().size() >= MAX_MESSAGES || frame.bytes() >= MAX_BYTES;
                if (behind || full) queue();
                return frame;
            }
            if (read instanceof Read.Reset reset) {
                // Of a trim the client is told without a place, and what it wants next may lie before this reader's.
                if (reset.reason() != ResetReason.TRIMMED) tell();
                behind = true;
                queue();
                return Frames.reset(encoder.id(), reset.reason());
            }
            if (read == Read.Nothing.BEHIND) {
                behind = true;
                fetching = true;
                handshake
                        .log()
                        .fetch(
                                reader,
                                () -> loop.execute(() -> {
                                    fetching = false;
                                    news(handshake.log().head());
                                }));
            } else {
                behind = false;
            }
            return null;
        }

        void end() {
            if (ended) return;
            ended = true;
            if (following != null) following.end();
            reader.close();
        }
    }
}
