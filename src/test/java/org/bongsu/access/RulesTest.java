package org.bongsu.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bongsu.access.Caller.Role;
import org.bongsu.http.Problem;
import org.bongsu.log.Interest;
import org.bongsu.log.Topic;
import org.bongsu.log.TopicPattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RulesTest {

    @ParameterizedTest(name = "{0} as {1}: reads {2} {3}, publishes to it {4}")
    @CsvSource({
        "alice, USER, ops/backups, true, false",
        "alice, USER, chat/general, true, true",
        "alice, USER, chat/general/side, true, true",
        "alice, USER, chat, true, false",
        "alice, USER, user/alice, true, false",
        "alice, USER, user/alice/more, true, false",
        "alice, USER, user/alicea, false, false",
        "alice, USER, user/bob, false, false",
        "alice, USER, User/bob, true, false",
        "kim@REALM, USER, user/kim~40realm, true, false",
        "backup-job, PUBLISHER, ops/backups, false, true",
        "backup-job, PUBLISHER, user/bob, false, true",
        "backup-job, PUBLISHER, user/backup-job, true, true",
        "admin, ADMIN, ops/backups, true, true",
        "admin, ADMIN, user/bob, false, true",
    })
    void byDefaultUsersReadAndChatAndOthersPublish(
            String name, Role role, String topic, boolean reads, boolean publishes) {
        Caller caller = caller(Rules.parse(Rules.DEFAULT), name, role);
        assertEquals(reads, caller.readable().allow(new Topic(topic)), "reads");
        assertEquals(publishes, caller.publishable().allow(new Topic(topic)), "publishes");
    }

    @ParameterizedTest(name = "\"{0}\": alice reads {1} {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "read ops/* user                        | ops/a   | true",
                "read ops/* user                        | ops/a/b | false",
                "read ops/* user                        | news    | false",
                "read ops/* admin                       | ops/a   | false",
                "read ops/* admin, user:Alice           | ops/a   | true",
                "read ops/* user:bob                    | ops/a   | false",
                "publish ops/* user                     | ops/a   | false",
                "read news user; read ops/** user       | ops/a/b | true",
                "read user/** user:alice                | user/bob | false",
                "''                                     | ops/a   | false",
                ";; read  **   user ;                   | ops/a   | true",
            })
    void whatNoRuleAllowsIsForbidden(String rules, String topic, boolean reads) {
        assertEquals(
                reads, caller(Rules.parse(rules), "alice", Role.USER).readable().allow(new Topic(topic)));
    }

    @ParameterizedTest(name = "\"{0}\" is refused: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "read **              | it needs three parts",
                "write ** user        | \"write\" is neither read nor publish",
                "read **/a user       | the segment \"**\" is not allowed",
                "read ** users        | \"users\" is nobody",
                "read ** user:        | \"user:\" is nobody",
                "read ** user,        | \"\" is nobody",
                "read ** anonymous    | not built yet",
            })
    void aRuleThatIsNoneIsNamed(String rules, String complaint) {
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> Rules.parse(rules))
                .getMessage());
        assertTrue(message.contains(complaint), message);
        assertTrue(message.contains(rules), message);
    }

    @Test
    void peopleWithTheSameRightsShareOneFeedOfWhatIsNobodysInbox() {
        Rules rules = Rules.parse(Rules.DEFAULT);
        Caller alice = caller(rules, "alice", Role.USER);
        Caller bob = caller(rules, "bob", Role.USER);
        assertEquals(interest(alice, "ops/*", "chat/general"), interest(bob, "chat/general", "ops/*"));
        assertEquals(interest(alice, "ops/*").hashCode(), interest(bob, "ops/*").hashCode());
        assertNotEquals(interest(alice, "**"), interest(bob, "**"));
        assertNotEquals(interest(alice, "*/x"), interest(bob, "*/x"));
        assertNotEquals(interest(alice, "user/*"), interest(bob, "user/*"));
        assertTrue(interest(alice, "**").matches(new Topic("user/alice")));
    }

    @Test
    void whatTheRulesComeToIsWorkedOutOnceForEachPersonAndAnewWithOtherRoles() {
        Rules rules = Rules.parse(Rules.DEFAULT);
        Rules.Standing asUser = rules.standing("alice", EnumSet.of(Role.USER));
        assertSame(asUser, rules.standing("alice", EnumSet.of(Role.USER)));
        assertFalse(asUser.publishable().allow(new Topic("ops")));
        Rules.Standing asAdmin = rules.standing("alice", EnumSet.of(Role.USER, Role.ADMIN));
        assertTrue(asAdmin.publishable().allow(new Topic("ops")), "as an administrator");
        assertFalse(rules.standing("alice", EnumSet.of(Role.USER)).publishable().allow(new Topic("ops")), "as before");
        assertFalse(
                rules.standing("bob", EnumSet.of(Role.USER)).readable().allow(new Topic("user/alice")), "as herself");
    }

    @Test
    void ofAnyNumberOfPeopleEveryOneKeepsTheirOwnRights() {
        Rules rules = Rules.parse("read ** user:n7");
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 25_000; i++) {
                Rules.Standing standing = rules.standing("n" + i, EnumSet.of(Role.USER));
                assertEquals(i == 7, standing.readable().allow(new Topic("ops")), "n" + i);
                assertEquals("user/n" + i, standing.inbox().name());
            }
        }
    }

    @Test
    void aTopicThatIsNamedAndMayNotBeReadIsRefused() {
        Caller alice = caller(Rules.parse(Rules.DEFAULT), "alice", Role.USER);
        Problem problem = assertThrows(Problem.class, () -> interest(alice, "ops/*", "user/bob"));
        assertEquals(403, problem.status());
        assertTrue(!interest(alice, "user/*").matches(new Topic("user/bob")), "absent under a pattern");
    }

    private static Interest interest(Caller caller, String... patterns) {
        return caller.interest(List.of(patterns).stream().map(TopicPattern::new).toList());
    }

    private static Caller caller(Rules rules, String name, Role role) {
        Set<Role> roles = EnumSet.of(role);
        Rules.Standing standing = rules.standing(name, roles);
        return new Caller(name, roles, standing.inbox(), standing.readable(), standing.publishable(), null);
    }
}
