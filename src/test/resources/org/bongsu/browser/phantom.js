/*
 * Makes PhantomJS do what org.bongsu.browser.Puppet tells it: posts the last answer to the address given, and gets the next
 * order for it.
 *
 * The requests are this script's own, not those of PhantomJS's web server, which needs a port chosen beforehand, nor reads it
 * orders from its standard input: reading there stops all pages.
 */
/* global phantom, require */
(function () {
    'use strict';

    var orders = require('system').args[1];
    var pages = {};

    /** What PhantomJS does not tell, it is told by the page: which lines on the console are errors. */
    var MARK = 'console.error: ';
    var MARKING = 'var log = console.log; console.error = function () {'
        + ' log.call(console, "' + MARK + '" + Array.prototype.join.call(arguments, " ")); };';

    function ask(answer) {
        var request = new XMLHttpRequest();
        request.open('POST', orders, true);
        request.onreadystatechange = function () {
            if (request.readyState !== 4) return;
            // Nobody is there any more.
            if (request.status !== 200) phantom.exit(1);
            var order = JSON.parse(request.responseText);
            try {
                perform[order.order](order);
            } catch (e) {
                ask({ error: String(e) });
            }
        };
        request.send(JSON.stringify(answer));
    }

    function newPage(beforehand) {
        var page = require('webpage').create();
        page.complaints = [];
        page.settings.webSecurityEnabled = true;
        page.viewportSize = { width: 1280, height: 800 };
        page.onInitialized = function () {
            page.evaluateJavaScript('function () {' + MARKING + beforehand + '\n}');
        };
        page.onError = function (message, trace) {
            page.complaints.push('exception: ' + message + ' ' + JSON.stringify(trace));
        };
        page.onConsoleMessage = function (message) {
            if (message.indexOf(MARK) === 0 || message.indexOf('Refused to ') === 0) page.complaints.push(message);
        };
        return page;
    }

    var perform = {
        open: function (order) {
            var page = pages[order.page] = newPage(order.beforehand);
            page.open(order.argument, function (status) {
                ask(status === 'success' ? {} : { error: order.argument + ' did not load: ' + status });
            });
        },

        load: function (order) {
            pages[order.page].open(order.argument);
            ask({});
        },

        value: function (order) {
            ask({ value: pages[order.page].evaluateJavaScript('function () { return ' + order.argument + '; }') });
        },

        complaints: function (order) {
            ask({ value: pages[order.page].complaints });
        },

        /** Empties all caches, collects the garbage and gives back what is free (QWebSettings::clearMemoryCaches). */
        collect: function (order) {
            pages[order.page].clearMemoryCache();
            ask({});
        },

        close: function (order) {
            pages[order.page].close();
            delete pages[order.page];
            ask({});
        }
    };

    var version = phantom.version;
    ask({ value: [version.major, version.minor, version.patch].join('.') });
}());
