package org.bongsu.log;

/**
 * How far a log goes.
 *
 * @param epoch which history this is
 * @param offset the last message's offset, 0 if there has never been one
 * @param trims grows whenever retention removes something, on whichever node
 */
public record Head(String epoch, long offset, long trims) {}
