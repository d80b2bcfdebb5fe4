package org.bongsu.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Reads a WebSocket (RFC 6455), answering pings; any text that the server sends may hold messages. */
final class WebSocketSubscriber extends Subscriber {
    /** Said and heard in turn after the handshake: a text to send once the text before it has been heard. */
    record Step(String hear, String say) {}

    private final byte[] hello;
    private final List<Step> steps;
    private final String readySign;

    private boolean open;
    private int step;

    /** The head of the handshake, then texts before {@link #ready}. */
    private byte[] early = new byte[0];

    // the present frame
    private final byte[] frame = new byte[14];
    private int frameHead;
    private long payloadLeft;
    private byte[] control = new byte[0];
    private int controlLength;

    /** @param readySign heard when the subscription holds; empty: the handshake says so */
    WebSocketSubscriber(String request, List<Step> steps, String readySign) {
        this.hello = ascii(request);
        this.steps = steps;
        this.readySign = readySign;
    }

    @Override
    byte[] hello() {
        return hello;
    }

    @Override
    void received(byte[] bytes, int from, int to) throws IOException {
        if (open) {
            frames(bytes, from, to);
            return;
        }
        early = joined(early, bytes, from, to);
        int end = indexOf(early, 0, early.length, Head.END);
        if (end < 0) return;
        Head head = Head.of(early, 0, end);
        if (head.status() != 101) throw new IOException(head.text().replace("\r\n", " | "));
        byte[] rest = Arrays.copyOfRange(early, end + 4, early.length);
        early = new byte[0];
        open = true;
        if (readySign.isEmpty()) becomeReady();
        frames(rest, 0, rest.length);
    }

    private void frames(byte[] bytes, int from, int to) throws IOException {
        int i = from;
        while (i < to) {
            if (payloadLeft == 0) {
                frame[frameHead++] = bytes[i++];
                if (frameHead < 2) continue;
                int short7 = frame[1] & 127;
                int headLength = short7 == 126 ? 4 : short7 == 127 ? 10 : 2;
                if (frameHead < headLength) continue;
                payloadLeft = short7;
                if (short7 == 126) payloadLeft = ((frame[2] & 0xffL) << 8) | (frame[3] & 0xffL);
                if (short7 == 127) {
                    payloadLeft = 0;
                    for (int k = 2; k < 10; k++) payloadLeft = (payloadLeft << 8) | (frame[k] & 0xffL);
                }
                frameHead = 0;
                if (isControl()) {
                    control = new byte[(int) payloadLeft];
                    controlLength = 0;
                }
                if (payloadLeft == 0) endOfFrame();
                continue;
            }
            int length = (int) Math.min(payloadLeft, to - i);
            if (isControl()) {
                System.arraycopy(bytes, i, control, controlLength, length);
                controlLength += length;
            } else if (ready) {
                scan(bytes, i, i + length);
            } else {
                early = joined(early, bytes, i, i + length);
            }
            i += length;
            payloadLeft -= length;
            if (payloadLeft == 0) endOfFrame();
        }
    }

    private boolean isControl() {
        return (frame[0] & 8) != 0;
    }

    private void endOfFrame() throws IOException {
        switch (frame[0] & 15) {
            case 8 ->
                throw new IOException("the server closed: "
                        + (control.length < 2
                                ? "no code"
                                : (((control[0] & 0xff) << 8) | (control[1] & 0xff)) + " "
                                        + new String(control, 2, control.length - 2, StandardCharsets.UTF_8)));
            case 9 -> send(masked(10, control));
            default -> {
                if (!ready && !isControl()) early();
            }
        }
    }

    private void early() throws IOException {
        String text = new String(early, StandardCharsets.UTF_8);
        early = new byte[0];
        if (step < steps.size() && text.contains(steps.get(step).hear())) {
            send(masked(1, steps.get(step++).say().getBytes(StandardCharsets.UTF_8)));
        } else if (step == steps.size() && text.contains(readySign)) {
            becomeReady();
        } else {
            throw new IOException("unexpected: " + text);
        }
    }

    /** A whole frame from a client: masked, with a mask of zeros. */
    private static byte[] masked(int opcode, byte[] payload) {
        int extended = payload.length < 126 ? 0 : 2;
        byte[] frame = new byte[2 + extended + 4 + payload.length];
        frame[0] = (byte) (0x80 | opcode);
        frame[1] = (byte) (0x80 | (extended == 0 ? payload.length : 126));
        if (extended > 0) {
            frame[2] = (byte) (payload.length >> 8);
            frame[3] = (byte) payload.length;
        }
        System.arraycopy(payload, 0, frame, frame.length - payload.length, payload.length);
        return frame;
    }

    private static byte[] joined(byte[] start, byte[] bytes, int from, int to) {
        byte[] joined = Arrays.copyOf(start, start.length + to - from);
        System.arraycopy(bytes, from, joined, start.length, to - from);
        return joined;
    }
}
