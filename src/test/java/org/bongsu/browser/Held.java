package org.bongsu.browser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a page holds, in bytes, when all garbage has been collected.
 *
 * @param heap of its scripts; -1 where the engine does not tell
 * @param resident of the process that the page runs in, its own and in memory: texts and buffers are there that are no script's
 */
public record Held(long heap, long resident) {
    private static final String RESIDENT = "RssAnon:";

    /** Of the largest of these processes, what is in memory and its own. */
    static long resident(Stream<ProcessHandle> processes) {
        return processes
                .flatMap(process -> file(process, "status").lines())
                .filter(line -> line.startsWith(RESIDENT))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .max()
                .orElseThrow(UnsupportedOperationException::new);
    }

    /** As it shows itself: Chromium's processes change theirs, and Java does not see that. */
    static String command(ProcessHandle process) {
        return file(process, "cmdline");
    }

    private static String file(ProcessHandle process, String name) {
        try {
            return Files.readString(Path.of("/proc", String.valueOf(process.pid()), name));
        } catch (IOException e) {
            // It has ended, or there is no /proc.
            return "";
        }
    }
}
