package org.bongsu.websocket;

import java.time.Clock;
import org.bongsu.access.Caller;
import org.bongsu.access.Sessions;
import org.bongsu.draft.Drafts;
import org.bongsu.fanout.FanOut;
import org.bongsu.log.MessageLog;

/** What an admitted handshake hands over to the endpoint: who it is, and everything that a connection works with. */
record Handshake(
        Caller caller,
        MessageLog log,
        FanOut fanOut,
        Sessions sessions,
        Drafts drafts,
        SendThreads threads,
        Clock clock) {

    /** The name among a session's user properties. */
    static final String PROPERTY = Handshake.class.getName();
}
