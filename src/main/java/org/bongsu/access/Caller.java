package org.bongsu.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Set;
import org.bongsu.http.Problem;
import org.bongsu.log.Interest;
import org.bongsu.log.Rights;
import org.bongsu.log.Topic;
import org.bongsu.log.TopicPattern;
import org.jspecify.annotations.Nullable;

/**
 * Who is asking, resolved once at the edge and carried along as a request attribute.
 *
 * @param name the principal's name
 * @param roles of {@link Role}
 * @param inbox the caller's own {@code user/…} topic
 * @param readable what the caller may read, as a value shared by all readers with the same rights
 * @param publishable what the caller may publish to
 * @param sessionId the HTTP session that authenticated this request; {@code null} with Basic or Bearer
 */
public record Caller(
        String name,
        Set<Role> roles,
        Topic inbox,
        Rights readable,
        Rights publishable,
        @Nullable String sessionId) {

    private static final String ATTRIBUTE = Caller.class.getName();

    /** Roles that the container maps. */
    public enum Role {
        USER("bongsu-user"),
        PUBLISHER("bongsu-publisher"),
        ADMIN("bongsu-admin");

        private final String text;

        Role(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    /** The caller of a request that has passed the access filter. */
    public static Caller of(HttpServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof Caller caller) return caller;
        throw new Problem(401, "this needs a login: a session (POST api/session) or an Authorization header");
    }

    void attachTo(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /** @throws Problem 403 if a topic is named, without a wildcard, that the caller may not read */
    public void requireReadable(List<TopicPattern> patterns) {
        for (TopicPattern pattern : patterns) {
            if (pattern.isTopic() && !readable.allow(pattern.topic())) {
                throw new Problem(403, name + " may not read " + pattern.text()).field("topic");
            }
        }
    }

    /**
     * What to read for this caller: the one way to make an interest. People whose rights come to the same on these patterns
     * get equal interests, and so share one feed.
     *
     * @throws Problem 403 as {@link #requireReadable}
     */
    public Interest interest(List<TopicPattern> patterns) {
        requireReadable(patterns);
        return new Interest(patterns, readable instanceof Grants grants ? grants.narrowedTo(patterns) : readable);
    }

    /** @throws Problem 403 if the caller may not publish to the topic */
    public void requirePublishable(Topic topic) {
        if (!publishable.allow(topic)) {
            throw new Problem(403, name + " may not publish to " + topic).field("topic");
        }
    }
}
