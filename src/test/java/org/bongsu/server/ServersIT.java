package org.bongsu.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bongsu.Await;
import org.bongsu.Site;
import org.bongsu.access.WhatACallerMay;
import org.bongsu.access.WhatEndsWithASession;
import org.bongsu.http.Container;
import org.bongsu.reader.Transport;
import org.bongsu.reader.WhatAnyReaderIsOwed;
import org.bongsu.reader.WhatVanishingReadersLeave;
import org.bongsu.websocket.WhatASocketIsTold;
import org.bongsu.websocket.WhatEndsASocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The packaged WAR on each standard server that is wanted ({@code -Dservers=}, {@link Recipes}), black box: over its sockets
 * alone. How it comes and goes there is in {@link DeploymentsIT}; of both there is a table at the end.
 */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("org.bongsu.server.Recipes#wanted")
final class ServersIT {
    @RegisterExtension
    static final Tally TALLY = new Tally(ServersIT.class);

    private static final Pattern STARTED = Pattern.compile("Bongsu has started on (.*); its messages are in ");

    /** The one whose turn it is. */
    private static @Nullable StandardServer server;

    private final Recipe recipe;

    ServersIT(Recipe recipe) {
        this.recipe = recipe;
    }

    @BeforeParameterizedClassInvocation
    static void start(Recipe recipe) {
        TALLY.begin(recipe);
        Map<String, String> settings = new HashMap<>(WhatAnyReaderIsOwed.SETTINGS);
        settings.putAll(WhatACallerMay.SETTINGS);
        StandardServer started = StandardServer.builder(recipe).with(settings).start();
        server = started;
        TALLY.started(started.startedIn());
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (server != null) server.close();
        server = null;
    }

    private boolean does(Deviation deviation) {
        return recipe.deviations().contains(deviation);
    }

    private static Site ofServer() {
        return Objects.requireNonNull(server).site();
    }

    private abstract static class Readers extends WhatAnyReaderIsOwed {
        @Override
        protected Site site() {
            return ofServer();
        }

        @Override
        protected Instant now() {
            return Instant.now();
        }

        @Override
        protected void pass(Duration time) {
            Instant then = Instant.now().plus(time);
            Await.until("it is " + then, () -> Instant.now().isAfter(then));
        }
    }

    @Nested
    final class ReadersBySse extends Readers {
        @Override
        protected Transport transport() {
            return Transport.SSE;
        }
    }

    @Nested
    final class ReadersByWebSocket extends Readers {
        @Override
        protected Transport transport() {
            return Transport.WEBSOCKET;
        }
    }

    @Nested
    final class ReadersByLongPolling extends Readers {
        @Override
        protected Transport transport() {
            return Transport.LONG_POLL;
        }
    }

    @Nested
    final class ReadersByPolling extends Readers {
        @Override
        protected Transport transport() {
            return Transport.POLL;
        }
    }

    @Nested
    final class Callers extends WhatACallerMay {
        @Override
        protected Site site() {
            return ofServer();
        }

        @Override
        protected void assertUnreadable(String answer) {
            if (does(Deviation.DROPS_BAD_CHUNKS)) assertEquals("", answer);
            else if (does(Deviation.ANSWERS_BAD_SYNTAX_ITSELF)) assertIsWithoutAWord(400, answer);
            else super.assertUnreadable(answer);
        }

        @Override
        protected boolean keepsSameSite() {
            return !does(Deviation.HAS_NO_SAME_SITE);
        }

        @Override
        protected void assertBadAddress(String path, String answer) {
            if (does(Deviation.ANSWERS_BAD_SYNTAX_ITSELF) && path.equals("/%")) assertIsWithoutAWord(200, answer);
            else super.assertBadAddress(path, answer);
        }

        private static void assertIsWithoutAWord(int status, String answer) {
            assertTrue(answer.startsWith("HTTP/1.1 " + status + ' '), answer);
            assertTrue(answer.contains("\r\nContent-Length: 0\r\n") && answer.endsWith("\r\n\r\n"), answer);
        }
    }

    @Nested
    final class Sessions extends WhatEndsWithASession {
        @Override
        protected Site site() {
            return ofServer();
        }
    }

    @Nested
    final class Sockets extends WhatASocketIsTold {
        @Override
        protected Site site() {
            return ofServer();
        }

        @Override
        protected boolean namesTheUpgrade() {
            return !does(Deviation.HANGS_AFTER_UPGRADE);
        }

        @Override
        protected boolean refusesCutCharacters() {
            return does(Deviation.REFUSES_CUT_CHARACTERS);
        }
    }

    /** By what it calls itself, which another version may change without a word. */
    @Test
    void thePortalKnowsWhereItIs() {
        StandardServer running = Objects.requireNonNull(server);
        // GlassFish and Payara write what is said a little later.
        Await.until("it has said where it has started", () -> STARTED.matcher(running.logOfThePortal())
                .find());
        Matcher started = STARTED.matcher(running.logOfThePortal());
        assertTrue(started.find());
        assertEquals(recipe.container(), Container.of(started.group(1)), started.group());
    }

    /** With deadlines of ours that are shorter than any server's. */
    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    final class EndsOfSockets extends WhatEndsASocket {
        private StandardServer hurried;

        @BeforeAll
        void start() {
            hurried = StandardServer.builder(recipe).with(SETTINGS).start();
        }

        @AfterAll
        void stop() {
            hurried.close();
        }

        @Override
        protected Site site() {
            return hurried.site();
        }

        @Override
        protected boolean keepsDeafClients() {
            return does(Deviation.KEEPS_DEAF_CLIENTS);
        }
    }

    /** With such deadlines, too. */
    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    final class Vanishing extends WhatVanishingReadersLeave {
        private StandardServer hurried;

        @BeforeAll
        void start() {
            hurried = StandardServer.builder(recipe).with(SETTINGS).start();
        }

        @AfterAll
        void stop() {
            hurried.close();
        }

        @Override
        protected Site site() {
            return hurried.site();
        }

        @Override
        protected boolean keepsDeafClients() {
            return does(Deviation.KEEPS_DEAF_CLIENTS);
        }

        @Override
        protected long openDescriptors() {
            return hurried.openDescriptors();
        }
    }
}
