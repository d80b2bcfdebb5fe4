package org.bongsu.log;

import java.util.List;

/** What became of a publication that was not refused. Whatever it says is durable. */
public sealed interface Receipt {

    /** Published now; one id per draft, in their order. */
    record Published(List<Cursor> ids) implements Receipt {}

    /** The same request was published before, under these ids; nothing was published now. */
    record Repeated(List<Cursor> ids) implements Receipt {}

    /** The idempotency key was used before for another content; nothing was published. */
    record KeyReused() implements Receipt {}

    /** A message of it is {@link Draft#isLate late} and it repeats nothing; nothing was published. */
    record Late() implements Receipt {}
}
