package org.bongsu.access;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages may use the portal with a person's cookie: its own, and those of the allowed origins.
 *
 * <p>Origins are compared as browsers write them (RFC 6454 §6.2), character by character: no look-alike, other port or
 * other scheme is the same, and whoever writes one differently is no browser.
 */
public final class Origins {
    private static final Pattern HOST = Pattern.compile("[a-z0-9._-]+|\\[[0-9a-f:.]+\\]");

    private final @Nullable String publicOrigin;
    private final Set<String> allowed;

    /**
     * @param publicUrl how browsers reach the portal; {@code null} to go by each request's own scheme, host and port
     * @param allowed foreign origins, as browsers write them
     */
    public Origins(@Nullable String publicUrl, Set<String> allowed) {
        this.publicOrigin = publicUrl == null ? null : originOf(URI.create(publicUrl));
        this.allowed = Set.copyOf(allowed);
    }

    /** Whether a page made this request and is the portal's own. */
    public boolean isOwn(HttpServletRequest request) {
        String origin = sent(request);
        return origin != null && origin.equals(own(request));
    }

    /** Whether a page made this request and may do so with a person's cookie: the portal's own or an allowed one. */
    public boolean isAllowed(HttpServletRequest request) {
        String origin = sent(request);
        return origin != null && (origin.equals(own(request)) || allowed.contains(origin));
    }

    /** Whether a page of an allowed origin other than the portal's own made this request. */
    boolean isAllowedForeign(HttpServletRequest request) {
        String origin = sent(request);
        return origin != null && allowed.contains(origin) && !origin.equals(own(request));
    }

    /** Whether any foreign origin is allowed, so that answers differ by origin. */
    boolean allowsForeign() {
        return !allowed.isEmpty();
    }

    /** Whether the request says which page made it, be it only that it will not tell ({@code null}). */
    public static boolean isStated(HttpServletRequest request) {
        return request.getHeaders("Origin").hasMoreElements();
    }

    /** The portal's own origin as this request's sender sees it; {@code null} if the request names no proper host. */
    public @Nullable String own(HttpServletRequest request) {
        return publicOrigin != null
                ? publicOrigin
                : origin(request.getScheme(), request.getServerName(), request.getServerPort());
    }

    /** The origin of an absolute http or https URL as browsers write it; {@code null} if it is none. */
    public static @Nullable String originOf(URI uri) {
        return uri.getRawUserInfo() != null ? null : origin(uri.getScheme(), uri.getHost(), uri.getPort());
    }

    private static @Nullable String sent(HttpServletRequest request) {
        List<String> origins = Collections.list(request.getHeaders("Origin"));
        return origins.size() == 1 ? origins.get(0) : null;
    }

    private static @Nullable String origin(@Nullable String givenScheme, @Nullable String givenHost, int port) {
        if (givenScheme == null || givenHost == null) return null;
        String scheme = givenScheme.toLowerCase(Locale.ROOT);
        int usualPort;
        switch (scheme) {
            case "http" -> usualPort = 80;
            case "https" -> usualPort = 443;
            default -> {
                return null;
            }
        }
        String host = givenHost.toLowerCase(Locale.ROOT);
        // Some servers give an IPv6 address without its brackets.
        if (host.indexOf(':') >= 0 && host.charAt(0) != '[') host = '[' + host + ']';
        if (!HOST.matcher(host).matches()) return null;
        return scheme + "://" + host + (port <= 0 || port == usualPort ? "" : ":" + port);
    }
}
