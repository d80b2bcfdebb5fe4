package org.bongsu.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the command line asks for. */
final class Options {
    static final String USAGE = """
            mvn -Pbench -Dbench.args="OPTION ..."        all rows; about 20 minutes
              --rows A,B        only these rows (--list shows them)
              --rounds N        counted rounds of each server, in turn (3)
              --readers N       in place of the row's own number
              --messages N      in place of the row's own number
              --phase P         in place of the row's own: r:MESSAGES:RATE or b:MESSAGES[:INFLIGHT[:CONNECTIONS]]
              --size BYTES      of a message's text (200)
              --only A,B        of bongsu, nchan, raw
              --raw PROGRAM     a raw server: PROGRAM PORT coal
              --loadgen PROGRAM a second client, run on the same servers after each row
              --nginx PROGRAM   (nginx)
              --nchan FILE      ngx_nchan_module.so (/usr/lib/nginx/modules/ngx_nchan_module.so)
              --cookie          a session in place of Basic at every request
              --json            publishes JSON objects in place of bare text
              --jvm OPTION      one more option of the portal's JVM (repeatable)
              --set K=V         a setting, connector.K=V or context.K=V of the portal (repeatable)
              --profile         samples the portal during the counted rounds and prints its hot spots
              --out FILE        writes the table there, too
            """;

    /** Stays away from what the table is made of. */
    static final class Mistake extends Exception {
        private static final long serialVersionUID = 1;

        Mistake(String message) {
            super(message);
        }
    }

    @Nullable List<String> rows;

    int rounds = 3;
    int readers;
    int messages;

    @Nullable Phase phase;

    int size = 200;
    List<String> only = List.of("nchan", "raw", "bongsu");

    @Nullable String raw;

    @Nullable String loadgen;

    String nginx = "nginx";
    String nchan = "/usr/lib/nginx/modules/ngx_nchan_module.so";
    boolean cookie;
    boolean json;
    boolean profile;
    boolean list;
    boolean help;
    final List<String> jvm = new ArrayList<>(Portal.Way.JVM);
    final List<String> settings = new ArrayList<>();

    @Nullable Path out;

    static Options parse(String[] arguments) throws Mistake {
        Options options = new Options();
        for (int i = 0; i < arguments.length; i++) {
            String name = arguments[i];
            switch (name) {
                case "--cookie" -> options.cookie = true;
                case "--json" -> options.json = true;
                case "--profile" -> options.profile = true;
                case "--list" -> options.list = true;
                case "--help" -> options.help = true;
                default -> {
                    if (i + 1 == arguments.length) throw new Mistake(name + " is unknown or lacks its value");
                    options.take(name, arguments[++i]);
                }
            }
        }
        return options;
    }

    private void take(String name, String value) throws Mistake {
        try {
            switch (name) {
                case "--rows" -> rows = List.of(value.split(",", -1));
                case "--rounds" -> rounds = Integer.parseInt(value);
                case "--readers" -> readers = Integer.parseInt(value);
                case "--messages" -> messages = Integer.parseInt(value);
                case "--phase" -> phase = Phase.parse(value);
                case "--size" -> size = Integer.parseInt(value);
                case "--only" -> only = List.of(value.split(",", -1));
                case "--raw" -> raw = value;
                case "--loadgen" -> loadgen = value;
                case "--nginx" -> nginx = value;
                case "--nchan" -> nchan = value;
                case "--jvm" -> jvm.add(value);
                case "--set" -> settings.add(value);
                case "--out" -> out = Path.of(value);
                default -> throw new Mistake(name + " is no option");
            }
        } catch (IllegalArgumentException e) {
            throw new Mistake(name + " " + value + ": " + e.getMessage());
        }
        if (size < 200) throw new Mistake("--size " + size + ": 200 at least, or markers could be overlooked");
        if (rounds < 1) throw new Mistake("--rounds " + rounds + ": 1 at least");
    }

    boolean wants(String row) {
        return rows == null || rows.contains(row);
    }

    boolean includes(String server) {
        return only.contains(server);
    }

    Portal.Way way() throws IOException {
        return new Portal.Way(cookie, json, jvm, settings).onTomcatAsRecommended();
    }
}
