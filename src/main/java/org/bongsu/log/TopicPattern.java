package org.bongsu.log;

/**
 * What a reader asks for: a topic in which {@code *} stands for one whole segment, or a last segment {@code **} for one
 * or more.
 */
public record TopicPattern(String text) implements Comparable<TopicPattern> {

    /** @throws InvalidInputException if {@code text} is neither a topic nor a pattern */
    public TopicPattern {
        Topic.checkSegments("topic", text, true);
    }

    /** Whether this names exactly one topic. */
    public boolean isTopic() {
        return text.indexOf('*') < 0;
    }

    /** @throws InvalidInputException if this is not one topic, see {@link #isTopic} */
    public Topic topic() {
        return new Topic(text);
    }

    public boolean matches(Topic topic) {
        String name = topic.name();
        int p = 0;
        int n = 0;
        while (true) {
            int patternEnd = endOfSegment(text, p);
            int nameEnd = endOfSegment(name, n);
            int patternLength = patternEnd - p;
            if (patternLength == 2 && text.charAt(p) == '*' && text.charAt(p + 1) == '*') return true;
            boolean anySegment = patternLength == 1 && text.charAt(p) == '*';
            if (!anySegment && (patternLength != nameEnd - n || !text.regionMatches(p, name, n, patternLength))) {
                return false;
            }
            boolean patternDone = patternEnd == text.length();
            boolean nameDone = nameEnd == name.length();
            if (patternDone || nameDone) return patternDone && nameDone;
            p = patternEnd + 1;
            n = nameEnd + 1;
        }
    }

    @Override
    public int compareTo(TopicPattern other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }

    private static int endOfSegment(String path, int from) {
        int end = path.indexOf('/', from);
        return end < 0 ? path.length() : end;
    }
}
