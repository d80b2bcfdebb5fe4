package org.bongsu.browser;

/** The engines that tests run in. */
public enum EngineKind {
    CHROMIUM,
    FIREFOX,
    WEBKITGTK,
    JAVAFX,

    /** QtWebKit of 2014: the fifth edition of JavaScript and nothing newer. */
    PHANTOMJS_2,

    /** QtWebKit of 2010, with a WebSocket older than RFC 6455 and without {@code Function.prototype.bind}. */
    PHANTOMJS_1;

    /**
     * Starts one, which takes seconds: tests share it where they can, with an {@link EngineRoom}. The test is skipped, loudly,
     * where there is none ({@link Found}).
     */
    public Engine start() {
        return switch (this) {
            case CHROMIUM -> Browser.start("en-US");
            case FIREFOX -> Firefox.start();
            case WEBKITGTK -> WebKitGtk.start();
            case JAVAFX -> JavaFx.start(this);
            case PHANTOMJS_2 -> Phantom.start(this, "phantomjs-2.1.1-linux-x86_64");
            case PHANTOMJS_1 -> Phantom.start(this, "phantomjs-1.9.8-linux-x86_64");
        };
    }
}
