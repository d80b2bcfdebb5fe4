package org.bongsu.poll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import org.bongsu.log.Cursor;
import org.bongsu.log.Drafts;
import org.bongsu.log.Range;
import org.bongsu.log.ResetReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract §4.2, byte by byte. */
class PollAnswerTest {
    private static final Cursor AT = new Cursor("k7f3a", 1042);

    @Test
    void anAnswerWithNothingHasACursorAndAnEmptyList() {
        assertEquals("{\"cursor\":\"k7f3a-1042\",\"messages\":[]}", text(PollAnswer.of(AT, null, List.of())));
    }

    @ParameterizedTest
    @EnumSource(ResetReason.class)
    void aResetIsAMemberBesideTheMessages(ResetReason reason) {
        assertEquals(
                "{\"cursor\":\"k7f3a-1042\",\"reset\":{\"reason\":\"" + reason.text() + "\"},\"messages\":[]}",
                text(PollAnswer.of(AT, reason, List.of())));
    }

    @Test
    void aRangeIsAnsweredWithTheCursorOfItsLastMessage() {
        Range range = Drafts.range(Drafts.message(7, "a", "하나"), Drafts.message(9, "a", "둘"));

        assertEquals(
                "{\"cursor\":\"e1-9\",\"messages\":[{\"id\":\"e1-7\",\"body\":\"하나\"},{\"id\":\"e1-9\",\"body\":\"둘\"}]}",
                text(range.encoded(PollAnswer.WHOLE)));
        assertSame(range.encoded(PollAnswer.WHOLE), range.encoded(PollAnswer.WHOLE));
    }

    @Test
    void messagesMayFollowAResetInOneAnswer() {
        assertEquals(
                "{\"cursor\":\"e1-7\",\"reset\":{\"reason\":\"epoch\"},\"messages\":[{\"id\":\"e1-7\",\"body\":\"x\"}]}",
                text(PollAnswer.of(new Cursor("e1", 7), ResetReason.EPOCH, List.of(Drafts.message(7, "a", "x")))));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }
}
