package org.bongsu.app;

/** A setting that the portal cannot start with. The message names it, its value and what is allowed. */
final class SettingException extends RuntimeException {
    SettingException(String message) {
        super(message);
    }
}
