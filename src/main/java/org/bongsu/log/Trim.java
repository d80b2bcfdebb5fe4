package org.bongsu.log;

/**
 * What retention has removed from one topic.
 *
 * @param through no message of the topic up to this offset is promised any more
 * @param version {@link Head#trims} as this trim left it
 */
public record Trim(Topic topic, long through, long version) {}
