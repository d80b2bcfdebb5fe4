package org.bongsu.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import jakarta.servlet.ServletContext;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ClassesTest {
    private final ServletContext context = mock(ServletContext.class);

    @Test
    void theClassesOfTheWarAreFound() {
        resources("/WEB-INF/classes/", "/WEB-INF/classes/org/", "/WEB-INF/classes/logging.properties");
        resources(
                "/WEB-INF/classes/org/",
                "/WEB-INF/classes/org/A.class",
                "/WEB-INF/classes/org/A$B.class",
                "/WEB-INF/classes/org/a/");
        resources(
                "/WEB-INF/classes/org/a/",
                "/WEB-INF/classes/org/a/package-info.class",
                "/WEB-INF/classes/org/a/C.class");
        assertEquals(
                List.of("org.A", "org.A$B", "org.a.C"),
                Classes.names(context).stream().sorted().toList());
    }

    @Test
    void oneThatCannotBeLoadedHindersNothing() {
        resources("/WEB-INF/classes/", "/WEB-INF/classes/NoSuchClass.class");
        Classes.load(context);
    }

    @Test
    void whereTheClassesAreElsewhereThereIsNothingToBeDone() {
        when(context.getResourcePaths("/WEB-INF/classes/")).thenReturn(null);
        assertTrue(Classes.names(context).isEmpty());
    }

    private void resources(String folder, String... paths) {
        when(context.getResourcePaths(folder)).thenReturn(Set.of(paths));
    }
}
