package org.bongsu.log;

/**
 * Turns a range into what one transport writes.
 *
 * <p>An encoding is made once and shared by all readers of the range, so encoders are values: equal encoders give equal
 * results, and results are never changed.
 */
public interface RangeEncoder<T> {
    T encode(Range range);
}
