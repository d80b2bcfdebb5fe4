package org.bongsu.http;

import jakarta.servlet.http.HttpServletRequest;

/**
 * The path of a request as it was sent.
 *
 * <p>Never {@code getPathInfo}: servers decode it, drop {@code ;parameters} from it and merge its slashes, each in its own
 * way, so that one URL would name different topics on different servers.
 */
public final class RequestPath {
    private RequestPath() {}

    /**
     * What follows {@code prefix}, percent-decoded once. Only letters, digits and {@code . _ ~ -} may be escaped: nothing
     * that would mean another path.
     *
     * @param prefix below the context path, as in {@code /api/topics/}
     * @return empty if nothing follows
     * @throws Problem 404 if the path does not begin with {@code prefix} when taken literally, 400 if it has bad escapes
     */
    public static String after(HttpServletRequest request, String prefix) {
        return after(request.getRequestURI(), request.getContextPath() + prefix);
    }

    static String after(String path, String start) {
        if (path.length() == start.length() - 1 && start.startsWith(path)) return "";
        if (!path.startsWith(start)) throw new Problem(404, "there is nothing at " + path);
        String raw = path.substring(start.length());
        if (raw.indexOf('%') < 0) return raw;
        StringBuilder decoded = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                c = unescaped(raw, i);
                i += 2;
            }
            decoded.append(c);
        }
        return decoded.toString();
    }

    private static char unescaped(String raw, int at) {
        if (at + 2 < raw.length()) {
            int code = Query.hex(raw.charAt(at + 1)) << 4 | Query.hex(raw.charAt(at + 2));
            boolean unreserved = (code >= 'a' && code <= 'z')
                    || (code >= 'A' && code <= 'Z')
                    || (code >= '0' && code <= '9')
                    || code == '.'
                    || code == '_'
                    || code == '~'
                    || code == '-';
            if (unreserved) return (char) code;
        }
        throw new Problem(
                400,
                "the escape at " + raw.substring(at, Math.min(raw.length(), at + 3))
                        + " is not allowed in this path; allowed: A-Z a-z 0-9 . _ ~ - and /");
    }
}
