package org.bongsu.proxy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** One kind of proxy, and how to run it. */
interface Proxy {
    List<Proxy> ALL = List.of(new Nginx(), new Httpd(), new HaProxy());

    /** Its folder in {@code server-config}. */
    String folder();

    /** What the program may be called; the environment variable that names one is the first of them in upper case. */
    List<String> programs();

    /** The timeout in the files of {@code server-config}, in seconds. */
    int TIMEOUT = 90;

    /**
     * Writes its files into a place's folder: those of {@code server-config}, for as many portals as there are.
     *
     * @param timeout in seconds, in place of {@link #TIMEOUT}
     */
    void prepare(Place place, List<Integer> portals, int timeout) throws IOException;

    /**
     * Writes those with which administrators begin, with http outside as inside.
     *
     * @param wrong what the page shows as such
     */
    void prepareWrong(Place place, int portal, String wrong) throws IOException;

    /** What starts it there, in the foreground; SIGTERM stops it. */
    List<String> command(Path program, Path folder);

    /** The signal on which it reads its certificates anew and cuts nobody. */
    String reload();
}
