package org.bongsu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The judge of the benchmark: what it says of a stream, however the stream comes in pieces. */
final class SubscriberTest {
    private static final int SIZE = 200;

    private final ByteArrayOutputStream stream = new ByteArrayOutputStream();

    @Test
    void aWholeStreamIsFoundWhole() {
        for (int i = 0; i < 6; i++) message(SIZE, 1, i);
        assertSaid(6, 0, 0, 0);
    }

    @Test
    void ofSeveralPublishersEachIsCounted() {
        for (int i = 0; i < 3; i++) {
            message(SIZE, 0, i);
            message(SIZE, 3, i);
        }
        assertSaid(6, 0, 0, 0);
    }

    @Test
    void whatIsMissingIsAGap() {
        for (int i : new int[] {0, 1, 2, 5, 6}) message(SIZE, 1, i);
        assertSaid(5, 2, 0, 0);
    }

    @Test
    void whatComesTwiceIsDoubled() {
        for (int i : new int[] {0, 1, 1, 2, 3, 2}) message(SIZE, 1, i);
        assertSaid(6, 0, 2, 0);
    }

    @Test
    void whatComesLateIsOutOfOrder() {
        for (int i : new int[] {0, 2, 1, 3}) message(SIZE, 1, i);
        assertSaid(4, 0, 0, 1);
    }

    @Test
    void nothingIsOverlookedBehindARecordWithoutAMarker() {
        message(SIZE, 1, 0);
        stream.writeBytes(new byte[SIZE]);
        for (int i = 1; i < 6; i++) message(SIZE, 1, i);
        assertSaid(6, 0, 0, 0);
    }

    @Test
    void nothingIsOverlookedWhereDistancesDiffer() {
        int[] sizes = {SIZE, SIZE, SIZE + 1, 2 * SIZE, SIZE, 3 * SIZE, SIZE, SIZE};
        for (int i = 0; i < sizes.length; i++) message(sizes[i], 1, i);
        assertSaid(sizes.length, 0, 0, 0);
    }

    @Test
    void aMarkerSaysWhatWasWritten() {
        byte[] bytes = new byte[Marker.LENGTH + 3];
        Marker.write(bytes, 3, 0x0123_4567_89ab_cdefL, 0xfe, 0xdcba98);
        assertEquals(0x0123_4567_89ab_cdefL, Marker.due(bytes, 3));
        assertEquals(0xfe, Marker.publisher(bytes, 3));
        assertEquals(0xdcba98, Marker.count(bytes, 3));
    }

    private void message(int size, int publisher, int count) {
        byte[] text = Marker.message(size);
        Marker.write(text, 0, 1_000_000L * count, publisher, count);
        stream.writeBytes(text);
    }

    /** In one piece, and cut in two at every place. */
    private void assertSaid(int delivered, int gaps, int doubles, int disorder) {
        byte[] bytes = stream.toByteArray();
        for (int cut = 0; cut < bytes.length; cut++) {
            Scanner scanner = new Scanner();
            scanner.ledger.begin(4, new int[4]);
            scanner.scan(bytes, 0, cut);
            scanner.scan(bytes, cut, bytes.length);
            Ledger said = scanner.ledger;
            assertEquals(
                    Arrays.asList(delivered, gaps, doubles, disorder),
                    Arrays.asList(said.delivered, said.gaps, said.doubles, said.disorder),
                    "cut at " + cut);
        }
    }

    private static final class Scanner extends Subscriber {
        @Override
        byte[] hello() {
            return new byte[0];
        }

        @Override
        void received(byte[] bytes, int from, int to) {
            scan(bytes, from, to);
        }
    }
}
