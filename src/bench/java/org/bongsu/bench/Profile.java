package org.bongsu.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/** Samples the portal's threads with JDK Flight Recorder, for a look at where the time goes. */
final class Profile implements AutoCloseable {
    private static final int SHOWN = 25;

    /** Native methods in which a thread waits rather than works. */
    private static final List<String> WAITING =
            List.of("epollWait", "EPoll.wait", "accept", "park", "Net.poll", "FileInputStream.readBytes");

    private final Portal portal;
    private final Path file;

    private Profile(Portal portal, Path file) throws IOException {
        this.portal = portal;
        this.file = file;
        portal.jcmd("JFR.start", "name=bench", "settings=profile");
    }

    static @Nullable Profile of(List<Contender> contenders) throws IOException {
        for (Contender contender : contenders) {
            if (contender instanceof Portal portal) {
                return new Profile(
                        portal, Files.createTempFile("bench-", ".jfr").toAbsolutePath());
            }
        }
        return null;
    }

    /** The frames that were on top of stacks most often, and the methods of ours that most stacks have. */
    String report(String row) throws IOException {
        portal.jcmd("JFR.dump", "name=bench", "filename=" + file);
        Map<String, Integer> tops = new HashMap<>();
        Map<String, Integer> ours = new HashMap<>();
        Map<String, Integer> threads = new HashMap<>();
        int samples = 0;
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            String kind = event.getEventType().getName();
            if (!kind.equals("jdk.ExecutionSample") && !kind.equals("jdk.NativeMethodSample")) continue;
            RecordedStackTrace stack = event.getStackTrace();
            if (stack == null || stack.getFrames().isEmpty()) continue;
            List<RecordedFrame> frames = stack.getFrames();
            String top = name(frames.get(0));
            if (WAITING.stream().anyMatch(top::contains)) continue;
            samples++;
            tops.merge(top, 1, Integer::sum);
            threads.merge(event.getThread("sampledThread").getJavaName().replaceAll("\\d+", "#"), 1, Integer::sum);
            frames.stream()
                    .map(Profile::name)
                    .filter(name -> name.startsWith("org.bongsu"))
                    .distinct()
                    .forEach(name -> ours.merge(name, 1, Integer::sum));
        }
        return "profile of " + row + ", " + samples + " samples\nthreads\n" + shown(threads, samples) + "top frames\n"
                + shown(tops, samples) + "own methods, with what they call\n" + shown(ours, samples);
    }

    private static String name(RecordedFrame frame) {
        return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
    }

    private static String shown(Map<String, Integer> counts, int samples) {
        StringBuilder text = new StringBuilder();
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(SHOWN)
                .forEach(entry -> text.append(
                        "  %4.1f %%  %s%n".formatted(100.0 * entry.getValue() / Math.max(1, samples), entry.getKey())));
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        portal.jcmd("JFR.stop", "name=bench");
        Files.deleteIfExists(file);
    }
}
