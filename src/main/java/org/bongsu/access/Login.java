package org.bongsu.access;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.io.Serializable;
import java.security.Principal;
import java.util.EnumSet;
import java.util.Set;
import org.bongsu.access.Caller.Role;
import org.jspecify.annotations.Nullable;

/**
 * Who has logged in, as the container says.
 *
 * <p>A session keeps it, too: not every container remembers over the next request who logged in through {@link
 * HttpServletRequest#login} (Servlet 6.0 §13.3 leaves that to it; Jetty does not where it checks passwords at each request).
 *
 * @param roles those of the portal alone
 */
record Login(String name, Set<Role> roles) implements Serializable {
    private static final String ATTRIBUTE = "org.bongsu.login";

    Login {
        EnumSet<Role> copy = EnumSet.noneOf(Role.class);
        copy.addAll(roles);
        roles = copy;
    }

    /** @return {@code null} if the container knows nobody */
    static @Nullable Login of(HttpServletRequest request) {
        Principal principal = request.getUserPrincipal();
        if (principal == null) return null;
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (Role role : Role.values()) {
            if (request.isUserInRole(role.text())) roles.add(role);
        }
        return new Login(principal.getName(), roles);
    }

    void keepIn(HttpSession session) {
        session.setAttribute(ATTRIBUTE, this);
    }

    /**
     * To be called when a container has known who it is at a later request: one that remembers decides alone how long. What it
     * no longer knows must not live on in the session.
     *
     * @return the same
     */
    Login forgottenBy(HttpSession session) {
        try {
            if (session.getAttribute(ATTRIBUTE) != null) session.removeAttribute(ATTRIBUTE);
        } catch (IllegalStateException endedMeanwhile) {
            // With all that it has kept.
        }
        return this;
    }

    /** @return {@code null} also if the session has ended in this moment */
    static @Nullable Login keptIn(HttpSession session) {
        try {
            return session.getAttribute(ATTRIBUTE) instanceof Login login ? login : null;
        } catch (IllegalStateException endedMeanwhile) {
            return null;
        }
    }
}
