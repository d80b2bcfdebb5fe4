package org.bongsu.server;

/** For files of {@code server-config} that a test makes its own. */
public final class Texts {
    private Texts() {}

    /** @throws AssertionError if there is nothing to replace, or more than one: then the file is another than was thought */
    public static String replaced(String text, String what, String by) {
        int at = text.indexOf(what);
        if (at < 0 || text.indexOf(what, at + 1) >= 0) throw new AssertionError("not once in the file: " + what);
        return text.substring(0, at) + by + text.substring(at + what.length());
    }

    /** @throws AssertionError if there is nothing to replace */
    public static String replacedEverywhere(String text, String what, String by) {
        if (!text.contains(what)) throw new AssertionError("not in the file: " + what);
        return text.replace(what, by);
    }

    /** Has what is in a comment of XML count from there on, where the explanation ends. */
    public static String uncommented(String text, String from) {
        String marked = replaced(text, from, "-->" + from);
        int at = marked.indexOf("-->" + from);
        int end = marked.indexOf("-->", at + 3);
        if (end < 0 || marked.lastIndexOf("<!--", at) <= marked.lastIndexOf("-->", at - 1))
            throw new AssertionError("in no comment: " + from);
        return marked.substring(0, end) + marked.substring(end + 3);
    }
}
