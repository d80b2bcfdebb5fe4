package org.bongsu;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Date;
import org.junit.jupiter.api.Test;

/** The arrows of the architecture page; each test is one of its sentences. */
final class LayersTest {
    private static final JavaClasses PORTAL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.bongsu");

    private static final String[] TRANSPORTS = {"sse", "poll", "websocket", "stomp", "publish", "history"};

    @Test
    void theseRulesSeeThePortal() {
        assertTrue(PORTAL.contain("org.bongsu.log.MessageLog") && PORTAL.contain("org.bongsu.app.Portal"));
        assertFalse(PORTAL.contain("org.bongsu.LayersTest"));
    }

    @Test
    void theLogKnowsJavaAndNothingElse() {
        holds(classes()
                .that()
                .resideInAPackage("org.bongsu.log..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage("org.bongsu.log..", "java..", "org.jspecify..")));
        holds(noClasses()
                .that()
                .resideInAPackage("org.bongsu.log..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "java.net.http.."));
    }

    @Test
    void aStoreKnowsTheLogAndADatabase() {
        holds(noClasses()
                .that()
                .resideInAnyPackage("org.bongsu.store..", "org.bongsu.cluster..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.bongsu..")
                        .and(not(resideInAnyPackage(
                                "org.bongsu.log..", "org.bongsu.store..", "org.bongsu.cluster..")))));
        holds(noClasses()
                .that()
                .resideInAnyPackage("org.bongsu.store..", "org.bongsu.cluster..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta.servlet..", "jakarta.websocket.."));
    }

    @Test
    void theFanOutKnowsTheLogAlone() {
        holds(noClasses()
                .that()
                .resideInAPackage("org.bongsu.fanout..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.bongsu..", "jakarta..")
                        .and(not(resideInAnyPackage("org.bongsu.log..", "org.bongsu.fanout..")))));
    }

    @Test
    void doorsDoNotKnowEachOther() {
        for (String door : TRANSPORTS) {
            holds(noClasses()
                    .that()
                    .resideInAPackage("org.bongsu." + door + "..")
                    .should()
                    .dependOnClassesThat(resideInAPackage("org.bongsu..")
                            .and(not(resideInAnyPackage(
                                    "org.bongsu." + door + "..",
                                    "org.bongsu.log..",
                                    "org.bongsu.draft..",
                                    "org.bongsu.fanout..",
                                    "org.bongsu.http..",
                                    "org.bongsu.access..")))));
        }
    }

    @Test
    void messagesAreCheckedWithoutKnowingTheDoors() {
        holds(noClasses()
                .that()
                .resideInAPackage("org.bongsu.draft..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.bongsu..", "jakarta.servlet..", "jakarta.websocket..")
                        .and(not(resideInAnyPackage(
                                "org.bongsu.draft..",
                                "org.bongsu.access..",
                                "org.bongsu.http..",
                                "org.bongsu.log..")))));
    }

    @Test
    void whoMayDoWhatIsDecidedWithoutKnowingTheDoors() {
        holds(noClasses()
                .that()
                .resideInAPackage("org.bongsu.access..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.bongsu..")
                        .and(not(resideInAnyPackage("org.bongsu.access..", "org.bongsu.http..", "org.bongsu.log..")))));
        holds(noClasses()
                .that()
                .resideInAPackage("org.bongsu.http..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.bongsu..")
                        .and(not(resideInAnyPackage("org.bongsu.http..", "org.bongsu.log..")))));
    }

    @Test
    void nobodyKnowsTheCompositionRoot() {
        holds(noClasses()
                .that()
                .resideOutsideOfPackage("org.bongsu.app..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bongsu.app.."));
    }

    @Test
    void databasesAreSpokenToInStoresAlone() {
        holds(noClasses()
                .that()
                .resideOutsideOfPackages("org.bongsu.store..", "org.bongsu.cluster..", "org.bongsu.app..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.h2.."));
    }

    @Test
    void packagesFormNoCircle() {
        holds(slices().matching("org.bongsu.(*)..").should().beFreeOfCycles());
    }

    @Test
    void theTimeOfDayComesFromOneClock() {
        // A test moves the clock that it hands in; nothing may look at another one. nanoTime measures spans and is
        // free.
        holds(outsideApp().should().callMethod(System.class, "currentTimeMillis"));
        holds(outsideApp().should().callMethod(Instant.class, "now"));
        holds(outsideApp().should().callMethod(LocalDateTime.class, "now"));
        holds(outsideApp().should().callMethod(OffsetDateTime.class, "now"));
        holds(outsideApp().should().callMethod(ZonedDateTime.class, "now"));
        holds(outsideApp().should().callMethod(Clock.class, "systemUTC"));
        holds(outsideApp().should().callMethod(Clock.class, "systemDefaultZone"));
        holds(outsideApp().should().callConstructor(Date.class));
    }

    private static GivenClassesConjunction outsideApp() {
        return noClasses().that().resideOutsideOfPackage("org.bongsu.app..");
    }

    private static void holds(ArchRule rule) {
        rule.allowEmptyShould(true).check(PORTAL);
    }
}
